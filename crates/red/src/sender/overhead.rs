//! What redundancy takes of the bit rate, for who shares the rate out.

/// How often it is told at the most, in nanoseconds.
const PERIOD: u64 = 1_000_000_000;

/// Bytes added in the present second, and what was told last.
#[derive(Debug, Default)]
pub(super) struct Overhead {
    bytes: u64,
    /// When the second began, in nanoseconds; 0 before the first packet.
    since: u64,
    told: u64,
}

impl Overhead {
    /// A packet has become larger by so many bytes. Gives the bits per second when a second has passed and they have changed by an
    /// eighth or more.
    #[inline]
    pub(super) fn add(&mut self, bytes: usize, now: u64) -> Option<u64> {
        self.bytes += bytes as u64;
        let passed = now.saturating_sub(self.since);
        if self.since != 0 && passed < PERIOD {
            return None;
        }
        self.end_period(passed, now)
    }

    /// Has anything been told that is to be taken back when RED ends?
    pub(super) const fn has_told(&self) -> bool {
        self.told > 0
    }

    #[cold]
    fn end_period(&mut self, passed: u64, now: u64) -> Option<u64> {
        let first = self.since == 0;
        let bits = self.bytes.saturating_mul(8_000_000) / (passed / 1000).max(1);
        (self.bytes, self.since) = (0, now.max(1));
        let changed = bits.abs_diff(self.told) > self.told / 8;
        if first || !changed {
            return None;
        }
        self.told = bits;
        Some(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_once_a_second_and_only_what_has_changed() {
        let mut overhead = Overhead::default();
        let mut told = vec![];
        // Fifty packets a second: 80 bytes more each, later 160.
        for packet in 0..400_u64 {
            let bytes = if packet < 200 { 80 } else { 160 };
            let bits = overhead.add(bytes, 1 + packet * 20_000_000);
            told.extend(bits.map(|bits| (packet, bits)));
        }
        assert_eq!(told, [(50, 32_000), (250, 64_000)]);
    }
}
