//! Peers that send nonsense.

mod losses;

use std::time::Duration;

use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_report::RtcpInterval;
use interceptor_test::{hostile_datagrams, stream_info};

use crate::harness::{Bench, blocks, millis, options, outlines, sender_report};

const LOCAL: u32 = 0x1111;
const REMOTE: u32 = 0xa;

#[test]
fn hostile_datagrams_leave_reports_well_formed_and_bounded() {
    for interval in [RtcpInterval::default(), RtcpInterval::rfc3550(1_000_000)] {
        let mut bench = Bench::new(options().with_interval(interval));
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
    assert_eq!(bench.report().counters().without_clock, 1);
}

#[test]
fn a_report_about_an_unknown_ssrc_is_ignored() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.bind_remote(REMOTE);
    bench.receive(REMOTE, 1, 0);
    bench.receive_rtcp(|rtcp| {
        let block = ReportBlockData { ssrc: 0xdead, last_sr: 1, ..Default::default() };
        rtcp.sender_report(0xbeef, NtpTime(u64::MAX), 0, 0, 0, &[block]).xr_dlrr(0xbeef, &[(0xdead, 1, 0)]);
    });
    assert_eq!(bench.report().counters().unknown_ssrcs, 3);
    assert_eq!(outlines(&bench.next_report())[0][0], "RR 1020304 a");
    assert!(bench.rtts().is_empty());
}

#[test]
fn a_goodbye_of_an_unknown_ssrc_or_of_ours_is_ignored() {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.bind_remote(REMOTE);
    bench.receive(REMOTE, 1, 0);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, &[]).bye(&[0xbeef, LOCAL], "out of paper");
    });
    assert_eq!(bench.report().counters().unknown_ssrcs, 2);
    assert_eq!(outlines(&bench.next_report()), [["RR 1020304 a", "SDES 1020304", "XR 1020304 RRTR"]]);
}

#[test]
fn what_is_not_reported_on_is_not_unknown() {
    let mut bench = Bench::new(options().with_repair_streams(false));
    bench.bind_remote_stream(stream_info::video_with_rtx(REMOTE, REMOTE + 1));
    bench.receive_rtcp(|rtcp| {
        rtcp.sender_report(REMOTE + 1, NtpTime(1 << 32), 0, 0, 0, &[]).bye(&[REMOTE + 1], "");
    });
    assert_eq!(bench.report().counters().unknown_ssrcs, 0);
}

/// An end that has sent a sender report, `time` later: what it says of blocks about it.
fn hear(time: Duration, blocks: impl Fn(u32) -> Vec<ReportBlockData>) -> Bench {
    let mut bench = Bench::new(options());
    bench.bind_local(LOCAL);
    bench.send(LOCAL, 1, 0, 10);
    let report = bench.next_report();
    let last_sr = sender_report(&report, LOCAL).expect("a sender report").0.middle_32();
    bench.skip(time);
    bench.receive_rtcp(|rtcp| {
        rtcp.receiver_report(9, &blocks(last_sr));
    });
    assert!(bench.rtts().is_empty());
    assert_eq!(bench.report().counters().round_trips, 0);
    bench
}

fn block(last_sr: u32, delay_since_last_sr: u32) -> ReportBlockData {
    ReportBlockData { ssrc: LOCAL, last_sr, delay_since_last_sr, ..Default::default() }
}

#[test]
fn a_block_without_lsr_gives_no_round_trip() {
    let bench = hear(millis(10), |_| vec![block(0, 0), block(0, 9)]);
    let counters = bench.report().counters();
    assert_eq!((counters.without_lsr, counters.absurd_round_trips), (2, 0));
}

#[test]
fn a_block_with_the_longest_delay_gives_no_round_trip() {
    // It would make 15 µs less than the next wrap.
    let bench = hear(millis(10), |last_sr| vec![block(last_sr, u32::MAX)]);
    assert_eq!(bench.report().counters().absurd_round_trips, 1);
}

