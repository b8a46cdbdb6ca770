//! What one feedback message says, in sum.

use interceptor_core::packet::Ecn;

use crate::{Feedback, FeedbackFormat, Outcome, Time};

/// Longer than any path: a delay beyond comes of a clock that jumped.
const MAX_DELAY_MICROS: i64 = 60_000_000;

/// What one feedback message says, in sum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Digest {
    /// Packets that came.
    pub(super) received: u32,
    /// Packets of them that were told lost before.
    pub(super) recovered: u32,
    /// Packets that are lost.
    pub(super) lost: u32,
    /// Packets that came marked.
    pub(super) marked: u32,
    /// Packets that came with ECT(1), as they left.
    pub(super) ect1: u32,
    /// The receiver speaks of ECN at all.
    pub(super) tells_ecn: bool,
    /// Bytes that came unmarked, or of which nothing was said.
    pub(super) delivered_bytes: u64,
    /// The least and the greatest delay of a packet on its way, in seconds between two clocks.
    pub(super) delays: Option<(f64, f64)>,
    /// From the newest packet's leaving to the message's coming, in seconds.
    pub(super) rtt: Option<f64>,
    /// By how much longer the mean packet took until it was told of, in seconds.
    pub(super) hold: f64,
}

impl Digest {
    pub(super) fn of(now: Time, feedback: &Feedback<'_>) -> Self {
        let mut digest = Self { tells_ecn: feedback.format == FeedbackFormat::Ccfb, ..Self::default() };
        let (mut ages, mut newest) = (0.0, f64::INFINITY);
        for packet in feedback.packets {
            match packet.outcome {
                Outcome::Lost => digest.lost = digest.lost.saturating_add(1),
                Outcome::Unknown => digest.delivered_bytes += u64::from(packet.bytes),
                Outcome::Received { at, ecn } => {
                    digest.arrived(packet.bytes, ecn);
                    let age = seconds(now.since(packet.sent)).clamp(0.0, seconds(MAX_DELAY_MICROS));
                    ages += age;
                    newest = age.min(newest);
                    match at {
                        _ if packet.was_lost => digest.recovered += 1,
                        Some(at) => digest.delayed(seconds(at.since(packet.sent))),
                        None => {}
                    }
                }
            }
        }
        if digest.received > 0 {
            let rtt = feedback.rtt.map_or(newest, |rtt| rtt.as_secs_f64()).min(seconds(MAX_DELAY_MICROS));
            digest.rtt = Some(rtt);
            digest.hold = (ages / f64::from(digest.received) - rtt).max(0.0);
        }
        digest
    }

    fn arrived(&mut self, bytes: u32, ecn: Ecn) {
        self.received += 1;
        match ecn {
            Ecn::Ce => self.marked += 1,
            Ecn::Ect1 => self.ect1 += 1,
            Ecn::NotEct | Ecn::Ect0 => {}
        }
        if ecn != Ecn::Ce {
            self.delivered_bytes += u64::from(bytes);
        }
    }

    fn delayed(&mut self, delay: f64) {
        let (least, greatest) = self.delays.unwrap_or((delay, delay));
        self.delays = Some((least.min(delay), greatest.max(delay)));
    }
}

/// Microseconds as seconds.
pub(super) fn seconds(micros: i64) -> f64 {
    micros as f64 * 1e-6
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::scream::tests::{at, feedback, lost, received, unknown};

    use super::*;

    #[test]
    fn sums_up_what_a_message_says() {
        let late = crate::PacketOutcome { was_lost: true, ..received(0, 10, 500, Ecn::NotEct) };
        let packets = [
            late,
            received(1, 10, 60, Ecn::Ect1),
            lost(2, 15),
            unknown(3, 20),
            received(4, 20, 75, Ecn::Ce),
            received(5, 40, 92, Ecn::Ect1),
        ];
        let mut told = feedback(&packets, 3000);
        told.rtt = Some(Duration::from_millis(110));
        let digest = Digest::of(at(150), &told);
        assert_eq!((digest.received, digest.recovered, digest.lost), (4, 1, 1));
        assert_eq!((digest.marked, digest.ect1), (1, 2));
        assert_eq!(digest.delivered_bytes, 4 * 1200, "all but the lost and the marked");
        let (least, greatest) = digest.delays.unwrap();
        assert!((least - 0.050).abs() < 1e-9 && (greatest - 0.055).abs() < 1e-9, "a late packet is no queue");
        // 140, 140, 130 and 110 ms until they were told of, in the mean 20 more than the newest.
        assert_eq!(digest.rtt, Some(0.110));
        assert!((digest.hold - 0.020).abs() < 1e-9, "{}", digest.hold);
        assert!(!digest.tells_ecn);
    }

    #[test]
    fn nothing_received_tells_no_times() {
        let digest = Digest::of(at(100), &feedback(&[lost(0, 1), unknown(1, 2)], 0));
        assert_eq!((digest.rtt, digest.delays, digest.received, digest.lost), (None, None, 0, 1));
    }
}
