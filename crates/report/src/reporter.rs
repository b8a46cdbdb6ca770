//! One receiver of a local stream: what its report blocks say was lost lately (RFC 3550 §6.4.1).

use interceptor_packet::ReportBlockData;

/// How long a packet counts, in seconds: its weight falls to 1/e.
const MEMORY: f64 = 5.0;
/// What fewer packets say is chance, and less of a lost one than this is forgotten.
const MIN_PACKETS: f64 = 20.0;
const MIN_LOST: f64 = 0.1;
/// More packets than this from one block to the next are none: the numbers began anew.
const MAX_PACKETS: u32 = 1 << 16;
/// Where the sum of lost packets stops, in its 24 bits with a sign.
const MAX_LOST: i32 = 0x7f_ffff;
/// A receiver that has reported nothing for so long, in nanoseconds, does not count.
const SILENCE: u64 = 10_000_000_000;

/// What a block came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// Its losses count, if it says anything new.
    Counts,
    /// More lost packets than numbers that have passed; as many count.
    Absurd,
    /// It is older than the one before, and ignored.
    Old,
    /// The numbers began anew: losses count from here.
    Anew,
}

/// The newest block of one receiver, and counts that fade.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reporter {
    ssrc: u32,
    highest: u32,
    lost_sum: i32,
    /// The last block was behind the one before it.
    went_back: bool,
    packets: f64,
    lost: f64,
    /// When it was heard, in nanoseconds since the connection's start.
    heard: u64,
}

impl Reporter {
    /// Of the first block only its sums are kept: nobody knows when they began.
    pub(crate) const fn new(ssrc: u32, block: &ReportBlockData, now: u64) -> Self {
        Self {
            ssrc,
            highest: block.extended_sequence_number,
            lost_sum: block.cumulative_lost,
            went_back: false,
            packets: 0.0,
            lost: 0.0,
            heard: now,
        }
    }

    pub(crate) const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Whether it has left, or tells no more.
    pub(crate) const fn is_silent(&self, now: u64) -> bool {
        now.saturating_sub(self.heard) > SILENCE
    }

    pub(crate) fn receive(&mut self, block: &ReportBlockData, now: u64) -> Said {
        self.fade(now);
        let packets = block.extended_sequence_number.wrapping_sub(self.highest);
        if packets > MAX_PACKETS {
            let behind = packets.wrapping_neg() <= MAX_PACKETS;
            // One that another has overtaken comes alone.
            if behind && !self.went_back {
                self.went_back = true;
                return Said::Old;
            }
            let counts = (self.packets, self.lost);
            *self = Self::new(self.ssrc, block, now);
            (self.packets, self.lost) = counts;
            return Said::Anew;
        }
        let packets = f64::from(packets);
        let lost = if block.cumulative_lost == MAX_LOST {
            packets * f64::from(block.fraction_lost) / 256.0
        } else {
            f64::from(lost_since(self.lost_sum, block.cumulative_lost))
        };
        (self.highest, self.lost_sum) = (block.extended_sequence_number, block.cumulative_lost);
        self.went_back = false;
        self.packets += packets;
        // Packets that came late, or twice, take losses back.
        self.lost = (self.lost + lost.min(packets)).max(0.0).min(self.packets);
        if lost > packets { Said::Absurd } else { Said::Counts }
    }

    /// Lost packets in a million, while enough is known.
    pub(crate) fn ppm(&self, now: u64) -> Option<u32> {
        if self.packets < MIN_PACKETS || self.is_silent(now) {
            return None;
        }
        let lost = if self.lost < MIN_LOST { 0.0 } else { self.lost };
        Some((lost / self.packets * 1e6).round().clamp(0.0, 1e6) as u32)
    }

    /// What was counted counts less by now.
    fn fade(&mut self, now: u64) {
        let seconds = now.saturating_sub(self.heard) as f64 / 1e9;
        let left = (-seconds / MEMORY).exp();
        (self.packets, self.lost) = (self.packets * left, self.lost * left);
        self.heard = now;
    }
}

