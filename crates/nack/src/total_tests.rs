//! Tests of what is set aside for all streams together.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Abandoned, Chain, ChainConfig, Registry, StreamInfo};
use interceptor_test::Clock;
use proptest::prelude::*;

use crate::{Nack, NackFactory, NackOptions};

const MOST: u64 = 65_536;
const STREAMS: u32 = 6;

#[derive(Clone, Debug)]
enum Step {
    Bind,
    /// So many packets of so many bytes.
    Write(u16, usize),
    Jump(u16),
    Abandon(u16, u16),
    /// Milliseconds: histories are swept, answers leave.
    Pass(u64),
    Ask(Vec<u16>),
    /// The stream is described anew, with or without the feedback.
    Amend(bool),
    Unbind,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::Bind),
        6 => (1_u16..40, 0_usize..8_000).prop_map(|(count, bytes)| Step::Write(count, bytes)),
        1 => any::<u16>().prop_map(Step::Jump),
        2 => (0_u16..60, 0_u16..60).prop_map(|(back, count)| Step::Abandon(back, count)),
        2 => (0_u64..1_500).prop_map(Step::Pass),
        2 => prop::collection::vec(0_u16..60, 1..40).prop_map(Step::Ask),
        1 => any::<bool>().prop_map(Step::Amend),
        1 => Just(Step::Unbind),
    ]
}

fn info(ssrc: u32, feedback: bool) -> StreamInfo {
    let info = StreamInfo::new(ssrc, 96, 90_000);
    if feedback { info.with_feedback("nack", "") } else { info }
}

fn write(chain: &mut Chain, ssrc: u32, seq: u16, bytes: usize, now: Instant) {
    let packet =
        RtpPacket::builder().ssrc(ssrc).payload_type(96).sequence_number(seq).payload(vec![0; bytes]);
    chain.write_rtp(packet.build().unwrap(), now);
}

proptest! {
    /// Whatever happens in whatever order: what is set aside is the sum over the streams, and covers what they take.
    #[test]
    fn what_is_set_aside_is_the_sum_over_all_streams(
        steps in prop::collection::vec((1..=STREAMS, step()), 1..120),
    ) {
        let mut now = Clock::new().now();
        let options = NackOptions::default().with_send_history_total_bytes(MOST).with_max_resend_ratio(10.0);
        let config = ChainConfig::new("test", now, NtpTime::default(), 7).with_isolate_panics(false);
        let mut chain = Registry::new().with(NackFactory::new(options).unwrap()).build(config).unwrap();
        let mut next = [0_u16; STREAMS as usize + 1];
        for (ssrc, step) in steps {
            let next = &mut next[ssrc as usize];
            match step {
                // Bound already, or not: refused.
                Step::Bind => drop(chain.bind_local(info(ssrc, true), now)),
                Step::Amend(feedback) => drop(chain.amend_local(info(ssrc, feedback), now)),
                Step::Unbind => drop(chain.unbind_local(ssrc, now)),
                Step::Jump(by) => *next = next.wrapping_add(by),
                Step::Write(count, bytes) => for _ in 0..count {
                    write(&mut chain, ssrc, *next, bytes, now);
                    *next = next.wrapping_add(1);
                },
                Step::Abandon(back, count) => {
                    chain.publish(Abandoned { ssrc, first: next.wrapping_sub(back), count }, now);
                }
                Step::Pass(millis) => {
                    now += Duration::from_millis(millis);
                    chain.handle_timeout(now);
                }
                Step::Ask(back) => {
                    let numbers: Vec<u16> = back.iter().map(|back| next.wrapping_sub(*back)).collect();
                    chain.read_rtcp(RtcpPacket::builder().nack(9, ssrc, &numbers).build().unwrap(), now);
                }
            }
            while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
            let (total, streams) = chain.with_streams::<Nack, _>(|nack, streams| {
                let each = |stream: &crate::LocalStream| (stream.set_aside as u64, stream.memory() as u64);
                ((nack.total.set_aside, nack.total.streams), streams.iter_locals().map(|(_, stream)| each(stream)).collect::<Vec<_>>())
            }).unwrap();
            prop_assert_eq!(total, (streams.iter().map(|(aside, _)| aside).sum(), streams.len() as u64));
            prop_assert!(streams.iter().all(|(aside, taken)| taken <= aside), "{:?}", streams);
            // As long as others' age is not over, the total and the shares of those that came later.
            prop_assert!(total.0 <= 2 * MOST + 9_000, "{}", total.0);
        }
    }
}
