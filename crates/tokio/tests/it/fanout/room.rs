//! No room: what a decoder can do without is left out, and only a frame of layer 0 cuts.

use super::{A, Viewer, fanout, frames, one_frame, packet, part};
use crate::support::settle;

/// A subscriber who has got a key frame, and whose queue has room for `left` more packets, of eight.
fn full_but(fanout: &interceptor_tokio::Fanout, left: usize) -> Viewer {
    let viewer = Viewer::new(fanout, 7);
    viewer.subscription.switch_to(A);
    viewer.out.set_room(Some(0));
    fanout.forward(A, &one_frame(0, &format!("k{}", "0".repeat(7 - left))), part);
    assert_eq!(viewer.subscription.counters().sent, 8 - left as u64);
    viewer
}

#[tokio::test(start_paused = true)]
async fn padding_that_finds_none_cuts_nobody() {
    let fanout = fanout();
    let viewer = full_but(&fanout, 0);
    fanout.forward(A, &frames(10, "p"), part);
    // In the room of its own it does not count as part of a frame that has to fit.
    viewer.out.set_room(None);
    settle().await;
    viewer.out.set_room(Some(0));
    fanout.forward(A, &one_frame(11, "0000000"), part);
    fanout.forward(A, &one_frame(18, "0ppp"), part);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.cuts, counters.sent, counters.refused, counters.unaccounted()), (0, 16, 4, 0));
    viewer.out.set_room(None);
    settle().await;
    let numbers: Vec<u16> = viewer.arrived().iter().map(|packet| packet.1).collect();
    let expected: Vec<u16> = (0..16).map(|at| 65_533_u16.wrapping_add(at)).collect();
    // Numbers 8 and 9 of the source never came.
    assert_eq!(numbers[..8], expected[..8]);
    assert_eq!(numbers[8..], expected[8..].iter().map(|number| number + 2).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_late_packet_of_an_upper_layer_that_finds_none_cuts_nobody() {
    let fanout = fanout();
    let viewer = full_but(&fanout, 1);
    viewer.subscription.set_max_layer(0);
    // Number 8 is late: number 9 has left, so it stands, and there is no room.
    fanout.forward(A, &[packet(9, 27_000, b'0'), packet(8, 24_000, b'1')], part);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.cuts, counters.sent, counters.missed, counters.unaccounted()), (0, 8, 1, 0));
    assert_eq!(viewer.subscription.rewriter_counters().kept_numbers, 1);
    viewer.out.set_room(None);
    settle().await;
    // With room it would have been sent: a gap is worse.
    fanout.forward(A, &[packet(11, 33_000, b'0'), packet(10, 30_000, b'1')], part);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.sent, counters.missed, counters.left_out_by_limit), (10, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_frame_of_an_upper_layer_is_broken_off_without_a_gap_and_its_layer_waits_for_sync() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    viewer.subscription.switch_to(A);
    viewer.out.set_room(Some(4));
    fanout.forward(A, &one_frame(0, "k000"), part);
    viewer.out.set_room(Some(0));
    fanout.forward(A, &one_frame(4, "0000"), part);
    // Layer 1 begins while four wait; of its frame the queue holds four more, then it is full.
    fanout.forward(A, &one_frame(8, "1111"), part);
    fanout.forward(A, &[packet(12, 24_000, b'1'), packet(13, 24_000, b'1')], part);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.cuts, counters.sent, counters.left_out_by_backlog), (0, 12, 2));
    viewer.out.set_room(None);
    settle().await;
    fanout.forward(A, &frames(14, "101s1"), part);
    let arrived = viewer.arrived();
    assert_eq!(arrived.iter().map(|packet| packet.3).collect::<Vec<_>>(), b"k000000011110s1");
    let numbers = (0..15).map(|at| 65_533_u16.wrapping_add(at));
    assert_eq!(arrived.iter().map(|packet| packet.1).collect::<Vec<_>>(), numbers.collect::<Vec<_>>());
    assert_eq!(viewer.subscription.counters().unaccounted(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_sets_its_clock_back_is_thinned_by_whole_frames_all_the_same() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    viewer.subscription.switch_to(A);
    let hour = 324_000_000;
    let later = |packets: Vec<interceptor_packet::RtpPacket>| {
        packets.into_iter().map(move |mut packet| {
            packet.set_timestamp(packet.timestamp() + hour);
            packet
        })
    };
    fanout.forward(A, &later(frames(0, "k1")).collect::<Vec<_>>(), part);
    // An hour back; then five wait, and layer 1 goes.
    viewer.out.set_room(Some(0));
    fanout.forward(A, &frames(2, "01010"), part);
    fanout.forward(A, &frames(7, "1010"), part);
    // Seven wait, and a frame of two is not begun.
    fanout.forward(A, &one_frame(11, "00"), part);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.sent, counters.left_out_by_backlog, counters.cut_packets), (9, 2, 2));
    assert_eq!((counters.cuts, counters.unaccounted()), (1, 0));
}
