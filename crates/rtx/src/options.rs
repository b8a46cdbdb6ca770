//! What can be set, and its defaults.

use interceptor_core::OptionsError;

/// Options of [`RtxFactory`](crate::RtxFactory); checked when that is made.
///
/// ```
/// use interceptor_rtx::{RtxFactory, RtxOptions};
/// let factory = RtxFactory::new(RtxOptions::default().with_first_sequence_number(Some(1)))?;
/// # Ok::<(), interceptor_rtx::OptionsError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxOptions {
    /// The first sequence number of each local RTX stream, 0..=65 535. Default `None`: drawn from the connection's
    /// seed, as RFC 3550 §5.1 wants it to be hard to guess.
    pub first_sequence_number: Option<u16>,
    /// Bytes of each of the two buffers that retransmissions are written into in turn, 2048..=1 MiB; used again when all
    /// packets in it have left. Default 16 KiB: a dozen packets of 1200 bytes. Nothing is allocated before the first
    /// retransmission.
    pub buffer_bytes: usize,
    /// Repeat packets plainly, on the media SSRC, for a peer that does not take in RTX: a number that is asked for a third time,
    /// each time a round trip after an RTX packet with it; and all of a stream once four such packets in a row, over a second,
    /// have been in vain (sixteen over ten seconds, if some have not). Default: no, as RTX is negotiated. Yes where it is only supposed.
    pub plain_fallback: bool,
}

impl Default for RtxOptions {
    fn default() -> Self {
        Self { first_sequence_number: None, buffer_bytes: 16 << 10, plain_fallback: false }
    }
}

impl RtxOptions {
    /// The first sequence number of each local RTX stream; `None` draws it.
    #[must_use]
    pub const fn with_first_sequence_number(mut self, first: Option<u16>) -> Self {
        self.first_sequence_number = first;
        self
    }

    /// Bytes of each buffer that retransmissions are written into.
    #[must_use]
    pub const fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    /// Repeat packets plainly for a peer that does not take in RTX?
    #[must_use]
    pub const fn with_plain_fallback(mut self, plain_fallback: bool) -> Self {
        self.plain_fallback = plain_fallback;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let right = (2048..=1 << 20).contains(&self.buffer_bytes);
        OptionsError::unless(right, "RtxOptions", "buffer_bytes", self.buffer_bytes, "in 2048..=1048576")
    }
}
