//! What it does to packets.

use std::time::Duration;

use interceptor_core::{Chain, ChainConfig, packet::NtpTime};
use interceptor_new_thing::{Milestone, NewThing};
use interceptor_test::{Clock, Pair, PairOptions, Side, rtp, stream_info};

use crate::kit::{counted, every, milestones, receiver};

#[test]
fn every_so_many_packets_are_a_milestone_of_their_stream() {
    let (mut chain, now) = receiver(3, &[1, 2]).unwrap();
    for seq in 0..7 {
        chain.read_rtp(rtp(1).seq(seq).build(), now);
    }
    chain.read_rtp(rtp(2).seq(0).build(), now);
    let of_stream = |chain: &mut Chain, ssrc| {
        chain.with_streams::<NewThing, _>(|_, mut streams| streams.remote(ssrc).map(|stream| stream.packets()))
    };
    assert_eq!([1, 2, 3].map(|ssrc| of_stream(&mut chain, ssrc).flatten()), [Some(7), Some(1), None]);
    assert_eq!(
        milestones(&mut chain),
        [Milestone { ssrc: 1, packets: 3 }, Milestone { ssrc: 1, packets: 6 }]
    );
    assert_eq!(counted(&chain), Some(8));
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
    assert!(pair.run_until_quiet(Duration::from_secs(2)));
    for side in [Side::A, Side::B] {
        assert_eq!(counted(pair.chain(side)), Some(100));
    }
}
