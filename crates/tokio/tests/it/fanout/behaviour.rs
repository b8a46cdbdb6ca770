//! One stream each, by rule less for who is slow, and nothing for the others to notice.

use interceptor_core::StreamInfo;
use interceptor_tokio::rewriter::RewriterOptions;
use interceptor_tokio::{Fanout, FanoutOptions};

use super::{A, B, Viewer, fanout, frames, one_frame, part};
use crate::support::settle;

#[tokio::test(start_paused = true)]
async fn each_subscriber_sees_one_stream_of_its_own_over_a_switch() {
    let fanout = fanout();
    let viewers = [7, 8].map(|ssrc| Viewer::new(&fanout, ssrc));
    viewers.iter().for_each(|viewer| viewer.subscription.switch_to(A));
    assert!(fanout.forward(A, &frames(9, "0"), part).key_frame_wanted);
    let forwarded = fanout.forward(A, &frames(10, "k0"), part);
    assert_eq!((forwarded.packets, forwarded.key_frame_wanted), (4, false));
    viewers[1].subscription.switch_to(B);
    assert!(fanout.forward(B, &frames(500, "00"), part).key_frame_wanted, "somebody waits");
    assert_eq!(fanout.forward(A, &frames(12, "0"), part).packets, 2, "and gets A until then");
    tokio::time::advance(std::time::Duration::from_millis(100)).await;
    fanout.forward(B, &frames(502, "k0"), part);
    fanout.forward(A, &frames(13, "0"), part);
    let start = [(65_533, 1000, b'k'), (65_534, 4000, b'0'), (65_535, 7000, b'0')];
    let ends = [vec![(0, 10_000, b'0')], vec![(0, 7000 + 9000, b'k'), (1, 7000 + 9000 + 3000, b'0')]];
    for (viewer, end) in viewers.iter().zip(ends) {
        let ssrc = viewer.subscription.ssrc();
        let expected = start.into_iter().chain(end);
        let expected: Vec<_> = expected.map(|(seq, timestamp, tag)| (ssrc, seq, timestamp, tag)).collect();
        assert_eq!(viewer.arrived(), expected);
        assert_eq!(viewer.subscription.counters().unaccounted(), 0);
    }
    let source = viewers[1].subscription.source_of(0).unwrap();
    assert_eq!((source.source, source.sequence_number), (B, 502));
    assert_eq!(viewers[1].subscription.selected(), Some(B));
}

#[tokio::test(start_paused = true)]
async fn layers_above_the_limit_leave_no_gap() {
    let fanout = fanout();
    let viewer = Viewer::new(&fanout, 7);
    viewer.subscription.switch_to(A);
    viewer.subscription.set_max_layer(1);
    fanout.forward(A, &frames(0, "k212"), part);
    assert_eq!(viewer.tags(), b"k1");
    viewer.subscription.set_max_layer(0);
    fanout.forward(A, &frames(4, "0s210"), part);
    viewer.subscription.set_max_layer(1);
    fanout.forward(A, &frames(9, "101"), part);
    fanout.forward(A, &frames(12, "s10"), part);
    let arrived = viewer.arrived();
    assert_eq!(arrived.iter().map(|packet| packet.3).collect::<Vec<_>>(), b"000s10");
    assert_eq!(arrived.iter().map(|packet| packet.1).collect::<Vec<_>>(), [65_535, 0, 1, 2, 3, 4]);
    let counters = viewer.subscription.counters();
    assert_eq!((counters.given, counters.sent, counters.left_out_by_limit), (15, 8, 5));
    assert_eq!(
        (counters.left_out_by_backlog, counters.unaccounted()),
        (2, 0),
        "those that could not be decoded"
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_subscriber_gets_the_lowest_layer_then_nothing_until_a_key_frame_and_nobody_else_notices() {
    let fanout = fanout();
    let [slow, fast] = [7, 8].map(|ssrc| Viewer::new(&fanout, ssrc));
    for viewer in [&slow, &fast] {
        viewer.subscription.switch_to(A);
    }
    slow.out.set_room(Some(0));
    fanout.forward(A, &frames(0, "k1010"), part);
    // Five wait now, more than four: layer 1 goes.
    fanout.forward(A, &frames(5, "101"), part);
    // Six wait, and a frame of three finds room for two: it is not begun.
    let forwarded = fanout.forward(A, &one_frame(8, "000"), part);
    assert_eq!((forwarded.packets, forwarded.key_frame_wanted), (3, true));
    fanout.forward(A, &frames(11, "00"), part);
    // Nor is a key frame that finds none.
    fanout.forward(A, &one_frame(13, "k000"), part);
    assert_eq!(fast.tags(), b"k101010100000k000");
    let counters = slow.subscription.counters();
    assert_eq!((counters.given, counters.sent, counters.left_out_by_backlog), (17, 6, 2));
    assert_eq!((counters.cuts, counters.cut_packets + counters.refused), (1, 9));

    slow.out.set_room(None);
    settle().await;
    fanout.forward(A, &frames(17, "0k1"), part);
    settle().await;
    let arrived = slow.arrived();
    assert_eq!(arrived.iter().map(|packet| packet.3).collect::<Vec<_>>(), b"k10100k1");
    let numbers: Vec<u16> = arrived.iter().map(|packet| packet.1).collect();
    assert_eq!(
        numbers,
        (0..8).map(|at| 65_533_u16.wrapping_add(at)).collect::<Vec<_>>(),
        "no gap to ask for"
    );
    assert!(arrived.windows(2).all(|pair| pair[1].2.wrapping_sub(pair[0].2).cast_signed() > 0));
    for viewer in [&slow, &fast] {
        assert_eq!(viewer.subscription.counters().unaccounted(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn who_ends_is_counted_and_disturbs_nobody() {
    let fanout = fanout();
    let [leaving, staying] = [7, 8].map(|ssrc| Viewer::new(&fanout, ssrc));
    for viewer in [&leaving, &staying] {
        viewer.subscription.switch_to(A);
    }
    fanout.forward(A, &frames(0, "k"), part);
    leaving.session.close().await.unwrap();
    fanout.forward(A, &frames(1, "00"), part);
    fanout.forward(A, &frames(3, "0"), part);
    assert_eq!(
        (leaving.subscription.counters().ended, leaving.subscription.counters().unaccounted()),
        (3, 0)
    );
    assert_eq!(staying.tags(), b"k000");
    drop(leaving);
    assert_eq!(fanout.subscribers(), 1);
    // The stream has ended with the subscription.
    let ssrc = staying.subscription.ssrc();
    let info = StreamInfo::new(ssrc, 96, 90_000);
    assert!(staying.session.bind_local_stream(info.clone()).is_err());
    drop(staying.subscription);
    assert!(staying.session.bind_local_stream(info).is_ok());
}

#[test]
fn options_out_of_range_are_refused() {
    let refused = |options| Fanout::new(options).unwrap_err().to_string();
    let default = FanoutOptions::default;
    assert_eq!(
        refused(default().with_thin_above_packets(0)),
        "FanoutOptions::thin_above_packets is 0, it has to be in 1..=65536"
    );
    assert_eq!(
        refused(default().with_rewriter(RewriterOptions::default().with_window(1))),
        "RewriterOptions::window is 1, it has to be in 64..=16384"
    );
}
