//! What a broken or hostile peer sends.

use bytes::Bytes;
use interceptor_packet::{NtpTime, ReportBlockData, RtcpPacket};
use interceptor_stats::RemoteInboundRtp;
use interceptor_test::{hex, rtp};
use proptest::prelude::*;

use crate::support::{Bench, LOCAL, REMOTE, REMOTE_RTX, REPORTER, built, ms};

#[test]
fn a_malformed_datagram_is_shown_with_the_next_report_or_window() {
    let mut bench = Bench::with_video();
    let now = bench.clock.now();
    bench.chain.read_datagram(hex("90 60 0001"), now);
    bench.chain.read_datagram(hex("80 c9 00ff"), now);
    bench.chain.read_datagram(hex("00 01 0000"), now);
    bench.receive(rtp(REMOTE).build());
    bench.run_for(ms(1000));
    let connection = bench.connection();
    assert_eq!((connection.malformed_datagrams, connection.foreign_datagrams), (2, 1));
}

#[test]
fn an_ssrc_that_is_not_bound_makes_no_entry() {
    let mut bench = Bench::with_video();
    for ssrc in 0..1000 {
        bench.receive(rtp(ssrc).build());
    }
    bench.send(rtp(4711).build());
    bench.receive(rtp(REMOTE).build());
    bench.run_for(ms(1000));
    let connection = bench.connection();
    assert_eq!((connection.unbound_packets_received, connection.unbound_packets_sent), (1000, 1));
    assert_eq!((connection.inbound_rtp.len(), connection.outbound_rtp.len()), (1, 1));
    assert_eq!(bench.handle.stream("call", 4711), None);
}

#[test]
fn the_well_formed_parts_of_a_broken_compound_count() {
    let mut bench = Bench::with_video();
    // A NACK without a pair between two PLIs, and a tail that is no packet.
    let pli = built(RtcpPacket::builder().pli(REMOTE, LOCAL)).into_bytes();
    let mut datagram = pli.to_vec();
    datagram.extend(hex("81cd0002 01020304 0a0b0c0d"));
    datagram.extend(&pli);
    datagram.extend([0x80, 0xc9]);
    bench.chain.read_datagram(datagram.into(), bench.clock.now());
    assert_eq!((bench.outbound().pli_count, bench.outbound().nack_count), (2, 0));
    assert_eq!(bench.connection().malformed_rtcp_packets, 2);
}

#[test]
fn what_is_about_ssrcs_that_are_not_ours_is_ignored() {
    let mut bench = Bench::with_video();
    let before = (bench.inbound(), bench.outbound());
    let about = |ssrc| ReportBlockData { ssrc, ..ReportBlockData::default() };
    bench.receive_rtcp(
        RtcpPacket::builder()
            .sender_report(0xbeef, NtpTime(1 << 40), 0, 0, 0, &[about(0xdead), about(REMOTE)])
            .nack(0xbeef, 0xdead, &[1])
            .pli(0xbeef, REMOTE)
            .fir(0xbeef, &[(0xdead, 0)])
            .xr_dlrr(0xbeef, &[(REPORTER, 1, 0)])
            .xr_dlrr(REMOTE, &[(0xdead, 1, 0)]),
    );
    assert_eq!(bench.connection().unknown_ssrcs, 8);
    assert_eq!((bench.remote_inbound(), bench.remote_outbound()), (None, None));
    let (inbound, outbound) = (bench.inbound(), bench.outbound());
    assert_eq!(inbound.packets_received, before.0.packets_received);
    assert_eq!((outbound.nack_count, outbound.pli_count, outbound.fir_count), (0, 0, 0));
    // What is about us, and a clock that asks for no answer, is not counted there.
    bench.receive_rtcp(
        RtcpPacket::builder().receiver_report(9, &[about(LOCAL)]).pli(9, LOCAL).xr_rrtr(9, NtpTime(1 << 40)),
    );
    assert_eq!((bench.connection().unknown_ssrcs, bench.outbound().pli_count), (8, 1));
}

#[test]
fn an_rtx_payload_of_less_than_two_bytes_recovers_nothing() {
    let mut bench = Bench::with_video();
    bench.receive(rtp(REMOTE).seq(0).build());
    bench.receive(rtp(REMOTE).seq(2).build());
    bench.receive(rtp(REMOTE_RTX).pt(97).seq(1).payload_len(1).build());
    bench.receive(rtp(REMOTE_RTX).pt(97).seq(2).padding(255).build());
    let inbound = bench.inbound();
    assert_eq!((inbound.retransmitted_packets_received, inbound.packets_recovered_by_rtx), (2, 0));
}

