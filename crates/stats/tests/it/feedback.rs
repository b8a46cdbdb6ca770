//! NACK, PLI and FIR, sent and received.

use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
};
use interceptor_packet::{RtcpPacket, RtpPacket};
use interceptor_stats::StatsOptions;
use interceptor_test::rtp;

use crate::support::{Bench, LOCAL, LOCAL_RTX, REMOTE, REPORTER, built, video};

/// Asks for something at each packet, as a NACK or key frame interceptor does.
struct Requester {
    requests: Vec<RtcpPacket>,
}

impl Interceptor for Requester {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn read_rtp(&mut self, _: &mut (), _: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        self.requests.iter().for_each(|request| cx.send_rtcp(request.clone()));
        Ok(Flow::Forward)
    }
}

struct RequesterFactory(Vec<RtcpPacket>);

impl Factory for RequesterFactory {
    type Interceptor = Requester;

    fn name(&self) -> &'static str {
        "requester"
    }

    fn stage(&self) -> Stage {
        Stage::NACK
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Requester, BuildError> {
        Ok(Requester { requests: self.0.clone() })
    }
}

#[test]
fn feedback_that_other_interceptors_send_is_counted_by_default() {
    let requests = vec![
        built(RtcpPacket::builder().nack(REPORTER, REMOTE, &[1, 2, 40, 90])),
        built(RtcpPacket::builder().pli(REPORTER, REMOTE)),
        built(RtcpPacket::builder().fir(REPORTER, &[(REMOTE, 1)])),
    ];
    let bytes: usize = requests.iter().map(RtcpPacket::len).sum();
    let mut bench =
        Bench::with(StatsOptions::default(), |registry| registry.with(RequesterFactory(requests)));
    bench.bind_remote(video(REMOTE));
    (0..3).for_each(|seq| bench.receive(rtp(REMOTE).seq(seq).build()));
    let inbound = bench.inbound();
    // Packets, not sequence numbers.
    assert_eq!((inbound.nack_count, inbound.pli_count, inbound.fir_count), (3, 3, 3));
    let connection = bench.connection();
    assert_eq!((connection.rtcp_packets_sent, connection.rtcp_bytes_sent), (9, 3 * bytes as u64));
    assert_eq!((connection.rtcp_packets_received, connection.rtcp_bytes_received), (0, 0));
}

#[test]
fn every_sub_packet_of_a_compound_is_read() {
    let mut bench = Bench::with_video();
    // pion returns at the extended report and misses what follows.
    bench.receive_rtcp(
        RtcpPacket::builder()
            .receiver_report(REMOTE, &[])
            .sdes_cname(REMOTE, "far")
            .xr_rrtr(REMOTE, bench.ntp())
            .nack(REMOTE, LOCAL, &[7])
            .nack(REMOTE, LOCAL, &[9])
            .pli(REMOTE, LOCAL)
            .fir(REMOTE, &[(LOCAL, 1), (LOCAL, 2)]),
    );
    let outbound = bench.outbound();
    assert_eq!((outbound.nack_count, outbound.pli_count, outbound.fir_count), (2, 1, 2));
    assert_eq!(bench.connection().rtcp_packets_received, 1);
}

#[test]
fn a_fir_is_about_the_streams_of_its_entries() {
    let mut bench = Bench::with_video();
    bench.bind_local(video(77));
    // RFC 5104 §4.3.1.2: the media SSRC of the packet itself is 0.
    bench.receive_rtcp(RtcpPacket::builder().fir(REMOTE, &[(77, 1), (1234, 1)]));
    assert_eq!(bench.outbound().fir_count, 0);
    let other = bench.handle.stream("call", 77).and_then(|stream| stream.outbound_rtp).expect("bound");
    assert_eq!(other.fir_count, 1);
}

#[test]
fn feedback_about_other_streams_is_ignored() {
    let mut bench = Bench::with_video();
    let mut about_strangers = RtcpPacket::builder();
    about_strangers.nack(REMOTE, 1, &[7]).pli(REMOTE, 1).fir(REMOTE, &[(1, 1)]);
    bench.receive_rtcp(&mut about_strangers);
    // Received feedback is about what we send, sent feedback about what we receive.
    bench.receive_rtcp(RtcpPacket::builder().pli(REMOTE, REMOTE));
    bench.send_rtcp(RtcpPacket::builder().pli(REPORTER, LOCAL));
    let (inbound, outbound) = (bench.inbound(), bench.outbound());
    assert_eq!((outbound.nack_count, outbound.pli_count, outbound.fir_count), (0, 0, 0));
    assert_eq!((inbound.nack_count, inbound.pli_count, inbound.fir_count), (0, 0, 0));
}

#[test]
fn feedback_about_the_rtx_stream_is_about_its_media_stream() {
    let mut bench = Bench::with_video();
    bench.receive_rtcp(RtcpPacket::builder().nack(REMOTE, LOCAL_RTX, &[7]));
    assert_eq!(bench.outbound().nack_count, 1);
}

#[test]
fn a_local_and_a_remote_stream_may_have_one_ssrc() {
    let mut bench = Bench::new();
    bench.bind_remote(video(REMOTE));
    bench.bind_local(video(REMOTE));
    bench.receive_rtcp(RtcpPacket::builder().pli(1, REMOTE));
    bench.receive(rtp(REMOTE).build());
    let stream = bench.handle.stream("call", REMOTE).expect("bound twice");
    assert_eq!(stream.inbound_rtp.expect("remote").pli_count, 0);
    assert_eq!(stream.outbound_rtp.expect("local").pli_count, 1);
}

#[test]
fn a_remb_that_we_send_is_the_available_incoming_bitrate() {
    let mut bench = Bench::with_video();
    assert_eq!(bench.connection().available_incoming_bitrate, None);
    bench.send_rtcp(RtcpPacket::builder().remb(REPORTER, 1_000_000, &[REMOTE]));
    bench.receive_rtcp(RtcpPacket::builder().remb(REMOTE, 2_500_000, &[LOCAL]));
    assert_eq!(bench.connection().available_incoming_bitrate, Some(1_000_000));
}
