//! What can be set of [`Duplicate`](crate::Duplicate), its defaults and its bounds.

use std::time::Duration;

use interceptor_core::OptionsError;

/// A copy of each packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CopyTo {
    /// The path that it leaves by; 0, which the packet itself leaves by, only with a delay.
    pub path: u8,
    /// How much later than the packet it leaves, 0..=5 s.
    pub delay: Duration,
}

impl CopyTo {
    /// At once, over another path.
    #[must_use]
    pub const fn path(path: u8) -> Self {
        Self { path, delay: Duration::ZERO }
    }

    /// So much later: a gap in all paths at one time does not hit both (RFC 7197).
    #[must_use]
    pub const fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// Options of [`DuplicateFactory`](crate::DuplicateFactory); checked when that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicateOptions {
    /// The copies of each packet, up to 7. Default: one, at once, over path 1, as SMPTE ST 2022-7 has it. Each costs the packet's rate once more.
    pub copies: Vec<CopyTo>,
    /// Is RTCP copied too, over each other path at once? Default: yes: a path that is dead must not take reports and requests with it.
    pub rtcp: bool,
    /// Copies that wait at most, of all delays together, 1..=65 536. Default 8192: 10 000 packets a second, delayed by 800 ms.
    pub max_waiting_packets: usize,
    /// Their bytes at most, headers and payloads, 1500..=1 GiB. Default 4 MiB: 160 Mbit/s, delayed by 200 ms. What is over is not copied.
    pub max_waiting_bytes: usize,
}

impl Default for DuplicateOptions {
    fn default() -> Self {
        let copies = vec![CopyTo::path(1)];
        Self { copies, rtcp: true, max_waiting_packets: 8192, max_waiting_bytes: 4 << 20 }
    }
}

impl DuplicateOptions {
    /// These copies, and no others.
    #[must_use]
    pub fn with_copies(mut self, copies: impl IntoIterator<Item = CopyTo>) -> Self {
        self.copies = copies.into_iter().collect();
        self
    }

    /// Is RTCP copied too?
    #[must_use]
    pub const fn with_rtcp(mut self, copied: bool) -> Self {
        self.rtcp = copied;
        self
    }

    /// Copies that wait at most.
    #[must_use]
    pub const fn with_max_waiting_packets(mut self, packets: usize) -> Self {
        self.max_waiting_packets = packets;
        self
    }

    /// Bytes of copies that wait at most.
    #[must_use]
    pub const fn with_max_waiting_bytes(mut self, bytes: usize) -> Self {
        self.max_waiting_bytes = bytes;
        self
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let check = |right, field, value: &dyn std::fmt::Debug, range| {
            OptionsError::unless(right, "DuplicateOptions", field, value, range)
        };
        let late = |copy: &CopyTo| copy.delay <= Duration::from_secs(5);
        let elsewhere = |copy: &CopyTo| copy.path != 0 || !copy.delay.is_zero();
        check((1..=7).contains(&self.copies.len()), "copies", &self.copies.len(), "1..=7 of them")?;
        check(self.copies.iter().all(late), "copies.delay", &self.copies, "in 0s..=5s")?;
        check(self.copies.iter().all(elsewhere), "copies.path", &self.copies, "not 0 without a delay")?;
        let packets = (1..=65_536).contains(&self.max_waiting_packets);
        check(packets, "max_waiting_packets", &self.max_waiting_packets, "in 1..=65536")?;
        let bytes = (1500..=1 << 30).contains(&self.max_waiting_bytes);
        check(bytes, "max_waiting_bytes", &self.max_waiting_bytes, "in 1500..=1073741824")
    }
}
