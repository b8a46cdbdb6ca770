//! Packets that come twice, one of the copies restored: the application gets one.

use std::collections::{BTreeMap, BTreeSet};

use interceptor_core::packet::{Origin, Recovery};
use interceptor_core::{Registry, Rtt};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::{Duplicate, LinkOptions, Loss, Pair, PairOptions, Side, rtp as media, stream_info};
use proptest::prelude::*;

use crate::kit::{Bench, Publish, SSRC, ms, rtp, video};

/// Reads a packet; does the application get it?
fn passes(bench: &mut Bench, seq: u16, recovery: Option<Recovery>) -> bool {
    let mut packet = rtp(seq);
    packet.info_mut().recovered_by = recovery;
    bench.chain.read_rtp(packet, bench.now);
    bench.chain.poll_app().is_some()
}

const RTX: Option<Recovery> = Some(Recovery::Rtx);
const FEC: Option<Recovery> = Some(Recovery::Fec);

#[test]
fn a_second_copy_ends_if_either_was_restored_in_whatever_order() {
    for start in [100_u16, 65_530] {
        let numbers = |range: std::ops::Range<u16>| range.map(move |step| start.wrapping_add(step));
        for restored in [RTX, FEC] {
            let mut bench = Bench::receiver(NackOptions::default());
            bench.read_numbers(numbers(0..5)).read_numbers(numbers(10..20));
            // 5 and 6 were lost, 8 is late.
            for (step, copies) in [
                (5, [restored, restored, None, restored]),
                (6, [restored, None, None, restored]),
                (8, [None, restored, None, None]),
            ] {
                let seq = start.wrapping_add(step);
                let passed = copies.map(|copy| passes(&mut bench, seq, copy));
                assert_eq!(passed, [true, false, false, false], "{seq}: {copies:?}");
            }
            // 12 had come in its place, as an old packet that a peer probes with.
            assert!(!passes(&mut bench, start.wrapping_add(12), restored));
            assert!(!passes(&mut bench, start.wrapping_add(12), None));
            assert_eq!((bench.asking().restored_duplicates, bench.asking().duplicates_or_old), (11, 0));
        }
    }
}

#[test]
fn copies_that_the_path_makes_go_on() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([1, 2, 4]);
    assert!([2, 3, 3, 4, 1].into_iter().all(|seq| passes(&mut bench, seq, None)));
    assert_eq!((bench.asking().restored_duplicates, bench.asking().duplicates_or_old), (0, 4));
}

#[test]
fn a_restored_packet_that_is_the_newest_counts_as_any() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([65_534]);
    assert!(passes(&mut bench, 65_535, RTX), "the next one");
    assert!(!passes(&mut bench, 65_535, None));
    assert!(passes(&mut bench, 2, FEC), "one ahead");
    assert!(!passes(&mut bench, 2, RTX) && !passes(&mut bench, 2, None));
    assert_eq!(bench.asked(), [[0, 1]]);
}

#[test]
fn the_first_packet_and_those_before_it_count_as_any() {
    let mut bench = Bench::receiver(NackOptions::default());
    assert!(passes(&mut bench, 10, RTX) && !passes(&mut bench, 10, None));
    assert!(passes(&mut bench, 7, None) && !passes(&mut bench, 7, RTX));
    assert!(passes(&mut bench, 9, RTX) && !passes(&mut bench, 9, None));
    assert!(passes(&mut bench, 65_500, RTX) && !passes(&mut bench, 65_500, RTX));
    assert!(passes(&mut bench, 8, None) && passes(&mut bench, 8, None), "as the path made them");
    bench.run(500);
    assert_eq!(bench.asked(), [[0; 0]; 0], "nothing before the first is missing");
    assert_eq!(bench.asking().duplicates_or_old, 5);
}

#[test]
fn what_is_older_than_the_window_goes_on_as_nobody_knows_whether_it_came() {
    let mut bench = Bench::receiver(NackOptions::default().with_history_packets(64));
    bench.read_numbers([1, 3]);
    assert!(passes(&mut bench, 2, RTX));
    bench.read_numbers(4..=65);
    assert!(!passes(&mut bench, 2, RTX), "the oldest of the window");
    bench.read_numbers([66]);
    assert!(passes(&mut bench, 2, RTX) && passes(&mut bench, 2, None));
    assert_eq!((bench.asking().restored_duplicates, bench.asking().out_of_place), (1, 2));
    // 66 has the place of 2, and was not restored.
    assert!(passes(&mut bench, 66, None));
}

