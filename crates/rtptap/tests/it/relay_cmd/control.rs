//! What RTCP says on one side, and what arrives on the other.

use std::time::Duration;

use interceptor_packet::{NtpTime, ReportBlockData, Rtcp, RtcpPacket};
use rtptap::relay::{Relay, RelayOptions, RtcpMode, SourceOptions, StreamRule, TargetOptions};
use tokio::time::Instant;

use super::media::{FIRST, NTP, Port, RTP_TIME, SSRC, packet};
use super::{PATIENCE, stop, until};

const CNAME: &str = "camera@example";

/// Between two key frame requests; the default.
const INTERVAL: Duration = Duration::from_millis(500);

/// A source and two targets, each with RTP and RTCP on ports of their own.
struct Call {
    source: (Port, Port),
    targets: [(Port, Port); 2],
    relay: Relay,
}

impl Call {
    async fn start(clock_rate: Option<u32>) -> Self {
        let (source, targets) = (Port::pair().await, [Port::pair().await, Port::pair().await]);
        let to = targets.each_ref().map(|(rtp, _)| TargetOptions::new(rtp.address())).to_vec();
        let mut options = RelayOptions::new(SourceOptions::new("127.0.0.1:0".parse().unwrap()), to);
        let mut rule = StreamRule::new(96);
        rule.codec = clock_rate.map(|rate| format!("VP8/{rate}").parse().unwrap());
        options.streams = vec![rule];
        Self { source, targets, relay: Relay::start(options).await.unwrap() }
    }

    async fn send(&self, number: u32) {
        self.source.0.socket.send_to(&packet(SSRC, number), self.relay.listen_addr()).await.unwrap();
    }

    /// RTCP to the port above.
    async fn send_rtcp(&self, packet: &RtcpPacket) {
        let mut to = self.relay.listen_addr();
        to.set_port(to.port() + 1);
        self.source.1.socket.send_to(packet.as_bytes(), to).await.unwrap();
    }

    /// From a socket that the target uses for nothing else, as GStreamer does.
    async fn feed_back(&self, target: usize, packet: &RtcpPacket) {
        let mut to = self.relay.from_addrs().nth(target).unwrap();
        to.set_port(to.port() + 1);
        let port = Port::bind().await;
        port.socket.send_to(packet.as_bytes(), to).await.unwrap();
    }

    /// Two packets in sequence show that it is a stream.
    async fn begins(&self) {
        self.send(0).await;
        self.send(1).await;
        self.arrives(0).await;
        self.arrives(1).await;
    }

    async fn arrives(&self, number: u16) {
        for (rtp, _) in &self.targets {
            until("the packet arrives", || rtp.received.media(SSRC).remove(&number)).await;
        }
    }
}

fn source_report(at: NtpTime, rtp: u32) -> RtcpPacket {
    RtcpPacket::builder().sender_report(SSRC, at, rtp, 1, 1, &[]).sdes_cname(SSRC, CNAME).build().unwrap()
}

/// (NTP, RTP) time of the reports about the stream.
fn reports(port: &Port) -> Vec<(NtpTime, u32)> {
    let mut found = Vec::new();
    for packet in port.received.rtcp() {
        found.extend(packet.packets().filter_map(|message| match message {
            Rtcp::SenderReport(report) if report.ssrc() == SSRC => {
                Some((report.ntp(), report.rtp_timestamp()))
            }
            _ => None,
        }));
    }
    found
}

fn goodbyes(port: &Port) -> usize {
    let says_goodbye =
        |message: Rtcp<'_>| matches!(message, Rtcp::Bye(bye) if bye.ssrcs().any(|ssrc| ssrc == SSRC));
    port.received.rtcp().iter().filter(|packet| packet.packets().any(says_goodbye)).count()
}

#[tokio::test]
async fn reports_speak_of_the_sources_clock_and_round_trips_are_measured_all_the_same() {
    let call = Call::start(Some(90_000)).await;
    call.begins().await;
    let rtcp = &call.targets[0].1;
    until("a report without times leaves", || (!rtcp.received.rtcp().is_empty()).then_some(())).await;
    assert_eq!(reports(rtcp), [], "nothing is known of the source's clock");

    // Twenty years from the relay's own clock.
    call.send_rtcp(&source_report(NtpTime(NTP), RTP_TIME)).await;
    call.send(2).await;
    let (ntp, rtp) = until("a report leaves", || reports(rtcp).last().copied()).await;
    let since = ntp.checked_duration_since(NtpTime(NTP)).unwrap();
    let units = rtp.wrapping_sub(RTP_TIME);
    assert!(since < 2 * PATIENCE, "{since:?}");
    let exact = since.as_secs_f64() * 90_000.0;
    assert!((f64::from(units) - exact).abs() <= 1.0, "{units} units in {since:?}");
    let names: Vec<_> = rtcp
        .received
        .rtcp()
        .last()
        .unwrap()
        .packets()
        .filter_map(|message| match message {
            Rtcp::Sdes(sdes) => sdes.cnames().next().map(|(ssrc, name)| (ssrc, name.to_vec())),
            _ => None,
        })
        .collect();
    assert_eq!(names, [(SSRC, CNAME.as_bytes().to_vec())]);

    let block = ReportBlockData {
        ssrc: SSRC,
        extended_sequence_number: u32::from(FIRST) + 2,
        last_sr: ntp.middle_32(),
        ..ReportBlockData::default()
    };
    call.feed_back(0, &RtcpPacket::builder().receiver_report(5, &[block]).build().unwrap()).await;
    let rtt = until("the round trip is measured", || {
        call.relay.stats().legs[1].stats.as_ref()?.remote_inbound_rtp.first()?.round_trip_time
    })
    .await;
    assert!(rtt < 2 * PATIENCE, "{rtt:?}");
    stop(call.relay).await;
}

