//! Streams that come, change and go.

use interceptor_core::packet::Origin;
use interceptor_rfc8888::Rfc8888Options;
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, MEDIA, RTX, ms, stream};

#[test]
fn media_and_retransmissions_have_a_block_each() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench
        .read(100)
        .read_packet(rtp(RTX).pt(97).seq(7).origin(Origin::Retransmission).build())
        .read(101)
        .run(ms(25));
    let blocks: Vec<_> = bench.blocks().iter().map(|block| (block.ssrc, block.received())).collect();
    assert_eq!(blocks, [(MEDIA, vec![100, 101]), (RTX, vec![7])]);
}

#[test]
fn only_streams_that_negotiated_it_are_reported() {
    let mut bench = Bench::new(Rfc8888Options::default(), |config| config);
    bench.bind(stream_info::video(MEDIA));
    bench.read(1).read_packet(rtp(9).build()).run(ms(600));
    assert_eq!((bench.blocks(), bench.counters().arrivals), (vec![], 0));
    bench.chain.amend_remote(stream(MEDIA), bench.now).unwrap();
    bench.read(2).run(ms(25));
    assert_eq!(bench.blocks()[0].received(), [2]);
    bench.read(3);
    bench.chain.amend_remote(stream_info::video(MEDIA), bench.now).unwrap();
    bench.read(4).run(ms(600));
    assert_eq!((bench.blocks(), bench.counters().arrivals_forgotten), (vec![], 1));
    bench.assert_book_closes();
}

#[test]
fn only_sources_with_new_packets_have_a_block() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.bind(stream(50));
    bench.read(1).read_packet(rtp(50).build()).run(ms(25));
    assert_eq!(bench.blocks().len(), 2);
    bench.run(ms(100)).read(2).run(ms(25));
    let ssrcs: Vec<u32> = bench.blocks().iter().map(|block| block.ssrc).collect();
    assert_eq!(ssrcs, [MEDIA]);
}

#[test]
fn a_stream_that_ends_takes_what_waits_with_it_and_another_has_its_place() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.read(1);
    bench.chain.unbind_remote(MEDIA, bench.now).unwrap();
    bench.bind(stream(60));
    bench.read_packet(rtp(60).seq(5).build()).run(ms(600));
    let blocks = bench.blocks();
    assert_eq!((blocks.len(), blocks[0].ssrc, blocks[0].received()), (1, 60, vec![5]));
    assert_eq!(bench.counters().arrivals_forgotten, 1);
    bench.assert_book_closes();
}

#[test]
fn an_amendment_keeps_what_is_known_of_the_sources_that_stay() {
    let mut bench = Bench::receiver(Rfc8888Options::default());
    bench.read(1).read_packet(rtp(RTX).pt(97).seq(7).build());
    bench.chain.amend_remote(stream(MEDIA).with_rtx(99, 97), bench.now).unwrap();
    bench.read(3).read_packet(rtp(99).pt(97).seq(9).build()).run(ms(25));
    let blocks: Vec<_> =
        bench.blocks().iter().map(|block| (block.ssrc, block.received(), block.missing())).collect();
    assert_eq!(blocks, [(MEDIA, vec![1, 3], vec![2]), (99, vec![9], vec![])]);
    bench.assert_book_closes();
}
