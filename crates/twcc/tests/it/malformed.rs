//! The rows of the table of malformed and hostile input.

use interceptor_core::packet::RtpPacket;
use interceptor_test::{hex, rtp};
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, ID, MEDIA, ms, numbered, video};

/// Deterministic numbers that look like chance.
fn noise(step: u32) -> u16 {
    (step.wrapping_mul(0x9e37_79b9) >> 16) as u16 ^ (step.wrapping_mul(0x85eb_ca6b) >> 9) as u16
}

#[test]
fn a_number_of_another_length_is_not_read_and_counted() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for value in [&[1][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        bench.read_packet(rtp(MEDIA).ext(ID, value).build());
    }
    bench.run(ms(300));
    assert_eq!(
        (bench.reports(), bench.counters().malformed_numbers, bench.counters().arrivals),
        (vec![], 3, 0)
    );
}

#[test]
fn a_packet_without_a_number_is_counted() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.read_packet(rtp(MEDIA).build()).read(1).run(ms(1));
    assert_eq!(bench.reports()[0].received(), [1]);
    assert_eq!(bench.counters().unnumbered, 1);
}

#[test]
fn a_copy_changes_nothing() {
    let mut bench = Bench::receiver(TwccOptions::default());
    (0..1000).for_each(|_| {
        bench.read(7);
    });
    bench.run(ms(1)).read(7).run(ms(300));
    let reports = bench.reports();
    assert_eq!((reports.len(), reports[0].received()), (1, vec![7]));
    assert_eq!((bench.counters().duplicates, bench.counters().arrivals), (1000, 1));
}

#[test]
fn numbers_far_behind_are_not_reported() {
    let mut bench = Bench::receiver(TwccOptions::default());
    (1000..1200).for_each(|number| {
        bench.read(number);
    });
    bench.run(ms(1)).wire();
    (0..800).step_by(2).for_each(|number| {
        bench.read(number);
    });
    bench.run(ms(300));
    assert_eq!((bench.reports(), bench.counters().too_late), (vec![], 400));
}

#[test]
fn a_sender_that_counts_anew_is_followed_from_its_second_packet() {
    let mut bench = Bench::receiver(TwccOptions::default());
    (30_000..30_100).for_each(|number| {
        bench.read(number);
    });
    bench.run(ms(1)).wire();
    (5..10).for_each(|number| {
        bench.read(number);
    });
    bench.run(ms(300));
    let reports = bench.reports();
    assert_eq!((reports.len(), reports[0].base, reports[0].received()), (1, 6, vec![6, 7, 8, 9]));
    assert_eq!((bench.counters().restarts, bench.counters().too_late), (1, 1));
    bench.assert_book_closes();
}

#[test]
fn jumps_of_thirty_thousand_cost_a_few_bytes_each() {
    let mut bench = Bench::receiver(TwccOptions::default());
    for step in 0..2000_u16 {
        bench.read(step.wrapping_mul(30_000)).run(ms(1));
    }
    bench.run(ms(300)).wire();
    let counters = bench.counters();
    assert_eq!(counters.jumps, 1999);
    // A message says no more than 65 535 numbers, so that every other packet takes one.
    assert!(counters.feedback_bytes <= 24 * 2000, "{counters:?}");
    bench.assert_book_closes();
}

#[test]
fn a_number_at_random_each_packet_costs_bounded_memory_and_feedback() {
    let mut bench = Bench::receiver(TwccOptions::default());
    let mut wire = 0;
    let before = allocation_counter::measure(|| {
        for step in 0..50_000 {
            bench.read(noise(step)).pass(ms(1));
            bench.run(ms(0));
            wire += bench.wire().iter().map(|packet| packet.len()).sum::<usize>();
        }
    });
    bench.run(ms(300)).wire();
    let counters = bench.counters();
    assert!(before.bytes_max < 64 << 10, "{before:?}");
    assert!(wire <= 14 * 50_000, "{wire} bytes for 51 MB");
    assert!(counters.jumps > 10_000 && counters.too_late > 1000, "{counters:?}");
    assert_eq!(counters.arrivals + counters.too_late + counters.duplicates, 50_000);
    bench.assert_book_closes();
}

#[test]
fn more_arrivals_than_are_remembered_push_the_oldest_out() {
    let mut bench = Bench::receiver(TwccOptions::default().with_max_arrivals(1024));
    let before = allocation_counter::measure(|| {
        (0..20_000).for_each(|number| {
            bench.read(number);
        });
    });
    assert!(before.bytes_max < 64 << 10, "{before:?}");
    let reports = bench.run(ms(1)).reports();
    let received: Vec<u16> = reports.iter().flat_map(|report| report.received()).collect();
    assert_eq!(received, (20_000 - 1024..20_000).collect::<Vec<_>>());
    assert_eq!(bench.counters().arrivals_forgotten, 20_000 - 1024);
    bench.assert_book_closes();
}

#[test]
fn requests_for_feedback_in_every_packet_make_no_more_than_twenty_a_second() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    let info = interceptor_core::StreamInfo::new(MEDIA, 96, 90_000)
        .with_feedback("transport-cc", "")
        .with_extension(ID, crate::kit::V2);
    bench.chain.bind_remote(info, bench.now).unwrap();
    for number in 0..5000_u16 {
        let [high, low] = number.to_be_bytes();
        bench.read_packet(rtp(MEDIA).ext(ID, &[high, low, 0xff, 0xff]).build()).run(ms(1));
    }
    assert_eq!(bench.counters().feedback_requests, 5000);
    assert!(bench.counters().feedback_sent <= 101, "{:?}", bench.counters());
}

#[test]
fn a_foreign_extension_block_leaves_without_a_number() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    bench.chain.bind_local(video(), bench.now).unwrap();
    let foreign = RtpPacket::parse(hex("90 60 0001 00000000 0a0b0c0d abcd 0001 01020304 aa")).unwrap();
    bench.chain.write_rtp(foreign.clone(), bench.now);
    let left = bench.chain.poll_wire().unwrap();
    assert_eq!(left.to_bytes(), foreign.to_bytes());
    assert_eq!((bench.counters().not_stamped, bench.counters().stamped), (1, 0));
    bench.chain.write_rtp(numbered(9), bench.now);
    assert_eq!(bench.chain.poll_wire().unwrap().to_bytes(), numbered(0).to_bytes(), "no number is lost");
}