#[test]
fn a_single_packet_with_a_far_off_number_touches_only_the_count() {
    let mut bench = Bench::with_video();
    for seq in [100, 101, 40_000, 102, 20_000, 103] {
        bench.receive(rtp(REMOTE).seq(seq).build());
    }
    let inbound = bench.inbound();
    assert_eq!((inbound.packets_received, inbound.packets_lost), (6, 0));
    assert_eq!((inbound.packets_duplicated, inbound.packets_reordered, inbound.jitter), (0, 0, ms(0)));
}

/// A receiver's report about the local stream.
fn hear(bench: &mut Bench, block: ReportBlockData) -> RemoteInboundRtp {
    let block = ReportBlockData { ssrc: LOCAL, ..block };
    bench.receive_rtcp(RtcpPacket::builder().receiver_report(9, &[block]));
    bench.remote_inbound().expect("reported")
}

#[test]
fn a_report_with_nonsense_has_received_nothing() {
    let mut bench = Bench::with_video();
    (100..110).for_each(|seq| bench.send(rtp(LOCAL).seq(seq).build()));
    let highest_before_first = ReportBlockData { extended_sequence_number: 5, ..ReportBlockData::default() };
    assert_eq!(hear(&mut bench, highest_before_first).packets_received, 0);
    let loss_above_expected = ReportBlockData {
        extended_sequence_number: 109,
        cumulative_lost: 8_388_607,
        fraction_lost: 255,
        ..ReportBlockData::default()
    };
    let reported = hear(&mut bench, loss_above_expected);
    assert_eq!((reported.packets_received, reported.packets_lost), (0, 8_388_607));
    assert_eq!(reported.reports_received, 2);
}

#[test]
fn a_negative_round_trip_is_0() {
    let mut bench = Bench::with_video();
    // The far end says that it held the report longer than ago it was sent.
    let last_sr = bench.ntp().middle_32().wrapping_sub(1 << 16);
    let block = ReportBlockData { last_sr, delay_since_last_sr: (1 << 16) + 1, ..ReportBlockData::default() };
    let reported = hear(&mut bench, block);
    assert_eq!((reported.round_trip_time, reported.round_trip_time_measurements), (Some(ms(0)), 1));
}

#[test]
fn a_round_trip_over_a_minute_is_dropped() {
    let mut bench = Bench::with_video();
    let last_sr = bench.ntp().middle_32().wrapping_sub(61 << 16);
    let reported = hear(&mut bench, ReportBlockData { last_sr, ..ReportBlockData::default() });
    assert_eq!((reported.reports_received, reported.round_trip_time_measurements), (1, 0));
    assert_eq!(reported.round_trip_time, None);
}

#[test]
fn a_clock_that_goes_back_stands_still() {
    let mut bench = Bench::with_video();
    let early = bench.clock.now();
    bench.clock.advance(ms(1500));
    bench.receive(rtp(REMOTE).seq(1).build());
    let last = bench.inbound().last_packet_received_timestamp;
    assert!(last.is_some());
    bench.chain.read_datagram(rtp(REMOTE).seq(2).build().to_bytes(), early);
    let inbound = bench.inbound();
    assert_eq!((inbound.last_packet_received_timestamp, inbound.packets_received), (last, 2));
    assert_eq!(bench.chain.counters().clock_went_back, 1);
}

proptest! {
    /// No datagram makes a number up, and none stops the count of good ones.
    #[test]
    fn anything_may_come_in(datagrams in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..40)) {
        let mut bench = Bench::with_video();
        for mut datagram in datagrams {
            // Often enough something that is about our streams.
            if let [first, .., _, _] = &mut datagram[..] {
                *first = 0x80 | (*first & 0x3f);
            }
            if datagram.len() >= 12 && datagram[3] % 2 == 0 {
                let ssrc = if datagram[3] % 4 == 0 { REMOTE } else { REMOTE_RTX };
                datagram[8..12].copy_from_slice(&ssrc.to_be_bytes());
            }
            bench.chain.read_datagram(Bytes::from(datagram), bench.clock.now());
            while bench.chain.poll_app().is_some() {}
            bench.clock.advance(ms(1));
        }
        let before = bench.inbound();
        prop_assert!(before.packets_received <= 40);
        prop_assert!(before.retransmitted_packets_received <= before.packets_received);
        bench.receive(rtp(REMOTE).build());
        prop_assert_eq!(bench.inbound().packets_received, before.packets_received + 1);
    }
}
