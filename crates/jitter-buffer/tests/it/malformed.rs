//! The rows of the table of malformed and hostile input.

use std::time::Duration;

use interceptor_core::packet::Recovery;
use interceptor_core::{Limits, StreamInfo};
use interceptor_jitter_buffer::Aim;
use interceptor_test::{hex, rtp, stream_info};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use crate::kit::{MS, Rig, SECOND, SSRC, audio, options};

#[test]
fn a_malformed_datagram_never_reaches_it() {
    let mut rig = Rig::new(options());
    let now = rig.now();
    rig.chain.read_datagram(hex("80 6f 0001"), now);
    assert_eq!((rig.counters().received, rig.chain.counters().malformed_datagrams), (0, 1));
}

#[test]
fn a_packet_of_an_unknown_ssrc_never_reaches_it() {
    let mut rig = Rig::new(options());
    rig.read(rtp(99).seq(1).build());
    assert_eq!((rig.counters().received, rig.chain.counters().unbound_read), (0, 1));
}

#[test]
fn random_timestamps_hold_nothing_for_longer_than_the_most() {
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let random: [Box<dyn FnMut(u16) -> u32>; 4] = [
        Box::new(move |_| chance.next_u32()),
        Box::new(|_| 12_345),
        Box::new(|seq| u32::MAX - u32::from(seq) * 960),
        Box::new(|seq| u32::from(seq).wrapping_mul(0x4000_0000)),
    ];
    for mut timestamp in random {
        let mut rig = Rig::new(options());
        for seq in 0..3000_u16 {
            let mut packet = rtp(SSRC).pt(111).seq(seq).ts(timestamp(seq)).payload_len(10).build();
            packet.info_mut().arrival = Some(rig.now());
            rig.read(packet);
            rig.pass(5 * MS);
        }
        rig.pass(1100 * MS);
        let start = interceptor_test::Clock::new().now();
        let longest = rig.out.iter().map(|(at, packet)| start + *at - packet.info().arrival.unwrap()).max();
        assert!(longest <= Some(1002 * MS), "{longest:?}");
        assert_eq!((rig.counters().emitted, rig.out.len()), (3000, 3000));
        assert!(rig.out.iter().map(|(_, packet)| packet.sequence_number()).is_sorted());
    }
}

#[test]
fn without_a_clock_rate_there_is_order_and_the_least_delay() {
    let mut rig = Rig::empty(options().with_streams_without_clock(true).with_min(30 * MS));
    rig.bind(StreamInfo::unknown(SSRC));
    for (at, seq) in [(0, 5), (10, 7), (20, 6), (40, 8)] {
        rig.until(at * MS);
        rig.read(rtp(SSRC).seq(seq).ts(u32::from(seq) * 77_777).payload_len(1).build());
    }
    rig.pass(SECOND);
    assert_eq!(rig.times(), [(5, 30), (6, 40), (7, 40), (8, 70)]);
    assert_eq!(rig.counters().emitted, 4);
}

#[test]
fn a_repair_from_far_ahead_makes_nothing_late() {
    let mut rig = Rig::new(options());
    rig.play_smoothly(0..50);
    let mut repaired = audio(20_000);
    repaired.info_mut().recovered_by = Some(Recovery::Rtx);
    rig.read(repaired);
    rig.play_smoothly(50..150);
    rig.pass(SECOND);
    assert_eq!(rig.numbers(), (0..150).collect::<Vec<_>>());
    assert_eq!((rig.counters().strays, rig.counters().late, rig.counters().lost), (1, 0, 0));
    rig.assert_book();
}

#[test]
fn random_numbers_fill_no_queue() {
    let mut rig = Rig::new(options());
    let mut chance = ChaCha8Rng::seed_from_u64(4);
    for step in 0..20_000_u32 {
        rig.read(rtp(SSRC).pt(111).seq(chance.next_u32() as u16).ts(step * 48).payload_len(10).build());
        assert!(rig.counters().held() <= 513);
        rig.pass(MS);
    }
    rig.pass(2 * SECOND);
    rig.unbind(SSRC);
    rig.assert_book();
    assert!(rig.counters().strays > 10_000, "{:?}", rig.counters());
}

#[test]
fn a_flood_of_one_timestamp_is_forced_out_in_order() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(SECOND)));
    for seq in 0..2000_u16 {
        rig.read(rtp(SSRC).pt(111).seq(seq).ts(1).payload_len(100).build());
        assert!(rig.counters().held() <= 512);
    }
    assert_eq!((rig.counters().forced, rig.out.len()), (1488, 1488));
    rig.pass(SECOND);
    assert_eq!(rig.numbers(), (0..2000).collect::<Vec<u16>>());
    rig.assert_book();
}

