//! What a hostile peer can do to a pacer: nothing by what it sends, and little by what it asks for.

use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::RtcpPacket;
use interceptor_core::{Pacing, Probe};
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_pacer::{Class, PacerOptions};
use interceptor_rtx::RtxFactory;
use interceptor_test::{rtp, stream_info};

use crate::goodbyes::bye;
use crate::kit::{MS, Rig, SECOND, at, pacing, packet};

#[test]
fn a_malformed_datagram_is_none_of_its_business() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    let now = rig.now();
    rig.chain.read_datagram(Bytes::from_static(&[0x80, 96, 0, 1, 0, 0]), now);
    rig.give(packet(1, 0, 1250));
    assert_eq!(
        (rig.out.len(), rig.totals().all().came(), rig.chain.counters().malformed_datagrams),
        (1, 1, 1)
    );
}

#[test]
fn requests_without_end_do_not_keep_video_from_leaving() {
    let nack = NackFactory::new(NackOptions::default()).unwrap();
    let mut rig = Rig::with(at(1_000_000), |registry| registry.with(RtxFactory::default()).with(nack));
    rig.bind(stream_info::video_with_rtx(1, 2));
    // Video takes 60 % of the pace, and all of it is asked for again, and again.
    for seq in 0..200_u16 {
        rig.give(packet(1, seq, 1250));
        let asked: Vec<u16> = (seq.saturating_sub(20)..seq).collect();
        if !asked.is_empty() {
            let nack = RtcpPacket::builder().nack(9, 1, &asked).build().unwrap();
            let now = rig.now();
            rig.chain.read_rtcp(nack, now);
            rig.poll();
        }
        rig.pass(16 * MS);
    }
    let (video, repeats) = (rig.counters(Class::Video), rig.counters(Class::Retransmission));
    assert!(video.passed >= 190 && video.dropped() == 0, "{video:?}");
    assert!(repeats.passed > 60, "{repeats:?}");
    // Of those that find no room, each is counted.
    let gone = repeats.dropped_full + repeats.dropped_late;
    assert_eq!(repeats.came(), repeats.passed + gone + repeats.waiting);
    assert_eq!(rig.totals().all().passed, rig.out.len() as u64);
}

#[test]
fn a_description_that_is_no_audio_and_no_video_is_paced_with_video() {
    let mut rig = Rig::new(PacerOptions::default().with_rate(Some(1_000_000)));
    rig.bind(interceptor_core::StreamInfo::unknown(1));
    rig.give_all(1, 0..3, 1250);
    assert_eq!((rig.out.len(), rig.counters(Class::Video).waiting), (1, 2));
}

#[test]
fn packets_are_bounded_in_number_as_well() {
    let mut rig = Rig::video(at(10_000).with_max_queue_packets(64), &[1]);
    for seq in 0..1000 {
        rig.give(rtp(1).seq(seq).ts(seq.into()).marker(true).payload_len(10).build());
    }
    // Timers have not had the time to see to it.
    assert_eq!(rig.totals().all().waiting, 128);
    rig.pass(MS);
    let book = rig.totals().all();
    assert_eq!((book.came(), book.waiting, book.dropped_full), (1000, 64, 935));
    assert_eq!(rig.overflows.len(), 1);
}

#[test]
fn a_packet_larger_than_every_burst_leaves_alone() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give(packet(1, 0, 65_000));
    rig.give(packet(1, 1, 1250));
    rig.pass(SECOND);
    // 65 000 bytes are 520 ms, less the burst; the bound of the queue hastens the second.
    let (times, book) = (rig.times(), rig.totals().all());
    assert_eq!((times[0], book.passed, book.dropped()), (0, 2, 0), "{times:?}");
}

#[test]
fn unbound_packets_are_dropped_one_by_one() {
    let mut rig = Rig::new(at(1000));
    rig.give_all(9, 0..200, 1250);
    rig.pass(SECOND);
    let book = rig.totals().all();
    assert_eq!((book.came(), book.passed, rig.facts.len()), (200, rig.out.len() as u64, 0));
    assert!(book.dropped_full > 90 && book.dropped_late > 40, "{book:?}");
}

#[test]
fn a_window_is_kept_and_a_full_one_lets_a_packet_go_in_half_a_second() {
    let mut rig = Rig::video(PacerOptions::default().with_max_queue_time(2 * SECOND), &[1]);
    let windowed = |in_flight| Pacing { window: Some(5000), in_flight, ..pacing(100_000_000) };
    rig.tell(windowed(2500));
    rig.give_all(1, 0..10, 1000);
    assert_eq!(rig.out.len(), 2);
    rig.pass(1100 * MS);
    assert_eq!(rig.times(), [0, 0, 500, 1000]);
    // What is told counts all that has left.
    rig.tell(windowed(1000));
    assert_eq!(rig.out.len(), 8);
    rig.tell(Pacing { window: None, ..windowed(5000) });
    assert_eq!((rig.out.len(), rig.totals().all().passed), (10, 10));
}

#[test]
fn goodbyes_that_wait_are_bounded() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..30, 1250);
    (0..70).for_each(|_| rig.give_rtcp(bye(&[1])));
    assert_eq!((rig.out_rtcp.len(), rig.totals().byes_held), (6, 64));
    rig.pass(100 * MS);
    assert_eq!(rig.out_rtcp.len(), 70);
}

#[test]
fn probes_without_end_or_beyond_all_measure_are_cut_off() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    let large =
        Probe { id: 9, rate: u64::MAX, min_bytes: u32::MAX, min_packets: u16::MAX, min_gap: Duration::MAX };
    (0..1000).for_each(|id: u16| rig.tell(Probe { id: id as u8, ..large }));
    assert_eq!(rig.totals().probes_abandoned, 995);
    rig.tell(Probe { rate: 0, ..large });
    // Media goes on all the same, no slower than the largest gap lets it.
    for seq in 0..100 {
        rig.give(packet(1, seq, 1000));
        rig.pass(10 * MS);
    }
    assert!(rig.out.len() >= 98);
    rig.pass(5 * SECOND);
    assert_eq!((rig.totals().probes_abandoned, rig.totals().probes_sent), (1000, 0));
    assert_eq!((rig.out.len(), rig.chain.next_timeout()), (100, None));
}
