//! Numbers and timestamps that wrap, and senders that begin anew.

use interceptor_core::packet::Recovery;
use interceptor_jitter_buffer::Aim;
use interceptor_test::{rtp, stream_info};

use crate::kit::{MS, Rig, SECOND, SSRC, options};

#[test]
fn numbers_and_timestamps_wrap_without_a_trace() {
    let mut rig = Rig::empty(options());
    rig.bind(stream_info::video(SSRC));
    for step in 0..3000_u16 {
        rig.until(u32::from(step) * 20 * MS);
        // Each two have changed places.
        let number = step ^ 1;
        let ts = (u32::MAX - 1_000_000).wrapping_add(u32::from(number) * 1800);
        rig.read(rtp(SSRC).seq(64_000_u16.wrapping_add(number)).ts(ts).payload_len(10).build());
    }
    rig.pass(SECOND);
    let expected: Vec<u16> = (0..3000).map(|step| 64_000_u16.wrapping_add(step)).collect();
    assert_eq!(rig.numbers(), expected);
    let book = rig.counters();
    assert_eq!((book.lost, book.late, book.restarts, book.jumps), (0, 0, 0, 0));
}

#[test]
fn a_stream_that_begins_with_a_repair_before_a_wrap_is_not_late_for_a_whole_lap() {
    let mut rig = Rig::empty(options());
    rig.bind(stream_info::video(SSRC));
    let packet = |number: u32| rtp(SSRC).seq(number as u16).ts(number * 1800).payload_len(10).build();
    // The first of it was lost, or came before the buffer was there.
    let mut repaired = packet(65_535);
    repaired.info_mut().recovered_by = Some(Recovery::Rtx);
    rig.read(repaired);
    for step in 1..100 {
        rig.pass(20 * MS);
        rig.read(packet(65_535 + step));
    }
    rig.pass(SECOND);
    assert_eq!(rig.numbers(), (0..100).map(|step| 65_535_u16.wrapping_add(step)).collect::<Vec<_>>());
    assert_eq!((rig.counters().late, rig.counters().lost), (0, 0));
    rig.assert_book();
}

#[test]
fn a_sender_that_begins_anew_flushes_what_waits() {
    let mut rig = Rig::new(options().with_aim(Aim::Fixed(200 * MS)));
    rig.play_smoothly(0..50);
    let before = rig.numbers().len();
    let anew =
        |seq: u16| rtp(SSRC).pt(111).seq(seq).ts(900_000_000 + u32::from(seq) * 960).payload_len(9).build();
    rig.read(anew(30_000));
    assert_eq!(rig.numbers(), [0; 0], "one packet is no proof");
    rig.pass(20 * MS);
    let left = rig.numbers().len();
    rig.read(anew(30_001));
    assert_eq!(rig.numbers().len() + before + left, 50, "what waited leaves");
    rig.pass(20 * MS);
    rig.read(anew(30_002));
    rig.pass(SECOND);
    assert_eq!(rig.numbers(), [30_000, 30_001, 30_002]);
    let book = rig.counters();
    assert_eq!((book.restarts, book.lost, book.late, book.strays), (1, 0, 0, 0));
    rig.assert_book();
}

#[test]
fn a_stray_packet_is_counted_and_changes_nothing() {
    let mut rig = Rig::new(options());
    rig.play_smoothly(0..50);
    rig.read(rtp(SSRC).pt(111).seq(30_000).ts(5).payload_len(9).build());
    rig.pass(20 * MS);
    rig.play_smoothly(51..100);
    rig.read(rtp(SSRC).pt(111).seq(10_000).ts(5).payload_len(9).build());
    rig.pass(SECOND);
    rig.unbind(SSRC);
    let book = rig.counters();
    assert_eq!((rig.out.len(), book.strays, book.restarts, book.lost), (99, 2, 0, 1));
    rig.assert_book();
}

#[test]
fn an_outage_is_a_gap_and_no_restart() {
    let mut rig = Rig::new(options().with_gaps(true));
    rig.play_smoothly(0..50);
    // 100 s later: 5000 packets are missing, the clock has gone on.
    rig.play((5050..5100).map(|seq| (seq, std::time::Duration::ZERO)));
    rig.pass(SECOND);
    let book = rig.counters();
    assert_eq!((rig.out.len(), book.lost, book.restarts, book.jumps), (100, 5000, 0, 0));
    assert_eq!((rig.gaps.len(), rig.gaps[0].count), (1, 5000));
    assert!(rig.times().into_iter().all(|(seq, at)| at - 20 * u128::from(seq) <= 40));
}

#[test]
fn timestamps_that_go_on_elsewhere_are_followed() {
    let mut rig = Rig::new(options());
    rig.play_smoothly(0..50);
    for seq in 50..100_u16 {
        rig.until(u32::from(seq) * 20 * MS);
        rig.read(rtp(SSRC).pt(111).seq(seq).ts(3_000_000_000 + u32::from(seq) * 960).payload_len(9).build());
    }
    rig.pass(SECOND);
    let book = rig.counters();
    assert_eq!((book.jumps, book.late, book.lost, book.emitted), (1, 0, 0, 100));
    let waits: Vec<u128> = rig.times().into_iter().map(|(seq, at)| at - 20 * u128::from(seq)).collect();
    assert!(waits.iter().all(|wait| *wait <= 45), "{waits:?}");
}
