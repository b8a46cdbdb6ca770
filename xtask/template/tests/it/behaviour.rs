//! What it does to packets.

use std::time::Duration;

use interceptor_core::{Chain, ChainConfig, Registry, packet::NtpTime};
use interceptor_new_thing::{Milestone, NewThing, NewThingFactory, NewThingOptions, OptionsError};
use interceptor_test::{Clock, Pair, PairOptions, Side, rtp, stream_info};

fn every(packets: u32) -> Result<Registry, OptionsError> {
    let options = NewThingOptions::default().with_every(packets);
    Ok(Registry::new().with(NewThingFactory::new(options)?))
}

fn milestones(chain: &mut Chain) -> Vec<Milestone> {
    let events = std::iter::from_fn(|| chain.poll_event());
    events.filter_map(|event| event.raised().copied()).collect()
}

#[test]
fn every_so_many_packets_are_a_milestone_of_their_stream() {
    let now = Clock::new().now();
    let mut chain = every(3).unwrap().build(ChainConfig::new("call", now, NtpTime::default(), 1)).unwrap();
    chain.bind_remote(stream_info::video(1), now).unwrap();
    chain.bind_remote(stream_info::video(2), now).unwrap();
    for seq in 0..7 {
        chain.read_rtp(rtp(1).seq(seq).build(), now);
    }
    chain.read_rtp(rtp(2).seq(0).build(), now);
    assert_eq!(
        milestones(&mut chain),
        [Milestone { ssrc: 1, packets: 3 }, Milestone { ssrc: 1, packets: 6 }]
    );
    assert_eq!(chain.get::<NewThing>().map(NewThing::counted), Some(8));
}

#[test]
fn retransmissions_do_not_count() {
    let now = Clock::new().now();
    let mut chain = every(1).unwrap().build(ChainConfig::new("call", now, NtpTime::default(), 1)).unwrap();
    chain.bind_remote(stream_info::video_with_rtx(1, 2), now).unwrap();
    chain.read_rtp(rtp(2).pt(97).build(), now);
    assert_eq!(milestones(&mut chain), []);
}

#[test]
fn both_ends_of_a_stream_count_its_packets() {
    let registry = every(10).unwrap();
    let mut pair = Pair::new(&registry, &registry, PairOptions::default()).unwrap();
    pair.bind(Side::A, stream_info::video(1)).unwrap();
    pair.feed(Side::A, rtp(1).stream().every(Duration::from_millis(5)).take(100));
    pair.run_for(Duration::from_secs(2));
    for side in [Side::A, Side::B] {
        assert_eq!(pair.chain(side).get::<NewThing>().map(NewThing::counted), Some(100));
    }
}
