//! What packets cost: no allocation.

use interceptor_packet::{ReportBlockData, RtcpPacket};
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, LOCAL_RTX, REMOTE, REMOTE_RTX, REPORTER, built, ms};

#[test]
fn packets_and_reports_are_counted_without_an_allocation() {
    let mut bench = Bench::with_video();
    let original = 5u16.to_be_bytes();
    let media =
        (0..200u16).filter(|seq| seq % 20 != 5).map(|seq| rtp(REMOTE).seq(seq).payload_len(50).build());
    let incoming: Vec<_> = media.chain([rtp(REMOTE_RTX).payload(original.to_vec()).build()]).collect();
    let outgoing: Vec<_> = (0..200).map(|seq| rtp(LOCAL).seq(seq).payload_len(50).build()).collect();
    let repeat = rtp(LOCAL_RTX).payload_len(50).build();
    let ntp = bench.ntp();
    let block = ReportBlockData { ssrc: LOCAL, last_sr: ntp.middle_32(), ..ReportBlockData::default() };
    let reports = built(
        RtcpPacket::builder()
            .sender_report(REMOTE, ntp, 0, 1, 1, &[block])
            .xr_dlrr(REMOTE, &[(REPORTER, ntp.middle_32(), 0)])
            .nack(REMOTE, LOCAL, &[1]),
    );
    let feedback = built(RtcpPacket::builder().nack(REPORTER, REMOTE, &[1]).pli(REPORTER, REMOTE));
    // The chain's own queues grow to their size first.
    let run = |bench: &mut Bench| {
        for (read, write) in incoming.iter().zip(&outgoing) {
            bench.receive(read.clone());
            bench.send(write.clone());
        }
        bench.send(repeat.clone());
        bench.chain.read_rtcp(reports.clone(), bench.clock.now());
        bench.chain.write_rtcp(feedback.clone(), bench.clock.now());
        while bench.chain.poll_app().is_some() || bench.chain.poll_wire().is_some() {}
        bench.run_for(ms(1000));
    };
    run(&mut bench);
    let info = allocation_counter::measure(|| run(&mut bench));
    assert_eq!(info.count_total, 0);
    assert_eq!(bench.outbound().packets_sent, 2 * 191 + 2);
}

#[test]
fn the_counter_of_allocations_counts() {
    let bench = Bench::with_video();
    let info = allocation_counter::measure(|| drop(bench.handle.snapshot()));
    assert!(info.count_total > 0);
}
