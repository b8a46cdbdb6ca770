//! Packets that overtake the first one of the key frame that a subscriber begins with.

use super::{A, B, Viewer, fanout, frames, one_frame, packet, part};

/// What has arrived: numbers from the first on, and tags.
fn arrived(viewer: &Viewer) -> Vec<(u16, u8)> {
    viewer.arrived().into_iter().map(|(_, number, _, tag)| (number.wrapping_sub(65_533), tag)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_overtakes_the_first_packet_of_a_key_frame_follows_it() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    viewer.subscription.switch_to(A);
    // A frame before it; two of its packets, the first of a batch, and its first one.
    assert!(fanout.forward(A, &frames(9, "0"), part).key_frame_wanted);
    let key = one_frame(10, "k000");
    assert!(fanout.forward(A, &key[2..3], part).key_frame_wanted);
    fanout.forward(A, &[key[1].clone(), key[0].clone(), key[3].clone()], part);
    fanout.forward(A, &frames(14, "0"), part);
    assert_eq!(arrived(&viewer), [(0, b'k'), (2, b'0'), (1, b'0'), (3, b'0'), (4, b'0')]);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.given, counters.sent, counters.refused, counters.unaccounted()), (6, 5, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_first_packet_that_was_lost_and_is_sent_again_begins_with_all_that_followed_it() {
    let fanout = fanout();
    let [waiting, getting] = [7, 8].map(|ssrc| Viewer::new(&fanout, ssrc));
    getting.subscription.switch_to(B);
    fanout.forward(B, &frames(0, "k"), part);
    waiting.subscription.switch_to(A);
    fanout.forward(A, &frames(100, "k"), part);
    waiting.subscription.switch_to(B);
    // The key frame's first packet is number 1.
    fanout.forward(B, &[packet(2, 3000, b'0'), packet(3, 6000, b'0'), packet(4, 9000, b'0')], part);
    fanout.forward(A, &frames(101, "0"), part);
    assert_eq!(arrived(&waiting), [(0, b'k'), (1, b'0')], "the old source goes on");
    assert_eq!(arrived(&getting), [(0, b'k'), (2, b'0'), (3, b'0'), (4, b'0')], "who gets it does not wait");
    fanout.forward(B, &[packet(1, 3000, b'k'), packet(5, 12_000, b'0')], part);
    assert_eq!(arrived(&waiting), [(2, b'k'), (3, b'0'), (4, b'0'), (5, b'0'), (6, b'0')]);
    assert_eq!(arrived(&getting), [(1, b'k'), (5, b'0')]);
    for viewer in [&waiting, &getting] {
        assert_eq!(viewer.subscription.counters().unaccounted(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn behind_more_packets_than_are_kept_another_key_frame_is_needed() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    viewer.subscription.switch_to(A);
    fanout.forward(A, &frames(1, &"0".repeat(65)), part);
    assert!(fanout.forward(A, &frames(0, "k"), part).key_frame_wanted);
    assert_eq!(fanout.forward(A, &frames(66, "k0"), part).packets, 2);
    assert_eq!(viewer.tags(), b"k0");
    let counters = viewer.subscription.counters();
    assert_eq!((counters.given, counters.refused, counters.unaccounted()), (68, 66, 0));
}
