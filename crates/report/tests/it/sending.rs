//! Sender reports about what is sent.

use interceptor_packet::{NtpTime, Rtcp};

use crate::harness::{Bench, FEEDBACK, WALL, blocks, millis, options, outline};

const LOCAL: u32 = 0x1111;

#[test]
fn a_sender_reports_counts_and_the_clock_of_its_newest_frame() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    for seq in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 11] {
        bench.send(LOCAL, seq, u32::from(seq), 2);
    }
    bench.chain.poll_wire().unwrap();
    let sent_at = bench.elapsed();
    let report = bench.next_report();
    assert_eq!(outline(&report[0]), ["SR 1111", "SDES 1111"]);
    let Some(Rtcp::SenderReport(sr)) = report[0].packets().next() else { panic!() };
    assert_eq!(sr.ntp(), NtpTime::from_unix(WALL) + bench.elapsed());
    let waited = (bench.elapsed() - sent_at).as_nanos() * 90_000 / 1_000_000_000;
    assert_eq!(u128::from(sr.rtp_timestamp()), 12 + waited);
    assert_eq!((sr.packet_count(), sr.octet_count()), (12, 24));
}

#[test]
fn reports_as_sender_for_two_more_reports_and_then_as_receiver() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.send(LOCAL, 1, 0, 10);
    let outlines: Vec<_> = (0..3).map(|_| outline(&bench.next_report()[0])[0].clone()).collect();
    assert_eq!(outlines, ["SR 1111", "SR 1111", "RR 1020304"]);
}

#[test]
fn measures_the_round_trip_from_a_block_about_us() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.send(LOCAL, 1, 0, 10);
    let report = bench.next_report();
    let Some(Rtcp::SenderReport(sr)) = report[0].packets().next() else { panic!() };
    let last_sr = sr.ntp().middle_32();
    bench.skip(millis(1500));
    let block = interceptor_packet::ReportBlockData {
        ssrc: LOCAL,
        last_sr,
        delay_since_last_sr: 1 << 16,
        ..Default::default()
    };
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, &[block]);
    });
    let [rtt] = bench.rtts()[..] else { panic!("one measurement") };
    assert!(rtt.latest.abs_diff(millis(500)) < std::time::Duration::from_micros(31), "{rtt:?}");
    assert_eq!(bench.chain.facts().rtt(), Some(rtt));
}

#[test]
fn says_goodbye_with_the_last_reports() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.bind_local(0x2222);
    bench.bind_local(0x3333);
    bench.bind_remote(0xa);
    bench.send(LOCAL, 1, 0, 10);
    bench.send(0x2222, 1, 0, 10);
    bench.chain.unbind_local(0x2222, bench.now()).unwrap();
    let left: Vec<_> = bench.wire_rtcp().iter().map(outline).collect();
    assert_eq!(left, [["SR 2222", "SDES 2222", "BYE 2222"]]);
    bench.receive(0xa, 1, 0);
    bench.chain.close(bench.now()).unwrap();
    let packets = bench.wire_rtcp();
    let left: Vec<_> = packets.iter().map(outline).collect();
    assert_eq!(left, [["SR 1111 a", "SDES 1111", "BYE 1111"]]);
    assert_eq!(blocks(&packets).len(), 1);
    assert_ne!(FEEDBACK, LOCAL);
}
