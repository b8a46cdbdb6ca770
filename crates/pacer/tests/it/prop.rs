//! Whatever comes when: the pace is kept, no SSRC is reordered, and what came is passed, dropped or waiting.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::packet::Origin;
use interceptor_core::{FecInfo, FecScheme, Pacing};
use interceptor_pacer::PacerOptions;
use interceptor_test::{rtp, stream_info};
use proptest::prelude::*;

use crate::kit::{HEADERS, MS, Rig, SECOND, pacing, wire_bytes};

const BURST: Duration = Duration::from_millis(5);
const LARGEST: usize = 3000;

#[derive(Clone, Debug)]
enum Step {
    /// A packet of one of the streams: which, of what origin, how large, and whether its frame ends.
    Packet(u32, Origin, usize, bool),
    Unbound(usize),
    Pass(u64),
    Pace(u64),
    Window(u32, u32),
    Probe(u64),
}

fn steps(paces: std::ops::Range<u64>, windows: bool) -> impl Strategy<Value = Vec<Step>> {
    let origin = prop_oneof![
        6 => Just(Origin::Media),
        2 => Just(Origin::Retransmission),
        1 => Just(Origin::FecRepair),
        1 => Just(Origin::Padding),
    ];
    let packet = (1_u32..4, origin, HEADERS..LARGEST, any::<bool>());
    let windowed = if windows { 1 } else { 0 };
    let step = prop_oneof![
        40 => packet.prop_map(|(ssrc, origin, bytes, marker)| Step::Packet(ssrc, origin, bytes, marker)),
        2 => (HEADERS..LARGEST).prop_map(Step::Unbound),
        20 => (0_u64..30).prop_map(Step::Pass),
        2 => paces.prop_map(Step::Pace),
        windowed => (0_u32..20_000, 0_u32..20_000).prop_map(|(window, in_flight)| Step::Window(window, in_flight)),
        windowed => (100_000_u64..20_000_000).prop_map(Step::Probe),
    ];
    prop::collection::vec(step, 1..300)
}

/// Three video streams with RTX and FEC at these steps. Streams are `10 s`, RTX `10 s + 1`, FEC `10 s + 2`.
struct Run {
    rig: Rig,
    numbers: BTreeMap<u32, u16>,
    given: u64,
}

impl Run {
    fn new(options: PacerOptions) -> Self {
        let mut rig = Rig::new(options);
        for ssrc in [10, 20, 30] {
            let fec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(ssrc + 2);
            rig.bind(stream_info::video_with_rtx(ssrc, ssrc + 1).with_fec(fec));
        }
        Self { rig, numbers: BTreeMap::new(), given: 0 }
    }

    fn give(&mut self, ssrc: u32, origin: Origin, bytes: usize, marker: bool) {
        let number = self.numbers.entry(ssrc).or_default();
        *number += 1;
        let ts = u32::from(*number / 4);
        let packet = rtp(ssrc).seq(*number).ts(ts).marker(marker).payload_len(bytes - HEADERS).origin(origin);
        self.rig.give(packet.build());
        self.given += 1;
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Packet(stream, Origin::Media, bytes, marker) => {
                self.give(stream * 10, Origin::Media, bytes, marker)
            }
            Step::Packet(stream, Origin::FecRepair, bytes, marker) => {
                self.give(stream * 10 + 2, Origin::FecRepair, bytes, marker);
            }
            Step::Packet(stream, origin, bytes, marker) => self.give(stream * 10 + 1, origin, bytes, marker),
            Step::Unbound(bytes) => self.give(7, Origin::Media, bytes, false),
            Step::Pass(millis) => self.rig.pass(Duration::from_millis(millis)),
            Step::Pace(rate) => self.rig.tell(pacing(rate)),
            Step::Window(window, in_flight) => {
                self.rig.tell(Pacing { window: Some(window), in_flight, ..pacing(1_000_000) });
            }
            Step::Probe(rate) => self.rig.tell(interceptor_core::Probe {
                id: 1,
                rate,
                min_bytes: 5000,
                min_packets: 5,
                min_gap: 2 * MS,
            }),
        }
    }

    /// Of each SSRC, what has left did so in order.
    fn assert_in_order(&self) -> Result<(), TestCaseError> {
        let mut newest = BTreeMap::new();
        for (ssrc, seq) in self.rig.left() {
            let before = newest.insert(ssrc, seq);
            prop_assert!(before.is_none_or(|before| before < seq), "{ssrc}: {seq} after {before:?}");
        }
        Ok(())
    }

    fn assert_book(&self) -> Result<(), TestCaseError> {
        let book = self.rig.totals().all();
        prop_assert_eq!((book.came(), book.passed), (self.given, self.rig.out.len() as u64));
        prop_assert_eq!(book.waiting, self.rig.handle.queue().packets);
        let bytes: usize = self.rig.out.iter().map(|(_, packet)| wire_bytes(packet)).sum();
        prop_assert_eq!(book.passed_bytes, bytes as u64);
        Ok(())
    }
}

