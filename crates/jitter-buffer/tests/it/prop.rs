//! Whatever comes when: each number leaves at most once, in ascending order, and what came is accounted for.

use std::collections::BTreeSet;
use std::time::Duration;

use interceptor_core::packet::Recovery;
use interceptor_core::{PlayoutBounds, Rtt};
use interceptor_jitter_buffer::{Aim, JitterBufferOptions, Underrun};
use interceptor_test::{rtp, stream_info};
use proptest::prelude::*;

use crate::kit::{MS, Rig, SECOND, SSRC, options};

#[derive(Clone, Debug)]
enum Step {
    /// A packet so many numbers before or after the one that would follow, whether it was brought back, and its bytes.
    Packet(i16, bool, usize),
    Pass(u64),
    Bounds(u64, u64),
    Rtt(u64),
    /// A packet far away, in number and timestamp.
    Stray(u16, u32),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        30 => (-8_i16..8, prop::bool::weighted(0.1), 0_usize..1200).prop_map(|(off, back, bytes)| Step::Packet(off, back, bytes)),
        15 => (0_u64..60).prop_map(Step::Pass),
        1 => (0_u64..3000).prop_map(Step::Pass),
        1 => (0_u64..100, 0_u64..200).prop_map(|(min, max)| Step::Bounds(min, max)),
        1 => (0_u64..500).prop_map(Step::Rtt),
        1 => (any::<u16>(), any::<u32>()).prop_map(|(seq, ts)| Step::Stray(seq, ts)),
    ];
    prop::collection::vec(step, 1..300)
}

fn any_options() -> impl Strategy<Value = JitterBufferOptions> {
    let aim = prop_oneof![
        Just(Aim::Interactive),
        Just(Aim::Smooth),
        (0_u64..900).prop_map(|millis| Aim::Fixed(Duration::from_millis(millis))),
    ];
    let small = (16_usize..600, any::<bool>(), any::<bool>(), any::<bool>());
    (aim, small).prop_map(|(aim, (packets, wait, frames, empty))| {
        options()
            .with_aim(aim)
            .with_max_packets(packets)
            .with_max_bytes(64 << 10)
            .with_underrun(if wait { Underrun::Wait } else { Underrun::Drop })
            .with_frames(frames)
            .with_deliver_empty(empty)
    })
}

/// With or without strays, which may be taken for a restart.
fn run(options: JitterBufferOptions, start: u16, steps: &[Step]) -> Rig {
    let mut rig = Rig::empty(options);
    rig.bind(stream_info::video(SSRC));
    let mut next = i64::from(start);
    for step in steps {
        match *step {
            Step::Packet(off, back, bytes) => {
                // The number stands for the packet: copies have the same timestamp.
                let number = next + i64::from(off.min(0));
                if off >= 0 {
                    next += i64::from(off) / 4 + 1;
                }
                let ts = (number * 900) as u32;
                let marker = number % 3 == 0;
                let mut packet =
                    rtp(SSRC).seq(number as u16).ts(ts).marker(marker).payload_len(bytes).build();
                packet.info_mut().recovered_by = back.then_some(Recovery::Fec);
                rig.read(packet);
            }
            Step::Pass(millis) => rig.pass(Duration::from_millis(millis)),
            Step::Bounds(min, max) => {
                let [min, max] = [min, max].map(Duration::from_millis);
                rig.tell(PlayoutBounds { ssrc: SSRC, min, max });
            }
            Step::Rtt(millis) => rig.tell(Rtt::first(Duration::from_millis(millis))),
            Step::Stray(seq, ts) => rig.read(rtp(SSRC).seq(seq).ts(ts).payload_len(7).build()),
        }
        rig.assert_book();
    }
    rig
}

proptest! {
    #[test]
    fn each_number_leaves_at_most_once_and_ascending(
        options in any_options(),
        start in any::<u16>(),
        steps in steps(),
    ) {
        let steps: Vec<Step> = steps.into_iter().filter(|step| !matches!(step, Step::Stray(..))).collect();
        let mut rig = run(options, start, &steps);
        rig.pass(2 * SECOND);
        prop_assert_eq!(rig.counters().held(), 0);
        let mut line = interceptor_core::packet::Unwrapper::default();
        let numbers: Vec<i64> = rig.numbers().into_iter().map(|seq| line.unwrap(seq)).collect();
        prop_assert!(numbers.windows(2).all(|two| two[0] < two[1]), "{:?}", numbers);
        // Between the first and the last each number has left, is lost, or carried nothing.
        if let [first, .., last] = numbers[..] {
            let book = rig.counters();
            prop_assert!(book.emitted + book.empty + book.lost > last.abs_diff(first));
        }
    }

    #[test]
    fn whatever_comes_is_accounted_for_and_leaves_in_time(
        options in any_options(),
        start in any::<u16>(),
        steps in steps(),
        close in any::<bool>(),
    ) {
        let max_packets = options.max_packets as u64;
        let mut rig = run(options, start, &steps);
        prop_assert!(rig.counters().held() <= max_packets + 1);
        let left: BTreeSet<_> = rig.out.iter().map(|(at, packet)| (*at, packet.sequence_number())).collect();
        prop_assert!(left.len() <= rig.out.len());
        if close {
            rig.close();
        } else {
            rig.pass(1002 * MS);
            // But for a stray, which may wait for its successor.
            prop_assert!(rig.counters().held() <= 1, "{:?}", rig.counters());
            rig.unbind(SSRC);
        }
        rig.assert_book();
        prop_assert_eq!(rig.chain.counters().dropped_emissions, 0);
        if !close {
            prop_assert_eq!(rig.counters().held(), 0);
        }
    }
}
