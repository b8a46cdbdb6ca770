//! Others' feedback, with and without reduced-size RTCP.

use interceptor_packet::RtcpPacket;

use crate::harness::{Bench, FEEDBACK, options, outlines};

fn bench(reduced_size: bool) -> Bench {
    let mut bench = Bench::with_config(options(), |config| config.with_reduced_size_rtcp(reduced_size));
    bench.bind_local(0x1111);
    bench.bind_remote(0xa);
    bench
}

fn write(bench: &mut Bench, packet: RtcpPacket) -> Vec<RtcpPacket> {
    bench.chain.write_rtcp(packet, bench.now());
    bench.wire_rtcp()
}

fn pli(sender: u32) -> RtcpPacket {
    RtcpPacket::builder().pli(sender, 0xa).build().unwrap()
}

#[test]
fn with_reduced_size_feedback_leaves_as_it_is() {
    let mut bench = bench(true);
    assert_eq!(write(&mut bench, pli(FEEDBACK)), [pli(FEEDBACK)]);
}

#[test]
fn without_it_feedback_stands_behind_a_report_and_a_name() {
    let mut bench = bench(false);
    let sent = write(&mut bench, pli(FEEDBACK));
    assert_eq!(outlines(&sent), [["RR 1020304", "SDES 1020304", "PLI a"]]);
    assert!(sent[0].as_bytes().ends_with(pli(FEEDBACK).as_bytes()));
    assert_eq!(bench.report().counters().wrapped, 1);
}

#[test]
fn feedback_of_a_sender_stands_behind_its_sender_report() {
    let mut bench = bench(false);
    bench.send(0x1111, 1, 0, 10);
    bench.wire_rtcp();
    assert_eq!(outlines(&write(&mut bench, pli(0x1111))), [["SR 1111", "SDES 1111", "PLI a"]]);
    // Its turn in the next round is not used up by it.
    assert_eq!(outlines(&bench.next_report()).concat()[0], "SR 1111");
}

#[test]
fn a_compound_stays_as_it_is() {
    let mut bench = bench(false);
    let compound =
        RtcpPacket::builder().receiver_report(9, &[]).sdes_cname(9, "x").pli(9, 0xa).build().unwrap();
    assert_eq!(write(&mut bench, compound.clone()), [compound]);
}

#[test]
fn what_grows_over_the_mtu_is_divided() {
    let mut bench = bench(false);
    // 100 packets of 12 bytes: 1200 without head.
    let mut builder = RtcpPacket::builder();
    (0..100).for_each(|media| {
        builder.pli(FEEDBACK, media);
    });
    let sent = write(&mut bench, builder.build().unwrap());
    assert_eq!(sent.iter().map(RtcpPacket::len).collect::<Vec<_>>(), [24 + 98 * 12, 24 + 2 * 12]);
    assert!(sent.iter().all(RtcpPacket::is_compound));
    let lines = outlines(&sent).concat();
    let plis: Vec<_> = lines.iter().filter(|line| line.starts_with("PLI")).cloned().collect();
    assert_eq!(plis, (0..100).map(|media| format!("PLI {media:x}")).collect::<Vec<_>>());
}

#[test]
fn a_single_packet_as_large_as_the_mtu_still_leaves() {
    let mut bench = bench(false);
    let nack: Vec<u16> = (0..290).map(|i| i * 20).collect();
    let packet = RtcpPacket::builder().nack(FEEDBACK, 0xa, &nack).build().unwrap();
    let sent = write(&mut bench, packet.clone());
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].len(), 24 + packet.len());
}

#[test]
fn malformed_rtcp_of_the_application_stays_in_one_piece() {
    let mut bench = bench(false);
    let mut bytes = pli(FEEDBACK).into_bytes().to_vec();
    bytes.extend([0x80, 200, 0, 1, 0, 0, 0, 0].repeat(200));
    let packet = RtcpPacket::parse(bytes.clone().into()).unwrap();
    assert!(packet.malformed() > 0);
    let sent = write(&mut bench, packet);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].as_bytes().ends_with(&bytes));
}

#[test]
fn malformed_rtcp_with_room_to_spare_leaves_all_the_same() {
    let mut bench = bench(false);
    let bytes = [&pli(FEEDBACK).as_bytes()[..], &[0x80, 200, 0, 1, 0, 0, 0, 0]].concat();
    let packet = RtcpPacket::parse(bytes.clone().into()).unwrap();
    assert_eq!(packet.malformed(), 1);
    let sent = write(&mut bench, packet);
    assert_eq!(outlines(&sent), [["RR 1020304", "SDES 1020304", "PLI a"]]);
    assert!(sent[0].as_bytes().ends_with(&bytes));
}
