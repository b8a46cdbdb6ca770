//! What can be set, its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

use crate::Copies;

/// What becomes of RED packets that come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The primary payload goes on, and lost packets are made of the redundant ones.
    #[default]
    Decode,
    /// Everything goes on as it is: for a forwarder whose subscribers take RED themselves.
    Pass,
    /// The primary payload goes on, and the redundant ones are dropped unread: for a forwarder that repairs by other means.
    Strip,
}

/// Options of [`RedReceiverFactory`](crate::RedReceiverFactory).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedReceiverOptions {
    /// What becomes of RED packets. Default [`Mode::Decode`].
    pub mode: Mode,
}

impl RedReceiverOptions {
    /// What becomes of RED packets.
    #[must_use]
    pub const fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }
}

/// Which older payloads go along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redundancy {
    /// As many as the path's losses ask for ([`Loss`](interceptor_core::Loss)), one to three.
    #[default]
    Adaptive,
    /// As many as the stream's description says ([`RedInfo::levels`](interceptor_core::RedInfo::levels)), at most three.
    Described,
    /// These.
    Fixed(Copies),
}

/// Options of [`RedSenderFactory`](crate::RedSenderFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedSenderOptions {
    /// Which older payloads each packet repeats. Each takes the bit rate of the media once more. Default
    /// [`Redundancy::Adaptive`]: so many that at most 0.1 % of the packets are lost with all their copies.
    pub redundancy: Redundancy,
    /// Payloads older than this are not repeated, 10 ms..=2 s. Default 200 ms: later nobody waits for them. A block reaches
    /// back 16 383 ticks at most (RFC 2198 §3), 341 ms at 48 kHz.
    pub max_age: Duration,
    /// Bytes of each of the two buffers that packets are written into in turn, 2048..=1 MiB; used again when all packets in it
    /// have left and no history keeps them. Default 64 KiB: seconds of sound. Nothing is allocated before the first packet.
    pub buffer_bytes: usize,
}

impl Default for RedSenderOptions {
    fn default() -> Self {
        Self { redundancy: Redundancy::Adaptive, max_age: Duration::from_millis(200), buffer_bytes: 64 << 10 }
    }
}

impl RedSenderOptions {
    /// Which older payloads each packet repeats.
    #[must_use]
    pub const fn with_redundancy(mut self, redundancy: Redundancy) -> Self {
        self.redundancy = redundancy;
        self
    }

    /// The age beyond which payloads are not repeated.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    /// Bytes of each buffer that packets are written into.
    #[must_use]
    pub const fn with_buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = bytes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let (least, most) = (Duration::from_millis(10), Duration::from_secs(2));
        let right = (least..=most).contains(&self.max_age);
        OptionsError::unless(right, "RedSenderOptions", "max_age", self.max_age, "in 10ms..=2s")?;
        let right = (2048..=1 << 20).contains(&self.buffer_bytes);
        OptionsError::unless(
            right,
            "RedSenderOptions",
            "buffer_bytes",
            self.buffer_bytes,
            "in 2048..=1048576",
        )
    }
}