#[tokio::test]
async fn without_a_clock_rate_each_report_of_the_source_leaves_once_and_unchanged() {
    let call = Call::start(None).await;
    call.send_rtcp(&source_report(NtpTime(NTP), RTP_TIME)).await;
    call.begins().await;
    let rtcp = &call.targets[0].1;
    until("the report leaves", || reports(rtcp).first().copied()).await;
    let later = (NtpTime(NTP + (5 << 32)), RTP_TIME.wrapping_add(7));
    call.send_rtcp(&source_report(later.0, later.1)).await;
    call.send(2).await;
    until("the next one leaves", || (reports(rtcp).len() > 1).then_some(())).await;
    assert_eq!(reports(rtcp), [(NtpTime(NTP), RTP_TIME), later]);
    stop(call.relay).await;
}

#[tokio::test]
async fn many_key_frame_requests_reach_the_source_as_few() {
    let call = Call::start(Some(90_000)).await;
    call.begins().await;
    // Shows the relay where the source hears RTCP.
    call.send_rtcp(&source_report(NtpTime(NTP), RTP_TIME)).await;
    call.send(2).await;
    call.arrives(2).await;
    let heard = &call.source.1;
    until("the source is reported to", || (!heard.received.rtcp().is_empty()).then_some(())).await;
    let start = Instant::now();
    for target in [0, 1, 0, 1, 0, 1] {
        call.feed_back(target, &RtcpPacket::builder().pli(5, SSRC).build().unwrap()).await;
    }
    call.feed_back(0, &RtcpPacket::builder().pli(5, 0xbad).build().unwrap()).await;
    let plis = || {
        let rtcp = heard.received.rtcp();
        let count =
            |packet: &RtcpPacket| packet.packets().filter(|message| matches!(message, Rtcp::Pli(_))).count();
        rtcp.iter().map(count).sum::<usize>()
    };
    until("the second request", || (plis() >= 2).then_some(())).await;
    call.feed_back(1, &RtcpPacket::builder().fir(5, &[(SSRC, 9)]).build().unwrap()).await;
    let fir = until("the full intra request", || {
        heard.received.rtcp().iter().find_map(|packet| {
            packet.packets().find_map(|message| match message {
                Rtcp::Fir(fir) => fir.entries().next(),
                _ => None,
            })
        })
    })
    .await;
    assert_eq!((fir.ssrc, fir.sequence_number), (SSRC, 1), "numbered by the relay");
    // Two PLIs, unless the machine took its time: then no more than one an interval.
    let most = 1 + start.elapsed().as_millis() / INTERVAL.as_millis();
    assert!((plis() as u128) < most, "{} in {:?}", plis(), start.elapsed());
    stop(call.relay).await;
}

#[tokio::test]
async fn a_stream_that_says_goodbye_ends_at_the_targets_and_may_come_back() {
    let call = Call::start(Some(90_000)).await;
    call.begins().await;
    call.send_rtcp(&RtcpPacket::builder().receiver_report(SSRC, &[]).bye(&[SSRC], "over").build().unwrap())
        .await;
    for (_, rtcp) in &call.targets {
        until("the goodbye", || (goodbyes(rtcp) == 1).then_some(())).await;
    }
    call.send(2).await;
    call.arrives(2).await;
    until("the stream is one that ended and one that lives", || {
        let leg = &call.relay.stats().legs[1];
        ((leg.ended.len(), leg.stats.as_ref()?.outbound_rtp.len()) == (1, 1)).then_some(())
    })
    .await;
    let (_, rtcp) = &call.targets[1];
    stop(call.relay).await;
    until("the relay's own goodbye", || (goodbyes(rtcp) == 2).then_some(())).await;
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_that_is_not_the_source_is_not_heard() {
    let any = "127.0.0.1:0".parse().unwrap();
    let sink = Port::bind().await;
    let mut target = TargetOptions::new(sink.address());
    target.rtcp = RtcpMode::Mux;
    let mut options = RelayOptions::new(SourceOptions::new(any), vec![target]);
    options.takeover = Duration::from_secs(3600);
    let relay = Relay::start(options).await.unwrap();
    let (source, stranger) = (Port::bind().await, tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap());
    for number in 0..2 {
        source.socket.send_to(&packet(SSRC, number), relay.listen_addr()).await.unwrap();
    }
    until("the source", || sink.received.media(SSRC).remove(&1)).await;
    stranger.send_to(&packet(SSRC, 2), relay.listen_addr()).await.unwrap();
    until("it is counted", || (relay.stats().legs[0].transport.datagrams_rejected == 1).then_some(())).await;
    source.socket.send_to(&packet(SSRC, 3), relay.listen_addr()).await.unwrap();
    until("the source again", || sink.received.media(SSRC).remove(&3)).await;
    assert!(!sink.received.media(SSRC).contains_key(&2));
    stop(relay).await;
}
