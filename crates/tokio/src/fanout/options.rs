//! When a subscriber is too slow for all that it is to get.

use interceptor_core::OptionsError;
use interceptor_rewriter::{OutgoingStream, Rewriter, RewriterOptions};

/// When a [`Fanout`](super::Fanout) sends a subscriber less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FanoutOptions {
    /// With more packets than this waiting for a subscriber's transport only layer 0 is sent, until half as many wait; 1..=65 536.
    /// Default 64, a quarter of a session's default [`send_queue`](crate::SessionOptions::send_queue): two large frames. More
    /// rides out longer stalls, and is as much older when it arrives.
    pub thin_above_packets: usize,
    /// What the rewriter of each subscriber remembers.
    pub rewriter: RewriterOptions,
}

impl Default for FanoutOptions {
    fn default() -> Self {
        Self { thin_above_packets: 64, rewriter: RewriterOptions::default() }
    }
}

impl FanoutOptions {
    /// With how many packets waiting upper layers are left out. See [`thin_above_packets`](Self::thin_above_packets).
    #[must_use]
    pub const fn with_thin_above_packets(mut self, packets: usize) -> Self {
        self.thin_above_packets = packets;
        self
    }

    /// What the rewriter of each subscriber remembers.
    #[must_use]
    pub const fn with_rewriter(mut self, rewriter: RewriterOptions) -> Self {
        self.rewriter = rewriter;
        self
    }

    pub(super) fn check(&self) -> Result<(), OptionsError> {
        let packets = self.thin_above_packets;
        let right = (1..=65_536).contains(&packets);
        OptionsError::unless(right, "FanoutOptions", "thin_above_packets", packets, "in 1..=65536")?;
        self.rewriter(OutgoingStream::new(0, 0)).map(|_| ())
    }

    /// A subscriber's rewriter.
    pub(super) fn rewriter(&self, stream: OutgoingStream) -> Result<Rewriter, OptionsError> {
        Rewriter::new(stream, self.rewriter).map_err(|wrong| {
            let mut error = OptionsError::new("RewriterOptions", wrong.field, 0, wrong.range);
            error.value = wrong.value;
            error
        })
    }
}