/// From one sum to the next, also where a peer lets it wrap in its 24 bits.
const fn lost_since(before: i32, sum: i32) -> i32 {
    (sum.wrapping_sub(before) << 8) >> 8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(highest: u32, lost: i32) -> ReportBlockData {
        ReportBlockData { extended_sequence_number: highest, cumulative_lost: lost, ..Default::default() }
    }

    const SECOND: u64 = 1_000_000_000;

    #[test]
    fn losses_are_those_from_block_to_block() {
        let mut reporter = Reporter::new(1, &block(1000, 500), 0);
        assert_eq!(reporter.ppm(0), None, "what was lost before is history");
        assert_eq!(reporter.receive(&block(1019, 510), 0), Said::Counts);
        assert_eq!(reporter.ppm(0), None, "too few");
        assert_eq!(reporter.receive(&block(1100, 510), 0), Said::Counts);
        assert_eq!(reporter.ppm(0), Some(100_000));
        // Late, or twice.
        assert_eq!(reporter.receive(&block(1100, 505), 0), Said::Counts);
        assert_eq!(reporter.ppm(0), Some(50_000));
        reporter.receive(&block(1100, -300), 0);
        assert_eq!(reporter.ppm(0), Some(0));
        assert_eq!(reporter.receive(&block(1200, -290), 0), Said::Counts);
        assert_eq!(reporter.ppm(0), Some(50_000));
    }

    #[test]
    fn no_more_is_lost_than_numbers_have_passed() {
        let mut reporter = Reporter::new(1, &block(0, 0), 0);
        reporter.receive(&block(90, 0), 0);
        assert_eq!(reporter.receive(&block(100, 5000), 0), Said::Absurd);
        assert_eq!(reporter.ppm(0), Some(100_000));
    }

    #[test]
    fn a_third_is_left_after_five_seconds_and_nothing_is_said_after_ten() {
        let mut reporter = Reporter::new(1, &block(0, 0), 0);
        reporter.receive(&block(1000, 500), 0);
        reporter.receive(&block(2000, 500), 5 * SECOND);
        // 500 / e of 1000 / e and 1000.
        assert_eq!(reporter.ppm(5 * SECOND), Some(134_471));
        assert!(reporter.ppm(15 * SECOND).is_some());
        assert_eq!(reporter.ppm(15 * SECOND + 1), None);
    }

    #[test]
    fn a_loss_is_forgotten_in_the_end() {
        let mut reporter = Reporter::new(1, &block(0, 0), 0);
        for second in 1..=12 {
            reporter.receive(&block(1000 * second, 1), u64::from(second) * SECOND);
            let ppm = reporter.ppm(u64::from(second) * SECOND);
            assert_eq!(ppm == Some(0), second > 12, "{second}: {ppm:?}");
        }
        reporter.receive(&block(13_000, 1), 13 * SECOND);
        assert_eq!(reporter.ppm(13 * SECOND), Some(0));
    }

    #[test]
    fn sums_wrap_and_stop() {
        assert_eq!(lost_since(-3, 4), 7);
        assert_eq!(lost_since(0x7f_ffff, -0x80_0000), 1);
        assert_eq!(lost_since(-0x80_0000, 0x7f_ffff), -1);
        let mut reporter = Reporter::new(1, &block(u32::MAX - 9, MAX_LOST), 0);
        reporter.receive(&ReportBlockData { fraction_lost: 64, ..block(90, MAX_LOST) }, 0);
        assert_eq!(reporter.ppm(0), Some(250_000));
    }

    #[test]
    fn one_old_block_is_overtaken_and_two_are_a_restart() {
        let mut reporter = Reporter::new(1, &block(1000, 0), 0);
        assert_eq!(reporter.receive(&block(2000, 100), 0), Said::Counts);
        assert_eq!(reporter.receive(&block(1500, 80), 0), Said::Old);
        assert_eq!(reporter.receive(&block(3000, 200), 0), Said::Counts);
        assert_eq!(reporter.ppm(0), Some(100_000));
        assert_eq!(reporter.receive(&block(10, 0), 0), Said::Old);
        assert_eq!(reporter.receive(&block(20, 0), 0), Said::Anew);
        assert_eq!(reporter.receive(&block(0x8000_0000, 9000), 0), Said::Anew);
        assert_eq!(reporter.ppm(0), Some(100_000), "neither is a loss");
    }
}