#[test]
fn a_new_sequence_of_the_sender_is_not_that_of_before() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([5_000, 5_002]);
    assert!(passes(&mut bench, 5_001, RTX));
    bench.read_numbers([20_000, 20_001]).pass(1_500);
    bench.read_numbers([4_999, 5_000]);
    assert_eq!(bench.asking().resets, 2);
    assert!(passes(&mut bench, 5_001, None) && passes(&mut bench, 5_001, None));
}

#[test]
fn it_can_be_switched_off() {
    let mut bench = Bench::receiver(NackOptions::default().with_drop_restored_duplicates(false));
    bench.read_numbers([1, 3]);
    assert!([RTX, RTX, None].into_iter().all(|copy| passes(&mut bench, 2, copy)));
    assert_eq!((bench.asking().restored_duplicates, bench.asking().duplicates_or_old), (0, 2));
}

#[test]
fn answers_that_come_twice_reach_the_application_once() {
    for rtx in [false, true] {
        let mut registry = Registry::new().with(NackFactory::default()).with(Publish(Rtt::first(ms(60))));
        if rtx {
            registry.add(RtxFactory::default());
        }
        // Every tenth is lost, every fourth comes twice.
        let link = LinkOptions::default().with_delay(ms(30)).with_loss(Loss::random(0.1));
        let link = link.with_duplicate(Duplicate::new(0.25));
        let mut pair =
            Pair::new(&registry, &registry, PairOptions::default().with_seed(11).with_links(link)).unwrap();
        let info = if rtx { stream_info::video_with_rtx(1, 2) } else { stream_info::video(1) };
        pair.bind(Side::A, info).unwrap();
        pair.feed(Side::A, media(1).seq(60_000).payload_len(300).stream().every(ms(5)).take(4_000));
        pair.run_for(ms(25_000));
        let mut copies: BTreeMap<u16, (usize, bool)> = BTreeMap::new();
        for packet in pair.received_rtp(Side::B) {
            assert_eq!((packet.ssrc(), packet.info().origin), (1, Origin::Media));
            let (count, restored) = copies.entry(packet.sequence_number()).or_default();
            *count += 1;
            *restored |= packet.info().recovered_by.is_some();
        }
        assert!(copies.len() > 3_990, "{}", copies.len());
        let twice = copies.values().filter(|(count, _)| *count > 1).count();
        assert!(twice > 500, "the path's own: {twice}");
        assert!(copies.values().all(|(count, restored)| *count == 1 || !restored));
        assert_eq!(copies.values().any(|(_, restored)| *restored), rtx);
    }
}

proptest! {
    #[test]
    fn agrees_with_a_list_of_all_that_came(
        start in any::<u16>(),
        steps in prop::collection::vec((prop_oneof![4 => Just(1_i32), 6 => -20_i32..20], 0_u8..3), 1..300),
    ) {
        let mut bench = Bench::receiver(NackOptions::default());
        let (mut newest, mut came, mut restored) = (0, BTreeSet::new(), BTreeSet::new());
        for (step, copy) in steps {
            let at = newest + step;
            newest = newest.max(at);
            let recovery = [None, RTX, FEC][usize::from(copy)];
            if recovery.is_some() {
                restored.insert(at);
            }
            let expected = came.insert(at) || !restored.contains(&at);
            prop_assert_eq!(passes(&mut bench, start.wrapping_add(at as u16), recovery), expected, "{}", at);
        }
        let asking = bench.asking();
        prop_assert_eq!(asking.resets + asking.out_of_place, 0);
    }
}

#[test]
fn streams_of_others_are_not_looked_at() {
    // Without `nack` there is no log: FEC interceptors see to their own copies.
    let mut info = video();
    info.feedback.clear();
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(info);
    assert!([RTX, RTX, None].into_iter().all(|copy| passes(&mut bench, 2, copy)));
    assert_eq!(bench.asking_of(SSRC), None);
}
