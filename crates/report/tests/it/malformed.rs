//! Peers that send nonsense.

use std::time::Duration;

use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_report::RtcpInterval;
use interceptor_test::{hostile_datagrams, stream_info};

use crate::harness::{Bench, blocks, options, outlines};

const LOCAL: u32 = 0x1111;
const REMOTE: u32 = 0xa;

#[test]
fn hostile_datagrams_leave_reports_well_formed_and_bounded() {
    for interval in [RtcpInterval::default(), RtcpInterval::rfc3550(1_000_000)] {
        let mut bench = Bench::new(options().with_interval(interval).with_xr(true));
        bench.bind_local_stream(stream_info::video_with_rtx(LOCAL, LOCAL + 1));
        bench.bind_remote_stream(stream_info::video_with_rtx(REMOTE, REMOTE + 1));
        bench.send(LOCAL, 1, 0, 10);
        for (i, datagram) in hostile_datagrams(LOCAL, REMOTE, 1).enumerate() {
            bench.chain.read_datagram(datagram, bench.now());
            while bench.chain.poll_app().is_some() {}
            if i % 100 == 0 {
                bench.run(Duration::from_millis(300));
            }
        }
        let sent = bench.wire_rtcp();
        assert!(sent.len() > 3);
        for packet in &sent {
            assert!(packet.is_compound() && packet.malformed() == 0 && packet.len() <= 1200, "{packet:?}");
        }
        assert_eq!(bench.chain.counters().hook_errors, 0);
        assert!(bench.rtts().iter().all(|rtt| rtt.latest <= Duration::from_secs(60)));
    }
}

#[test]
fn a_broken_packet_does_not_hide_the_sender_report_behind_it() {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    // A receiver report that says 31 blocks and has none.
    let mut bytes = vec![0x9f, 201, 0, 1, 0, 0, 0, 9];
    let mut sr = RtcpPacket::builder();
    sr.sender_report(REMOTE, NtpTime(0x0000_1234_5678_0000), 0, 0, 0, &[]);
    bytes.extend_from_slice(sr.build().unwrap().as_bytes());
    bench.chain.read_datagram(bytes.into(), bench.now());
    bench.receive(REMOTE, 1, 0);
    assert_eq!(blocks(&bench.next_report())[0].last_sr, 0x1234_5678);
    assert_eq!(bench.chain.counters().malformed_rtcp_packets, 1);
}

#[test]
fn a_sender_report_with_a_clock_of_zero_counts_as_none() {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    bench.receive_rtcp(|rtcp| {
        rtcp.sender_report(REMOTE, NtpTime(0), 0, 0, 0, &[]);
    });
    bench.skip(Duration::from_secs(1));
    bench.receive(REMOTE, 1, 0);
    let block = blocks(&bench.next_report())[0];
    assert_eq!((block.last_sr, block.delay_since_last_sr), (0, 0));
}

#[test]
fn reports_of_strangers_change_nothing() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.bind_remote(REMOTE);
    bench.receive(REMOTE, 1, 0);
    bench.receive_rtcp(|rtcp| {
        let block = ReportBlockData { ssrc: 0xdead, last_sr: 1, ..Default::default() };
        rtcp.sender_report(0xbeef, NtpTime(u64::MAX), 0, 0, 0, &[block])
            .bye(&[0xbeef, LOCAL], "out of paper");
    });
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304 a", "SDES 1020304"]]);
    assert!(bench.rtts().is_empty());
}
