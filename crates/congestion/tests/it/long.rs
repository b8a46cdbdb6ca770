//! A call of 24 hours, in virtual time.

use interceptor_congestion::{Congestion, CongestionFactory, CongestionOptions};
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_test::Clock;

use crate::kit::{ms, numbered, twcc, video};

/// A packet a second, reported each other second: more than a lap of their number.
#[test]
fn a_day_takes_no_more_memory_than_its_first_minute_and_the_target_stays_finite() {
    let now = Clock::new().now();
    let config = ChainConfig::new("long", now, NtpTime::default(), 7).with_isolate_panics(false);
    let factory = CongestionFactory::new(CongestionOptions::default()).unwrap();
    let handle = factory.handle();
    let mut chain = Registry::new().with(factory).build(config).unwrap();
    chain.bind_local(video(), now).unwrap();
    let mut now = now;
    let mut round = |round: u32| {
        let first = (round * 2) as u16;
        for offset in 0..2 {
            chain.write_rtp(numbered(first.wrapping_add(offset)), now);
            now += ms(1000);
            while let Some(due) = chain.next_timeout().filter(|due| *due <= now) {
                chain.handle_timeout(due);
            }
        }
        // Each tenth is lost.
        let second = (round % 5 != 4).then_some(1_000_000);
        let reference = ((u64::from(round) * 2000 / 64) as i32) << 8 >> 8;
        chain.read_rtcp(twcc(first, reference, round as u8, &[Some(0), second]), now);
        while chain.poll_wire().is_some() || chain.poll_app().is_some() {}
        while chain.poll_event().is_some() {}
    };
    (0..300).for_each(&mut round);
    let info = allocation_counter::measure(|| (300..43_200).for_each(&mut round));
    assert!(info.bytes_current.abs() < 4096, "{info:?}");
    let state = handle.connections().remove(0);
    assert!((30_000..=50_000_000).contains(&state.target), "{state:?}");
    assert_eq!(state.counters.packets_received + state.counters.packets_lost, 86_400);
    assert_eq!((state.counters.clock_set, state.counters.packets_unknown), (0, 0));
    assert!(chain.get::<Congestion>().is_some());
}
