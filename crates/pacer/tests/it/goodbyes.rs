//! Media leaves before the goodbye of its SSRC.

use interceptor_core::packet::RtcpPacket;
use interceptor_pacer::Class;
use interceptor_report::ReportFactory;
use interceptor_test::stream_info;

use crate::kit::{MS, Rig, SECOND, at};

pub(crate) fn bye(ssrcs: &[u32]) -> RtcpPacket {
    RtcpPacket::builder().receiver_report(1, &[]).bye(ssrcs, "").build().unwrap()
}

#[test]
fn a_goodbye_waits_for_the_packets_of_its_ssrc() {
    let mut rig = Rig::video(at(1_000_000), &[1, 2]);
    rig.give_all(1, 0..4, 1250);
    // A compound without one, and one of somebody who has nothing to say any more, pass.
    rig.give_rtcp(RtcpPacket::builder().receiver_report(1, &[]).build().unwrap());
    rig.give_rtcp(bye(&[2]));
    assert_eq!(rig.out_rtcp.len(), 2);
    rig.give_rtcp(bye(&[2, 1]));
    assert_eq!((rig.out_rtcp.len(), rig.totals().byes_held), (2, 1));
    rig.pass(SECOND);
    assert_eq!((rig.times(), rig.out_rtcp[2].0.as_millis()), (vec![0, 5, 15, 25], 25));
    assert_eq!(rig.out_rtcp[2].1, bye(&[2, 1]));
}

#[test]
fn a_goodbye_waits_for_a_tenth_of_a_second_and_no_longer() {
    let mut rig = Rig::video(at(1_000_000), &[1]);
    rig.give_all(1, 0..30, 1250);
    rig.give_rtcp(bye(&[1]));
    rig.pass(SECOND);
    assert_eq!(rig.out_rtcp[0].0, 100 * MS);
}

#[test]
fn a_stream_that_ends_lets_its_media_go_before_its_goodbye() {
    let mut rig = Rig::with(at(100_000), |registry| registry.with(ReportFactory::default()));
    [1, 2].into_iter().for_each(|ssrc| rig.bind(stream_info::video(ssrc)));
    rig.give_all(1, 0..5, 1250);
    rig.give_all(2, 0..5, 1250);
    rig.unbind(1);
    assert_eq!(rig.left(), [(1, 0), (1, 1), (1, 2), (1, 3), (1, 4)]);
    let is_bye = |packet: &RtcpPacket| format!("{packet:?}").contains("Bye");
    assert_eq!(rig.out_rtcp.iter().filter(|(_, packet)| is_bye(packet)).count(), 1);
    assert_eq!((rig.totals().byes_held, rig.totals().all().waiting), (1, 5));
    rig.close();
    assert_eq!(rig.out.len(), 10);
    assert_eq!(rig.out_rtcp.iter().filter(|(_, packet)| is_bye(packet)).count(), 2);
    let book = rig.totals().all();
    assert_eq!((book.passed, book.dropped(), book.waiting), (10, 0, 0));
}

#[test]
fn what_the_chain_does_not_take_at_the_end_is_counted() {
    let mut rig = Rig::video(at(1000).with_max_queue_packets(65_536).with_queue_bytes(64 << 20), &[1]);
    (0..5000).for_each(|seq| rig.give(interceptor_test::rtp(1).seq(seq).payload_len(10).build()));
    rig.close();
    let book = rig.counters(Class::Video);
    assert_eq!((book.came(), book.waiting, book.dropped_ended), (5000, 0, 903));
    assert_eq!(rig.out.len() as u64, book.passed);
}
