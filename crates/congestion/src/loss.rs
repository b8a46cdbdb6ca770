//! What the path loses of one stream, and in which runs.

use std::time::Duration;

use interceptor_core::Loss;

use crate::{Outcome, PacketOutcome, Time};

/// How long a packet counts, in seconds: its weight falls to 1/e.
const MEMORY: f64 = 5.0;
/// The least time between two publications, and packets that one needs.
const INTERVAL: Duration = Duration::from_millis(500);
const MIN_PACKETS: f64 = 20.0;
/// What is worth telling: a change by a tenth, or by as many in a million.
const WORTH: u32 = 1000;

/// Counts that fade: packets, losses, and runs of losses with their packets and seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LossMeter {
    packets: f64,
    lost: f64,
    runs: f64,
    run_packets: f64,
    run_seconds: f64,
    /// Packets of the run that goes on, and when its first left.
    run: u32,
    run_since: Time,
    faded: Time,
    told: Option<(Loss, Time)>,
}

impl LossMeter {
    /// A packet of the stream, in the order in which they left.
    pub(crate) fn add(&mut self, packet: &PacketOutcome) {
        match packet.outcome {
            Outcome::Unknown => {}
            Outcome::Received { .. } if packet.was_lost => self.lost = (self.lost - 1.0).max(0.0),
            Outcome::Received { .. } => {
                self.packets += 1.0;
                self.end_run(packet.sent);
            }
            Outcome::Lost => {
                self.packets += 1.0;
                self.lost += 1.0;
                if self.run == 0 {
                    self.run_since = packet.sent;
                }
                self.run = self.run.saturating_add(1);
            }
        }
    }

    fn end_run(&mut self, sent: Time) {
        if self.run > 0 {
            self.runs += 1.0;
            self.run_packets += f64::from(self.run);
            self.run_seconds += sent.since(self.run_since).max(0) as f64 / 1e6;
            self.run = 0;
        }
    }

    /// What there is to tell of the stream, if it is time and it has changed.
    pub(crate) fn news(&mut self, ssrc: u32, now: Time) -> Option<Loss> {
        if self.told.is_some_and(|(_, at)| at + INTERVAL > now) || self.packets < MIN_PACKETS {
            return None;
        }
        let loss = self.loss(ssrc);
        let worth = |(told, _): (Loss, Time)| {
            let change = told.ppm.abs_diff(loss.ppm);
            change > WORTH.max(told.ppm / 10)
        };
        if !self.told.is_none_or(worth) {
            return None;
        }
        self.told = Some((loss, now));
        Some(loss)
    }

    fn loss(&self, ssrc: u32) -> Loss {
        let mean = |sum: f64| if self.runs > 0.0 { sum / self.runs } else { 0.0 };
        Loss {
            ssrc,
            ppm: (self.lost / self.packets * 1e6).round().clamp(0.0, 1e6) as u32,
            burst_packets_q8: (mean(self.run_packets) * 256.0).round() as u32,
            burst_duration: Duration::from_micros((mean(self.run_seconds) * 1e6).round() as u64),
        }
    }

    /// What was counted counts less by now.
    pub(crate) fn fade(&mut self, now: Time) {
        let seconds = now.since(self.faded).max(0) as f64 / 1e6;
        let left = (-seconds / MEMORY).exp();
        self.faded = now;
        for count in
            [&mut self.packets, &mut self.lost, &mut self.runs, &mut self.run_packets, &mut self.run_seconds]
        {
            *count *= left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PacketClass;
    use interceptor_core::packet::Ecn;

    fn packet(index: u64, outcome: Outcome) -> PacketOutcome {
        let sent = Time::from_micros(index as i64 * 10_000);
        PacketOutcome {
            index,
            sent,
            bytes: 1000,
            class: PacketClass::Video,
            probe: None,
            was_lost: false,
            outcome,
        }
    }

    const CAME: Outcome = Outcome::Received { at: None, ecn: Ecn::NotEct };

    #[test]
    fn tells_of_losses_and_of_their_runs() {
        let mut meter = LossMeter::default();
        for index in 0..100 {
            // Runs of one and of three.
            let lost = index % 50 == 10 || (20..23).contains(&(index % 50));
            meter.add(&packet(index, if lost { Outcome::Lost } else { CAME }));
        }
        let loss = meter.news(7, Time::from_micros(1_000_000)).unwrap();
        let mean = Duration::from_millis(20);
        assert_eq!(loss, Loss { ssrc: 7, ppm: 80_000, burst_packets_q8: 512, burst_duration: mean });
        assert_eq!(meter.news(7, Time::from_micros(3_000_000)), None, "nothing has changed");
    }

    #[test]
    fn what_comes_after_all_was_not_lost_and_what_nobody_tells_of_counts_not_at_all() {
        let mut meter = LossMeter::default();
        for index in 0..100 {
            meter.add(&packet(index, if index == 50 { Outcome::Lost } else { CAME }));
            meter.add(&packet(index, Outcome::Unknown));
        }
        meter.add(&PacketOutcome { was_lost: true, ..packet(50, CAME) });
        assert_eq!(meter.news(7, Time::from_micros(1_000_000)).unwrap().ppm, 0);
    }

    #[test]
    fn old_losses_fade() {
        let mut meter = LossMeter::default();
        for index in 0..100 {
            meter.add(&packet(index, if index % 2 == 0 { Outcome::Lost } else { CAME }));
        }
        meter.fade(Time::from_micros(20_000_000));
        (100..200).for_each(|index| meter.add(&packet(index, CAME)));
        let loss = meter.news(7, Time::from_micros(21_000_000)).unwrap();
        assert!(loss.ppm < 20_000, "{loss:?}");
    }
}
