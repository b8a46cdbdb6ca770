//! The rows of the table of malformed and hostile input.

use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::rtp;

use crate::kit::{Bench, MEDIA, ms};

/// Deterministic numbers that look like chance.
fn noise(step: u32) -> u16 {
    (step.wrapping_mul(0x9e37_79b9) >> 16) as u16 ^ (step.wrapping_mul(0x85eb_ca6b) >> 9) as u16
}

#[test]
fn a_copy_changes_nothing() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    (0..1000).for_each(|_| {
        bench.read(7);
    });
    bench.run(ms(25)).read(7).run(ms(600));
    let blocks = bench.blocks();
    assert_eq!((blocks.len(), blocks[0].received()), (1, vec![7]));
    assert_eq!((bench.counters().duplicates, bench.counters().arrivals), (1000, 1));
}

#[test]
fn numbers_far_behind_are_not_reported() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    (1000..1200).for_each(|seq| {
        bench.read(seq);
    });
    bench.run(ms(25)).wire();
    (0..800).step_by(2).for_each(|seq| {
        bench.read(seq);
    });
    bench.run(ms(600));
    assert_eq!((bench.blocks(), bench.counters().too_late), (vec![], 400));
}

#[test]
fn a_source_that_counts_anew_is_followed_from_its_second_packet() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    (30_000..30_100).for_each(|seq| {
        bench.read(seq);
    });
    bench.run(ms(25)).wire();
    (5..10).for_each(|seq| {
        bench.read(seq);
    });
    bench.run(ms(600));
    let blocks = bench.blocks();
    assert_eq!((blocks.len(), blocks[0].begin, blocks[0].received()), (1, 6, vec![6, 7, 8, 9]));
    assert_eq!((bench.counters().restarts, bench.counters().too_late), (1, 1));
    bench.assert_book_closes();
}

#[test]
fn jumps_cost_less_in_reports_than_the_packets_that_jump() {
    for step in [300_u16, 1000, 30_000] {
        let mut bench = Bench::receiver(Rfc8888Options::default());
        let mut wire = 0;
        for packet in 0..5000_u16 {
            bench.read_packet(rtp(MEDIA).seq(packet.wrapping_mul(step)).build()).run(ms(1));
            wire += bench.wire().iter().map(|packet| packet.len() + 28).sum::<usize>();
        }
        // Missing numbers are told up to 8 for a packet that came, and 256 a round.
        let received = 5000 * (12 + 28);
        assert!(wire <= received, "{step}: {wire} bytes for {received}");
        assert!(bench.counters().missing_untold > 1_000_000, "{:?}", bench.counters());
        bench.assert_book_closes();
    }
}

#[test]
fn a_number_at_random_each_packet_costs_bounded_memory_and_reports() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    let mut wire = 0;
    let memory = allocation_counter::measure(|| {
        for step in 0..20_000 {
            bench.read(noise(step)).run(ms(1));
            wire += bench.wire().iter().map(|packet| packet.len()).sum::<usize>();
        }
    });
    bench.run(ms(600)).wire();
    assert!(memory.bytes_max < 256 << 10, "{memory:?}");
    assert!(20 * wire <= 20_000 * 1012, "{wire} bytes for 20 MB: a twentieth");
    let counters = bench.counters();
    assert_eq!(counters.arrivals + counters.too_late + counters.duplicates, 20_000);
    assert!(counters.too_late > 500 && counters.missing_untold > 1_000_000, "{counters:?}");
    bench.assert_book_closes();
}

#[test]
fn more_arrivals_than_are_remembered_push_the_oldest_out() {
    let mut bench = Bench::receiver(Rfc8888Options::default().with_max_arrivals(1024));
    let memory = allocation_counter::measure(|| {
        (0..20_000).for_each(|seq| {
            bench.read(seq);
        });
    });
    assert!(memory.bytes_max < 128 << 10, "{memory:?}");
    let received: Vec<u16> = bench.run(ms(25)).blocks().iter().flat_map(|block| block.received()).collect();
    assert_eq!(received, (20_000 - 1024..20_000).collect::<Vec<_>>());
    assert_eq!(bench.counters().arrivals_forgotten, 20_000 - 1024);
    bench.assert_book_closes();
}
