//! Any order of packets, requests and causes against rules that are too simple to be wrong.

use interceptor_core::KeyframeNeeded;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::kit::{Bench, DELTA, KEY, fir, options, packet, pli, video_of};

#[derive(Clone, Debug)]
enum Step {
    /// A frame comes, or leaves.
    Read {
        ssrc: u32,
        key: bool,
    },
    Write {
        ssrc: u32,
        key: bool,
    },
    Need {
        ssrc: u32,
    },
    Pli {
        ssrc: u32,
    },
    Fir {
        ssrc: u32,
        sender: u32,
        number: u8,
    },
    Pass {
        millis: u64,
    },
    Rebind {
        ssrc: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let ssrc = || 1..4_u32;
    prop_oneof![
        4 => (ssrc(), prop::bool::weighted(0.1)).prop_map(|(ssrc, key)| Step::Read { ssrc, key }),
        2 => (ssrc(), prop::bool::weighted(0.1)).prop_map(|(ssrc, key)| Step::Write { ssrc, key }),
        2 => ssrc().prop_map(|ssrc| Step::Need { ssrc }),
        2 => ssrc().prop_map(|ssrc| Step::Pli { ssrc }),
        1 => (ssrc(), 0..3_u32, 0..4_u8).prop_map(|(ssrc, sender, number)| Step::Fir { ssrc, sender, number }),
        4 => (1..700_u64).prop_map(|millis| Step::Pass { millis }),
        1 => ssrc().prop_map(|ssrc| Step::Rebind { ssrc }),
    ]
}

proptest! {
    /// Requests of a stream are half a second apart, owners are told twice a second, every request is counted as what became of it, and when
    /// nothing comes any more there is rest.
    #[test]
    fn nobody_is_asked_too_often_and_everything_is_counted(steps in vec(step(), 1..300)) {
        let mut bench = Bench::new(options());
        for ssrc in 1..4 {
            bench = bench.with_remote(video_of(ssrc)).with_local(video_of(ssrc + 10));
        }
        let mut seq = 0_u16;
        // By stream: when it was asked or told last.
        let (mut asked, mut told) = ([None; 4], [None; 4]);
        for step in steps {
            let now = bench.now;
            seq = seq.wrapping_add(1);
            let frame = |ssrc, key| packet(ssrc, seq, u32::from(seq) * 3000, if key { &KEY } else { &DELTA });
            match step {
                Step::Read { ssrc, key } => _ = bench.read(frame(ssrc, key)),
                Step::Write { ssrc, key } => bench.chain.write_rtp(frame(ssrc + 10, key), now),
                Step::Need { ssrc } => bench.chain.publish(KeyframeNeeded { ssrc }, now),
                Step::Pli { ssrc } => _ = bench.hear(pli(ssrc + 10)),
                Step::Fir { ssrc, sender, number } => _ = bench.hear(fir(sender, &[(ssrc + 10, number)])),
                Step::Rebind { ssrc } => {
                    bench.chain.unbind_remote(ssrc, now).unwrap();
                    bench.chain.unbind_local(ssrc + 10, now).unwrap();
                    bench.chain.bind_remote(video_of(ssrc), now).unwrap();
                    bench.chain.bind_local(video_of(ssrc + 10), now).unwrap();
                    // Another stream has another time.
                    bench.asked();
                    bench.told();
                    (asked[ssrc as usize], told[ssrc as usize]) = (None, None);
                }
                Step::Pass { millis } => {
                    let end = now + crate::kit::ms(millis);
                    while let Some(at) = bench.chain.next_timeout().filter(|at| *at <= end) {
                        bench.now = bench.now.max(at);
                        bench.chain.handle_timeout(bench.now);
                        apart(&mut bench, &mut asked, &mut told)?;
                    }
                    bench.now = end;
                }
            }
            apart(&mut bench, &mut asked, &mut told)?;
        }
        let (asking, answering) = (bench.asking(), bench.answering());
        let causes = asking.begun_in_the_middle + asking.told + asking.by_interval + asking.by_silence;
        let sent = asking.plis_sent + asking.firs_sent - asking.repeats;
        // A remembered cause is sent, spared, gone with its stream, or still waits.
        let at_once = causes - asking.joined - asking.remembered;
        prop_assert!(sent >= at_once && sent + asking.spared <= at_once + asking.remembered, "{asking:?}");
        let requests = answering.plis + answering.firs - answering.fir_repeats;
        prop_assert!(requests >= answering.coalesced && answering.told >= requests - answering.coalesced, "{answering:?}");
        bench.run(3_600_000);
        prop_assert_eq!(bench.chain.next_timeout(), None);
        prop_assert_eq!(bench.chain.counters().hook_errors, 0);
    }
}

type At = [Option<std::time::Instant>; 4];

fn apart(bench: &mut Bench, asked: &mut At, told: &mut At) -> Result<(), TestCaseError> {
    let now = bench.now;
    let check = |last: &mut Option<std::time::Instant>| {
        let before = last.replace(now);
        prop_assert!(before.is_none_or(|before| now - before >= crate::kit::ms(500)));
        Ok(())
    };
    for request in bench.asked() {
        let (crate::kit::Request::Pli(ssrc) | crate::kit::Request::Fir(ssrc, _)) = request;
        check(&mut asked[ssrc as usize])?;
    }
    for ssrc in bench.told() {
        check(&mut told[ssrc as usize - 10])?;
    }
    Ok(())
}