#[test]
fn large_packets_are_bounded_in_bytes() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(SECOND)).with_max_bytes(64 << 10));
    for seq in 0..100_u16 {
        rig.read(rtp(SSRC).pt(111).seq(seq).ts(1).payload_len(9_820).build());
        assert!(rig.stream().held_bytes <= 64 << 10);
    }
    assert_eq!((rig.counters().forced, rig.counters().held()), (94, 6));
    // One that is larger than all of it leaves alone.
    let mut alone = Rig::new(options().with_max_bytes(64 << 10));
    alone.read(rtp(SSRC).pt(111).payload_len(65_500).build());
    assert_eq!((alone.numbers(), alone.counters().forced), (vec![0], 1));
}

#[test]
fn ten_thousand_full_streams_are_bounded_together() {
    let cap = 8 << 20;
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(SECOND)).with_connection_bytes(cap));
    let streams = 10_000;
    (1..=streams).for_each(|ssrc| rig.bind(stream_info::bare(ssrc)));
    // The first is the greediest.
    for seq in 0..400_u16 {
        rig.chain.read_rtp(rtp(1).seq(seq).payload_len(1000).build(), rig.clock.now());
    }
    let held = |rig: &Rig, ssrc: u32| rig.handle.stream("call", ssrc).unwrap().held_bytes;
    for seq in 0..5_u16 {
        for ssrc in 2..=streams {
            rig.chain.read_rtp(rtp(ssrc).seq(seq).payload_len(100).build(), rig.clock.now());
        }
        rig.pass(2 * MS);
        rig.pass(2 * MS);
        let total: u64 = (1..=streams).map(|ssrc| held(&rig, ssrc)).sum();
        assert!(total <= 2 * cap as u64, "{total}");
    }
    (0..100).for_each(|_| rig.pass(MS));
    let total: u64 = (1..=streams).map(|ssrc| held(&rig, ssrc)).sum();
    assert!(total <= cap as u64, "{total}");
    // It was forced first, down to what others have.
    assert!(held(&rig, 1) < 2 * 1180 + 1, "{}", held(&rig, 1));
    rig.pass(2 * SECOND);
    let book = rig.counters();
    assert!(book.forced >= 398 && book.held() == 0, "{book:?}");
    assert_eq!(book.emitted, 400 + 5 * u64::from(streams - 1));
    assert_eq!(rig.chain.counters().dropped_emissions, 0);
}

#[test]
fn a_clock_that_stands_still_lets_nothing_go_and_one_that_jumps_all() {
    let mut rig = Rig::empty(options().with_max_packets(4096).with_aim(Aim::Fixed(SECOND)));
    rig.bind(stream_info::bare(SSRC));
    (0..3000).for_each(|seq| rig.read(rtp(SSRC).seq(seq).ts(1).payload_len(10).build()));
    (0..100).for_each(|_| {
        rig.chain.handle_timeout(rig.clock.now());
        rig.poll();
    });
    assert_eq!(rig.out.len(), 0);
    rig.clock.advance(Duration::from_secs(3600));
    let mut at_a_time = Vec::new();
    while rig.counters().held() > 0 {
        rig.chain.handle_timeout(rig.clock.now());
        rig.poll();
        at_a_time.push(rig.numbers().len());
        rig.clock.advance(MS);
    }
    assert_eq!(at_a_time, [1024, 1024, 952]);
    assert_eq!(rig.counters().emitted, 3000);
}

#[test]
fn what_the_chain_has_no_room_for_is_counted_at_the_end() {
    let limits = Limits::default().with_max_emitted_per_input(10);
    let mut rig = Rig::within(options().with_aim(Aim::Fixed(SECOND)), limits, |registry| registry);
    rig.bind(stream_info::audio(SSRC));
    (0..30).for_each(|seq| rig.read(audio(seq)));
    rig.unbind(SSRC);
    assert_eq!((rig.out.len(), rig.counters().ended), (10, 20));
    assert_eq!(rig.chain.counters().dropped_emissions, 0);
    rig.assert_book();
}

#[test]
fn duplicates_are_dropped_whether_they_wait_or_have_left() {
    let mut rig = Rig::new(options());
    for seq in 0..100_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        rig.read(audio(seq));
        rig.read(audio(seq));
        rig.read(audio(seq.saturating_sub(50)));
    }
    rig.pass(SECOND);
    assert_eq!((rig.out.len(), rig.counters().duplicates), (100, 200));
    rig.assert_book();
}
