//! What was sent and what became of it.

use std::collections::VecDeque;
use std::time::Duration;

use interceptor_congestion::{Outcome, PacketOutcome, Sent, Time};

use crate::wire::Report;

/// Packets of one flow whose fate is not known yet.
#[derive(Debug, Default)]
pub(super) struct History {
    sent: VecDeque<(Sent, Time)>,
    in_flight: u32,
}

impl History {
    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    pub(super) fn push(&mut self, now: Time, sent: Sent) {
        self.sent.push_back((sent, now));
        self.in_flight += sent.bytes;
    }

    /// What a report tells, in the order in which the packets left; those before it of which no report told are unknown.
    /// Returns how long the newest has been on its way and back.
    pub(super) fn resolve(
        &mut self,
        now: Time,
        report: &Report,
        outcomes: &mut Vec<PacketOutcome>,
    ) -> Option<Duration> {
        let mut newest = None;
        let end = report.first + report.packets.len() as u64;
        while let Some((packet, sent)) = self.sent.pop_front_if(|(packet, _)| packet.index < end) {
            self.in_flight -= packet.bytes;
            let told = packet.index.checked_sub(report.first).map(|place| report.packets.get(place as usize));
            let outcome = match told.flatten() {
                None => Outcome::Unknown,
                Some(None) => Outcome::Lost,
                Some(Some(arrival)) => {
                    newest = Some(sent);
                    Outcome::Received { at: Some(arrival.at), ecn: arrival.ecn }
                }
            };
            let Sent { index, bytes, class, probe } = packet;
            outcomes.push(PacketOutcome { index, sent, bytes, class, probe, was_lost: false, outcome });
        }
        newest.map(|sent| Duration::from_micros(now.since(sent).unsigned_abs()))
    }
}
