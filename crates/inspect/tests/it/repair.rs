//! What became of lost packets, in calls made up with seeds: of each it is known what the capture must say.

use interceptor_inspect::Repair;

use crate::call::{Chance, MEDIA, RTX, RTX_TYPE, Wire, media, padding, rtx, time, timestamp};

/// How a call goes.
#[derive(Clone, Copy)]
struct Call {
    seed: u64,
    packets: u64,
    first: u16,
    /// Of media and of what repeats it.
    loss_percent: u64,
    /// Packets lost in a row.
    burst: u64,
    round_trip_us: u64,
    /// Answers come on a stream of their own, else as the packets were.
    by_rtx: bool,
    /// Packets of padding in the RTX stream for each of media, in percent.
    padding_percent: u64,
}

const CALL: Call = Call {
    seed: 1,
    packets: 6000,
    first: 63_000,
    loss_percent: 5,
    burst: 1,
    round_trip_us: 60_000,
    by_rtx: true,
    padding_percent: 0,
};

/// What the call's capture must say.
struct Truth {
    repair: Repair,
    /// In ms, sorted.
    times: Vec<f64>,
}

impl Call {
    /// The receiver asks when a newer packet has come, again after a round trip and 10 ms, five times at most.
    fn run(self) -> (Wire, Truth) {
        let (mut wire, mut chance) = (Wire::default(), Chance(self.seed));
        let mut truth = Truth { repair: Repair::default(), times: Vec::new() };
        let (mut rtx_seq, mut number, mut lost) = (9000_u16, 0, Vec::new());
        let mut next_rtx = || {
            rtx_seq = rtx_seq.wrapping_add(1);
            rtx_seq
        };
        while number < self.packets {
            let edge = number < 8 || number + 300 > self.packets;
            let burst =
                if !edge && chance.below(100 * self.burst) < self.loss_percent { self.burst } else { 0 };
            lost.extend(number..number + burst);
            number += burst;
            wire.send(time(number), media(self.first, number));
            if chance.percent(self.padding_percent) {
                let padding = padding(RTX_TYPE, next_rtx(), timestamp(number), RTX);
                wire.send(time(number) + 500, padding);
            }
            let shown = time(number);
            for lost in lost.drain(..) {
                truth.repair.lost += 1;
                let mut asked = shown + 100;
                let mut back = None;
                for _ in 0..5 {
                    wire.ask(asked, &[self.first.wrapping_add(lost as u16)]);
                    let seq = next_rtx();
                    if !chance.percent(self.loss_percent) {
                        back = Some((asked + self.round_trip_us + chance.below(2000), seq));
                        break;
                    }
                    asked += self.round_trip_us + 10_000;
                }
                let Some((at, seq)) = back else {
                    truth.repair.missing += 1;
                    continue;
                };
                let by = if self.by_rtx { &mut truth.repair.by_rtx } else { &mut truth.repair.by_repeat };
                *by += 1;
                let again = if self.by_rtx { rtx(seq, self.first, lost) } else { media(self.first, lost) };
                wire.send(at, again);
                truth.times.push((at - shown) as f64 / 1000.0);
            }
            number += 1;
        }
        truth.times.sort_by(f64::total_cmp);
        (wire, truth)
    }
}

impl Truth {
    fn is(&self, found: Repair, what: &str) {
        let counts = |repair: Repair| {
            let Repair { lost, by_rtx, by_fec, by_repeat, missing, repeats, .. } = repair;
            [lost, by_rtx, by_fec, by_repeat, missing, repeats]
        };
        assert_eq!(counts(found), counts(self.repair), "{what}");
        let Some(recovery) = found.recovery_ms else {
            return assert!(self.times.is_empty(), "{what}");
        };
        for (percent, found) in [(50, recovery.p50), (95, recovery.p95)] {
            let exact = self.times[(self.times.len() * percent).div_ceil(100) - 1];
            assert!((found - exact).abs() < 0.02 * exact, "{what}: {found} ms for {exact}");
        }
    }
}

#[test]
fn retransmissions_bring_back_what_was_lost() {
    for seed in 1..=4 {
        for (loss_percent, burst) in [(5, 1), (20, 1), (5, 7), (2, 40)] {
            let call = Call { seed, loss_percent, burst, ..CALL };
            let (wire, truth) = call.run();
            assert!(truth.repair.lost > 20);
            let summary = wire.clone().inspect();
            assert_eq!((summary.streams.len(), summary.streams[0].lost), (2, truth.repair.lost as i64));
            truth.is(wire.repair(), &format!("seed {seed}, {loss_percent} % in bursts of {burst}"));
        }
    }
}

/// More than half of the RTX stream is padding, and its own losses are nobody's.
#[test]
fn retransmissions_among_padding_bring_back_what_was_lost() {
    for seed in 1..=4 {
        let (wire, truth) = Call { seed, padding_percent: 40, ..CALL }.run();
        let summary = wire.clone().inspect();
        assert_eq!(summary.streams.iter().find(|stream| stream.ssrc == RTX).unwrap().rtx_of, Some(MEDIA));
        truth.is(wire.repair(), "with padding");
    }
}

#[test]
fn packets_that_were_asked_for_and_sent_again_are_repeats() {
    for seed in 1..=4 {
        for (loss_percent, burst, round_trip_us) in
            [(5, 1, 60_000), (20, 1, 60_000), (3, 9, 200_000), (5, 1, 8000)]
        {
            let (wire, truth) =
                Call { seed, loss_percent, burst, round_trip_us, by_rtx: false, ..CALL }.run();
            truth.is(wire.clone().repair(), &format!("seed {seed}, {loss_percent} %, {round_trip_us} µs"));
            if round_trip_us >= 60_000 {
                truth
                    .is(wire.without_requests().repair(), &format!("seed {seed}, {loss_percent} %, unheard"));
            }
        }
    }
}

/// A mirrored port shows everything twice: no more is lost, and no less.
#[test]
fn everything_twice_is_repeats_and_nothing_else() {
    for by_rtx in [true, false] {
        for seed in 1..=3 {
            let (wire, mut truth) = Call { seed, by_rtx, ..CALL }.run();
            truth.repair.repeats = CALL.packets - truth.repair.missing;
            truth.is(wire.clone().twice().repair(), "twice");
            truth.is(wire.without_requests().twice().repair(), "twice, unheard");
        }
    }
}

/// Packets that overtake each other, without any loss.
#[test]
fn reordering_is_neither_loss_nor_repeat() {
    for seed in 1..=4 {
        for (percent, delay_us) in [(100, 3000), (100, 30_000), (100, 100_000), (1, 33_000), (10, 7000)] {
            let (mut wire, mut chance) = (Wire::default(), Chance(seed));
            for number in 0..5000 {
                let late = if percent == 1 { delay_us } else { chance.below(delay_us) };
                let late = if number > 10 && chance.percent(percent) { late } else { 0 };
                wire.send(time(number) + late, media(40_000, number));
            }
            let summary = wire.clone().inspect();
            assert!(summary.streams[0].lost == 0 && summary.streams[0].reordered > 10 || delay_us == 3000);
            let what = format!("seed {seed}: {percent} % up to {delay_us} µs");
            assert_eq!(wire.repair(), Repair::default(), "{what}");
        }
    }
}
