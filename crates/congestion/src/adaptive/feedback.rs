//! What the packets of a feedback add up to.

use interceptor_core::packet::Ecn;

use super::Adaptive;
use super::clock::millis;
use super::delay::Delays;
use super::ecn::Marked;
use crate::{Feedback, Outcome, PacketOutcome, Time};

/// What the round-trip time takes of each packet's.
const RTT_SHARE: f64 = 0.1;
/// A round trip counts for no more than this, in ms: what comes later was lost and found.
const LONGEST_RTT_MS: f64 = 10_000.0;

/// What the packets of a feedback add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// Bytes that came, and that were told lost, of packets not told lost before.
    pub(super) received: f64,
    pub(super) lost: f64,
    pub(super) marked: Marked,
    /// Of packets whose time of arrival is known.
    pub(super) delays: Option<Delays>,
}

impl Adaptive {
    /// Tells every packet to those who look at packets.
    pub(super) fn gather(&mut self, now: Time, feedback: &Feedback<'_>) -> Sums {
        let mut sums = Sums::default();
        for packet in feedback.packets {
            match packet.outcome {
                Outcome::Received { at, ecn } => self.came(now, packet, at, ecn, &mut sums),
                Outcome::Lost => sums.lost += f64::from(packet.bytes),
                Outcome::Unknown => self.acked.untold(packet.bytes),
            }
        }
        self.acked.measure();
        sums
    }

    #[inline]
    fn came(&mut self, now: Time, packet: &PacketOutcome, at: Option<Time>, ecn: Ecn, sums: &mut Sums) {
        if packet.was_lost {
            self.losses.take_back(packet.bytes);
        } else {
            sums.received += f64::from(packet.bytes);
            let rtt = millis(now, packet.sent).clamp(0.0, LONGEST_RTT_MS);
            self.rtt += RTT_SHARE * (rtt - self.rtt);
        }
        sums.marked.came(ecn);
        let Some(at) = at else {
            self.acked.untold(packet.bytes);
            return;
        };
        self.acked.came(at, packet.bytes);
        self.delay.packet(packet.sent, at);
        let took = millis(at, packet.sent);
        sums.delays = Some(match sums.delays {
            Some(Delays { least, newest }) => Delays { least: least.min(took), newest: newest.max(at) },
            None => Delays { least: took, newest: at },
        });
        if let Some(id) = packet.probe {
            self.probes.came(id, packet.sent, at, packet.bytes);
        }
    }
}
