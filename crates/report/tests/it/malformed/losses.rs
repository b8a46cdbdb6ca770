//! Receivers that report losses that were none.

use crate::receiver::{LOCAL, PEER, Receiver, SECOND, hear, lossless, sender};

#[test]
fn old_and_repeated_blocks_are_no_losses() {
    let (mut bench, mut peer) = lossless();
    let old = peer.block();
    peer.report(&mut bench, 10);
    let known = bench.chain.facts().loss(LOCAL);
    for _ in 0..3 {
        bench.skip(SECOND);
        hear(&mut bench, PEER, &[peer.block()]);
    }
    hear(&mut bench, PEER, &[old]);
    assert_eq!(bench.report().counters().old_blocks, 1);
    assert_eq!(bench.chain.facts().loss(LOCAL), known);
    peer.report(&mut bench, 0);
    assert!(bench.chain.facts().loss(LOCAL).unwrap().ppm < known.unwrap().ppm);
    assert_eq!(bench.report().counters().leaped_blocks, 0);
}

#[test]
fn numbers_that_begin_anew_are_no_losses() {
    let (mut bench, mut peer) = lossless();
    for (highest, lost) in [(0x4000_0000, 70_000), (1000, 0), (900, -8000)] {
        (peer.highest, peer.lost) = (highest, lost);
        for _ in 0..5 {
            assert!(peer.report(&mut bench, 0).is_empty());
        }
    }
    let counters = bench.report().counters();
    assert_eq!(
        (counters.leaped_blocks, counters.old_blocks),
        (3, 1),
        "the last goes back by a little, twice"
    );
}

#[test]
fn a_peer_can_say_no_more_than_that_all_is_lost() {
    let (mut bench, mut peer) = lossless();
    let mut told = vec![];
    for i in 0..40 {
        peer.lost = (i % 2) * 8_000_000 - 4_000_000;
        told.extend(peer.report(&mut bench, 0));
    }
    assert!(told.iter().all(|ppm| *ppm <= 1_000_000), "{told:?}");
    assert!(bench.report().counters().absurd_losses > 0);
    peer.lost = 0;
    for _ in 0..60 {
        peer.report(&mut bench, 0);
    }
    assert_eq!(bench.chain.facts().loss(LOCAL).unwrap().ppm, 0, "and it is over when it says the truth");
}

#[test]
fn no_more_than_four_receivers_of_a_stream_count() {
    let mut bench = sender();
    let mut peers: Vec<_> = (0..6).map(Receiver::new).collect();
    for _ in 0..5 {
        for peer in &mut peers {
            let lost = if peer.ssrc < 4 { 0 } else { 90 };
            peer.report(&mut bench, lost);
        }
    }
    assert_eq!(bench.report().counters().uncounted_reporters, 10);
    assert_eq!(bench.chain.facts().loss(LOCAL).unwrap().ppm, 0);
    // Those that leave make room.
    let mut late = peers.pop().unwrap();
    for _ in 0..15 {
        late.report(&mut bench, 90);
    }
    assert!(bench.chain.facts().loss(LOCAL).unwrap().ppm > 800_000);
}
