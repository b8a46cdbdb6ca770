//! Beside NACK: who asks for what NACK has given up.

use interceptor_core::packet::{NtpTime, Rtcp};
use interceptor_core::{Chain, ChainConfig, Outgoing, Registry};
use interceptor_keyframe::{Keyframe, KeyframeFactory, KeyframeOptions};
use interceptor_nack::{Nack, NackFactory};
use interceptor_test::Clock;

use crate::kit::{DELTA, KEY, SSRC, ms, only_told, packet, video};

/// Loses packets for good until NACK has given them up; picture loss indications that leave meanwhile.
fn lose(chain: &mut Chain, start: std::time::Instant) -> usize {
    let mut plis = 0;
    for step in 0..200_u16 {
        let now = start + ms(10) * step.into();
        let payload: &[u8] = if step == 0 { &KEY } else { &DELTA };
        if step % 50 != 25 {
            chain.read_rtp(packet(SSRC, step, u32::from(step) * 900, payload), now);
        }
        chain.handle_timeout(now);
        while let Some(packet) = chain.poll_wire() {
            let Outgoing::Rtcp(packet) = packet else { continue };
            plis += packet.packets().filter(|view| matches!(view, Rtcp::Pli(_))).count();
        }
    }
    plis
}

fn chain(options: Option<KeyframeOptions>) -> (Chain, std::time::Instant) {
    let now = Clock::new().now();
    let mut registry = Registry::new().with(NackFactory::default());
    if let Some(options) = options {
        registry.add(KeyframeFactory::new(options).unwrap());
    }
    let mut chain = registry.build(ChainConfig::new("call", now, NtpTime::default(), 1)).unwrap();
    chain.bind_remote(video().with_feedback("nack", ""), now).unwrap();
    (chain, now)
}

fn nacks(chain: &mut Chain) -> (u64, u64) {
    let counters = chain.with_streams::<Nack, _>(|nack, streams| nack.counters(&streams).asking);
    counters.map(|asking| (asking.keyframes_needed, asking.plis_sent)).unwrap()
}

#[test]
fn what_nack_gives_up_is_asked_for_here_alone() {
    let (mut with, now) = chain(Some(only_told()));
    let plis = lose(&mut with, now);
    let (needed, by_nack) = nacks(&mut with);
    assert!(needed >= 1 && by_nack == 0, "{needed}, {by_nack}");
    let ours = with.get::<Keyframe>().map(Keyframe::counters).unwrap().asking;
    assert_eq!((ours.told, ours.plis_sent), (needed, plis as u64));
    assert!(plis >= 1);
}

#[test]
fn nack_asks_itself_where_nobody_else_does() {
    for options in [None, Some(only_told().with_on_fact(false)), Some(only_told().with_asking(false))] {
        let (mut without, now) = chain(options);
        let plis = lose(&mut without, now);
        assert_eq!(nacks(&mut without), (plis as u64, plis as u64));
        assert!(plis >= 1);
    }
    let (mut removed, now) = chain(Some(only_told()));
    removed.remove("keyframe", now).unwrap();
    let plis = lose(&mut removed, now);
    assert!(plis >= 1, "and again when it is removed");
    assert_eq!(nacks(&mut removed), (plis as u64, plis as u64));
}