#[test]
fn a_negative_or_absurd_round_trip_is_dropped() {
    let second = 1 << 16;
    let bench =
        hear(millis(100), |last_sr| vec![block(last_sr, second), block(last_sr.wrapping_add(second), 0)]);
    assert_eq!(bench.report().counters().absurd_round_trips, 2);
    let bench = hear(Duration::from_secs(61), |last_sr| vec![block(last_sr, 0)]);
    assert_eq!(bench.report().counters().absurd_round_trips, 1);
}

#[test]
fn a_number_far_from_all_others_is_dropped_unless_the_next_one_follows() {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    for seq in [1, 2, 40_000, 3, 20_000, 4] {
        bench.receive(REMOTE, seq, 0);
    }
    let block = blocks(&bench.next_report())[0];
    assert_eq!((block.extended_sequence_number, block.cumulative_lost), (4, 0));
    assert_eq!((bench.report().counters().strays, bench.report().counters().restarts), (2, 0));
    bench.receive(REMOTE, 50_000, 0);
    bench.receive(REMOTE, 50_001, 0);
    assert_eq!(blocks(&bench.next_report())[0].extended_sequence_number & 0xffff, 50_001);
    assert_eq!((bench.report().counters().strays, bench.report().counters().restarts), (3, 1));
}

#[test]
fn any_timestamp_makes_no_more_than_a_jitter_of_its_size() {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    for (seq, timestamp) in [(1, 0), (2, 900), (3, 1800)] {
        bench.receive(REMOTE, seq, timestamp);
    }
    assert!(blocks(&bench.next_report())[0].jitter < 900);
    assert_eq!(bench.report().counters().absurd_jitters, 0);
    for seq in 4..1000 {
        bench.receive(REMOTE, seq, if seq % 2 == 0 { 1 << 31 } else { 0 });
    }
    let jitter = blocks(&bench.next_report())[0].jitter;
    assert!((1 << 30..1 << 31).contains(&jitter), "{jitter}");
    assert_eq!(bench.report().counters().absurd_jitters, 1);
}

#[test]
fn more_than_16_clocks_are_forgotten_oldest_first() {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    bench.receive(REMOTE, 1, 0);
    for stranger in 0..100 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(stranger, &[]).xr_rrtr(stranger, NtpTime(1 << 40));
        });
    }
    assert_eq!(bench.report().counters().forgotten_clocks, 84);
    let lines = outlines(&bench.next_report()).concat();
    let answered: String = (84..100).map(|stranger| format!(" {stranger:x}")).collect();
    assert!(lines.iter().any(|line| line.starts_with("XR") && line.ends_with(&answered)), "{lines:?}");
}

#[test]
fn more_than_10_000_members_do_not_count() {
    let mut bench = Bench::new(options().with_interval(RtcpInterval::rfc3550(1_000_000)));
    bench.bind_remote(REMOTE);
    let hear_of = |bench: &mut Bench, members: std::ops::Range<u32>| {
        for member in members {
            bench.receive_rtcp(|rtcp| {
                rtcp.receiver_report(member, &[]);
            });
        }
    };
    hear_of(&mut bench, 0..10_000);
    assert_eq!(bench.report().counters().uncounted_members, 0);
    hear_of(&mut bench, 9_000..10_100);
    assert_eq!(bench.report().counters().uncounted_members, 100);
}

#[test]
fn more_than_10_000_goodbyes_within_2_s_are_forgotten_oldest_first() {
    let mut bench = Bench::new(options().with_interval(RtcpInterval::rfc3550(1_000_000)));
    bench.bind_remote(REMOTE);
    for member in 0..10_100 {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(member, &[]).bye(&[member], "");
        });
    }
    assert_eq!(bench.report().counters().forgotten_goodbyes, 100);
    // What comes late of the one that was forgotten makes it a member until it times out; the other is remembered.
    for member in [99, 100] {
        bench.receive_rtcp(|rtcp| {
            rtcp.receiver_report(member, &[]);
        });
    }
    assert_eq!(bench.report().other_members(), Some((1, 0)));
    // Strangers that say goodbye are not remembered at all.
    bench.receive_rtcp(|rtcp| {
        rtcp.bye(&[70_000], "");
    });
    assert_eq!(bench.report().counters().forgotten_goodbyes, 100);
}