proptest! {
    #[test]
    fn the_pace_is_never_exceeded(rate in 50_000_u64..20_000_000, steps in steps(1..2, false)) {
        let mut run = Run::new(PacerOptions::default().with_rate(Some(rate)));
        for step in steps.iter().filter(|step| !matches!(step, Step::Pace(_))) {
            run.step(step);
        }
        run.rig.pass(SECOND);
        run.assert_in_order()?;
        run.assert_book()?;
        // Twice the pace while a queue is hastened, and never more than a burst and a packet ahead of it.
        let hastened = run.rig.totals().all().delay_micros > 0;
        let most = if hastened { 2 * rate } else { rate };
        let out = &run.rig.out;
        for (first, (from, _)) in out.iter().enumerate() {
            let mut bytes = 0;
            for (until, packet) in &out[first..] {
                bytes += wire_bytes(packet);
                let time = (*until - *from) + 2 * BURST;
                let allowed = most as f64 / 8.0 * time.as_secs_f64() + (2 * LARGEST) as f64;
                prop_assert!(bytes as f64 <= allowed, "{bytes} of {allowed} in {time:?}");
            }
        }
    }

    #[test]
    fn below_half_its_bound_a_queue_leaves_at_exactly_the_pace(
        rate in 100_000_u64..50_000_000,
        sizes in prop::collection::vec(HEADERS..1300, 1..200),
    ) {
        // Two hundred milliseconds at most.
        let most = (rate / 8 / 5) as usize;
        let mut total = 0;
        let sizes: Vec<usize> = sizes.into_iter().take_while(|bytes| { total += bytes; total < most }).collect();
        let mut run = Run::new(PacerOptions::default().with_rate(Some(rate)));
        sizes.iter().for_each(|bytes| run.give(10, Origin::Media, *bytes, false));
        run.rig.pass(SECOND);
        prop_assert_eq!(run.rig.out.len(), sizes.len());
        let mut before = 0;
        for ((at, _), bytes) in run.rig.out.iter().zip(&sizes) {
            // Due when all before it is paid for, but for the burst; a chain wakes nobody twice within a millisecond.
            let due = (before as f64 * 8.0 / rate as f64 - BURST.as_secs_f64()).max(0.0);
            let late = at.as_secs_f64() - due;
            // The burst is one of whole bytes.
            let most = 0.001 + 8.0 / rate as f64 + 1e-6;
            prop_assert!((-1e-8..=most).contains(&late), "{at:?} instead of {due}");
            before += bytes;
        }
    }

    #[test]
    fn nothing_is_reordered_or_lost_uncounted(steps in steps(0..5_000_000, true)) {
        let mut run = Run::new(PacerOptions::default());
        for step in &steps {
            run.step(step);
            run.assert_book()?;
        }
        run.assert_in_order()?;
        run.rig.tell(pacing(50_000_000));
        run.rig.pass(10 * SECOND);
        prop_assert_eq!(run.rig.totals().all().waiting, 0);
        run.assert_in_order()?;
        run.assert_book()?;
    }

    #[test]
    fn what_waits_leaves_before_the_end(steps in steps(0..5_000_000, true), close in any::<bool>()) {
        let mut run = Run::new(PacerOptions::default());
        steps.iter().for_each(|step| run.step(step));
        if close {
            run.rig.close();
        } else {
            [10, 20, 30].into_iter().for_each(|ssrc| run.rig.unbind(ssrc));
            run.rig.close();
        }
        run.assert_in_order()?;
        run.assert_book()?;
        prop_assert_eq!(run.rig.totals().all().waiting, 0);
    }
}
