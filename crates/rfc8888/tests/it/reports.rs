//! What reports say.

use interceptor_core::packet::rtcp::CcfbArrival;
use interceptor_core::packet::{Ecn, Recovery, Rtcp};
use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::rtp;

use crate::kit::{Bench, Block, MEDIA, SENDER, ccfb, media, ms, stream};

#[test]
fn reports_are_about_all_numbers_once_without_a_gap() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    for seq in (0..2000_u16).filter(|seq| seq % 7 != 3) {
        bench.read(seq.wrapping_add(65_000)).run(ms(3));
    }
    let blocks = bench.run(ms(600)).blocks();
    assert!(blocks.len() > 50);
    assert!(blocks.windows(2).all(|pair| pair[1].begin == pair[0].end()), "contiguous");
    let missing: Vec<u16> = blocks.iter().flat_map(Block::missing).collect();
    let expected = (0..1999_u16).filter(|seq| seq % 7 == 3).map(|seq| seq.wrapping_add(65_000));
    assert_eq!(missing, expected.collect::<Vec<_>>());
    bench.assert_book_closes();
    assert_eq!(bench.pending(), 0);
}

#[test]
fn a_packet_that_comes_late_is_reported_with_what_follows_it() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    (0..100).filter(|seq| ![20, 70, 80].contains(seq)).for_each(|seq| {
        bench.read(seq);
    });
    bench.run(ms(30)).wire();
    bench.read(80).read(100).read(70).read(20).run(ms(600));
    let blocks = bench.blocks();
    assert_eq!((blocks.len(), blocks[0].begin, blocks[0].end()), (1, 70, 101));
    assert_eq!(blocks[0].received().len(), 31);
    let counters = bench.counters();
    assert_eq!((counters.arrivals_late, counters.too_late), (2, 1), "one is more than 64 behind");
    bench.assert_book_closes();
}

/// RFC 8888 §3.1: the first copy counts, and the mark of any.
#[test]
fn of_copies_the_first_arrival_counts_and_the_mark_of_any() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench
        .read_marked(1, Ecn::Ect1)
        .pass(ms(10))
        .read_marked(1, Ecn::Ce)
        .read_marked(2, Ecn::Ce)
        .read_marked(2, Ecn::Ect0);
    bench.pass(ms(15)).run(ms(0));
    let told = |block: &Block| block.packets.iter().map(|(_, came)| came.unwrap()).collect::<Vec<_>>();
    let before =
        |units: u64| CcfbArrival::Before(std::time::Duration::from_nanos(units * 1_000_000_000 / 1024));
    assert_eq!(told(&bench.blocks()[0]), [(before(25), Ecn::Ce), (before(15), Ecn::Ce)]);

    bench.read_marked(3, Ecn::Ect1).run(ms(100)).wire();
    bench.read_marked(3, Ecn::Ect1).run(ms(600));
    assert_eq!(bench.blocks(), [], "a copy is no news");
    bench.read_marked(3, Ecn::Ce).run(ms(600));
    assert_eq!(bench.blocks()[0].packets[0].1.unwrap().1, Ecn::Ce, "its mark is");
    assert_eq!((bench.counters().duplicates, bench.counters().arrivals_marked), (4, 1));
    bench.assert_book_closes();
}

#[test]
fn without_a_word_of_the_transport_there_is_no_mark() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.read(1).run(ms(25));
    assert_eq!(bench.blocks()[0].packets[0].1.unwrap().1, Ecn::NotEct);
}

#[test]
fn packets_from_before_the_first_are_reported_if_nothing_has_been() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.read(5).read(3).read(4).run(ms(25));
    assert_eq!(bench.blocks()[0].received(), [3, 4, 5]);
}

#[test]
fn what_was_restored_has_not_arrived() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    let mut restored = media(1);
    restored.info_mut().recovered_by = Some(Recovery::Fec);
    bench.read(0).read_packet(restored).read(2).run(ms(25));
    assert_eq!(bench.blocks()[0].missing(), [1]);
}

/// Whole blocks first, then parts of them, all with one report timestamp.
#[test]
fn what_does_not_fit_a_datagram_goes_into_further_ones() {
    let mut bench = Bench::new(Rfc8888Options::default(), |config| config.with_mtu(600));
    (0..40).for_each(|ssrc| bench.bind(stream(10 * ssrc + 1)));
    for (seq, ssrc) in (0..20).flat_map(|seq| (0..40).map(move |ssrc| (seq, 10 * ssrc + 1))) {
        bench.read_packet(rtp(ssrc).seq(seq).build());
    }
    (20..2000).for_each(|seq| {
        bench.read_packet(rtp(391).seq(seq).build());
    });
    let wire = bench.run(ms(25)).wire();
    assert!(
        wire.iter().all(|packet| packet.len() <= 600),
        "{:?}",
        wire.iter().map(|p| p.len()).collect::<Vec<_>>()
    );
    let timestamps: Vec<u32> = wire.iter().map(|packet| ccfb(packet).report_timestamp()).collect();
    assert!(wire.len() >= 10 && timestamps.iter().all(|timestamp| *timestamp == timestamps[0]));
    let blocks: Vec<Block> = wire.iter().flat_map(Block::all).collect();
    for ssrc in (0..39).map(|ssrc| 10 * ssrc + 1) {
        let of_stream: Vec<_> = blocks.iter().filter(|block| block.ssrc == ssrc).collect();
        assert_eq!(
            (of_stream.len(), of_stream[0].packets.len()),
            (1, 20),
            "a block that fits is not divided"
        );
    }
    let long: Vec<_> = blocks.iter().filter(|block| block.ssrc == 391).collect();
    assert!(long.windows(2).all(|pair| pair[1].begin == pair[0].end()));
    assert_eq!(long.iter().map(|block| block.packets.len()).sum::<usize>(), 2000);
}

/// RFC 3550 §6.1, RFC 5506: the report of who stands farther from the wire cannot be put before it any more.
#[test]
fn without_reduced_size_a_report_stands_behind_an_empty_one_and_a_name() {
    let mut bench = Bench::new(Rfc8888Options::default(), |config| {
        config.with_reduced_size_rtcp(false).with_cname("somebody").with_mtu(548)
    });
    bench.bind(stream(MEDIA));
    (0..1000).for_each(|seq| {
        bench.read(seq);
    });
    let wire = bench.run(ms(25)).wire();
    assert!(wire.len() > 3);
    for packet in &wire {
        assert!(packet.is_compound() && packet.len() <= 548 && packet.malformed() == 0);
        let kinds: Vec<u8> = packet.packets().map(|view| view.packet_type()).collect();
        assert_eq!(kinds, [201, 202, 205]);
        let Some(Rtcp::Sdes(sdes)) = packet.packets().nth(1) else { panic!("a name") };
        assert!(sdes.cnames().eq([(SENDER, &b"somebody"[..])]));
    }
    assert_eq!(bench.counters().report_bytes, wire.iter().map(|packet| packet.len() as u64).sum::<u64>());
}
