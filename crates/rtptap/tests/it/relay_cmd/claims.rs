//! Who may be the source, and what others can do about it.

use std::net::SocketAddr;

use interceptor_packet::{NtpTime, Rtcp, RtcpPacket};
use rtptap::relay::{Relay, RelayOptions, SourceOptions, TargetOptions};
use tokio::net::UdpSocket;
use tokio::time::{Duration, Instant};

use super::media::{NTP, Port, SSRC, packet};
use super::{begin, stop, until};

/// RTP and RTCP on ports of their own.
struct Call {
    source: (Port, Port),
    sink: (Port, Port),
    relay: Relay,
}

impl Call {
    async fn start(from: Option<&str>) -> Self {
        let (source, sink) = (Port::pair().await, Port::pair().await);
        let mut options = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        options.from = from.map(|hosts| hosts.parse().unwrap());
        let options = RelayOptions::new(options, vec![TargetOptions::new(sink.0.address())]);
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    fn above(&self) -> SocketAddr {
        let listen = self.relay.listen_addr();
        SocketAddr::new(listen.ip(), listen.port() + 1)
    }

    async fn send(&self, number: u32) {
        self.source.0.socket.send_to(&packet(SSRC, number), self.relay.listen_addr()).await.unwrap();
    }

    async fn send_rtcp(&self, packet: &RtcpPacket) {
        self.source.1.socket.send_to(packet.as_bytes(), self.above()).await.unwrap();
    }

    async fn shows(&self, what: &str, shown: impl Fn(&rtptap::relay::LegStats) -> bool) {
        until(what, || shown(&self.relay.stats().legs[0]).then_some(())).await;
    }
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
async fn stranger() -> UdpSocket {
    UdpSocket::bind("127.0.0.2:0").await.unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_host_that_sends_rtcp_only_keeps_nobody_out() {
    let call = Call::start(None).await;
    let stranger = stranger().await;
    // On either port, and again and again.
    let claim = [0x80, 0xc9, 0, 1, 0, 0, 0, 9];
    for _ in 0..10 {
        stranger.send_to(&claim, call.above()).await.unwrap();
        stranger.send_to(&claim, call.relay.listen_addr()).await.unwrap();
    }
    call.shows("it is heard", |leg| leg.transport.datagrams_held + leg.transport.datagrams_rejected == 20)
        .await;
    // The true source reports before it sends media, which is not forgotten.
    let report = RtcpPacket::builder().sender_report(SSRC, NtpTime(NTP), 7, 0, 0, &[]).build().unwrap();
    call.send_rtcp(&report).await;
    call.shows("it waits", |leg| leg.transport.datagrams_held == 3).await;
    begin(&call.source.0, SSRC, &call.relay, &call.sink.0).await;
    stranger.send_to(&claim, call.above()).await.unwrap();
    for number in 2..20 {
        call.send(number).await;
    }
    until("all arrive", || (call.sink.0.received.count(SSRC, 20) == 20).then_some(())).await;
    until("the report was used", || {
        let reports = |message: Rtcp<'_>| {
            matches!(message, Rtcp::SenderReport(report) if report.ntp() == NtpTime(NTP) && report.rtp_timestamp() == 7)
        };
        call.sink.1.received.rtcp().iter().any(|packet| packet.packets().any(reports)).then_some(())
    })
    .await;
    let stats = stop(call.relay).await;
    let leg = &stats.legs[0];
    let rejected: Vec<_> =
        leg.rejected_hosts.iter().map(|host| (host.host.to_string(), host.datagrams)).collect();
    assert_eq!(rejected, [("127.0.0.2".to_owned(), 21)]);
    assert_eq!((leg.transport.datagrams_rejected, leg.transport.datagrams_held), (21, 0));
    assert_eq!(leg.peer, Some(call.source.0.address()));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_is_not_believed_does_not_become_the_source_by_coming_first() {
    let call = Call::start(Some("127.0.0.1")).await;
    let stranger = stranger().await;
    for number in 0..10 {
        stranger.send_to(&packet(9, number), call.relay.listen_addr()).await.unwrap();
    }
    call.shows("it is rejected", |leg| leg.transport.datagrams_rejected == 10).await;
    begin(&call.source.0, SSRC, &call.relay, &call.sink.0).await;
    let stats = stop(call.relay).await;
    assert_eq!(stats.legs[0].rejected_hosts[0].datagrams, 10);
    assert_eq!(stats.legs[0].book.packets_in, 2);
}

#[tokio::test]
async fn a_forged_goodbye_does_not_end_a_stream_that_goes_on() {
    let call = Call::start(None).await;
    begin(&call.source.0, SSRC, &call.relay, &call.sink.0).await;
    let goodbye = RtcpPacket::builder().receiver_report(SSRC, &[]).bye(&[SSRC], "").build().unwrap();
    // Longer than a stream that said goodbye goes on for.
    let (mut number, start) = (2, Instant::now());
    while start.elapsed() < Duration::from_millis(2500) {
        if number % 40 == 0 {
            call.send_rtcp(&goodbye).await;
        }
        call.send(number).await;
        let got = || call.sink.0.received.count(SSRC, number + 1);
        until("it arrives", || (got() > number).then_some(())).await;
        number += 1;
    }
    let goodbyes = || {
        let says = |message: Rtcp<'_>| matches!(message, Rtcp::Bye(_));
        call.sink.1.received.rtcp().iter().filter(|packet| packet.packets().any(says)).count()
    };
    assert_eq!(goodbyes(), 0);
    let stats = call.relay.stats();
    let sent = stats.legs[1].stats.as_ref().unwrap().outbound_rtp[0].packets_sent;
    assert_eq!((sent, stats.legs[1].ended.len()), (number.into(), 0), "its counters went on");
    stop(call.relay).await;
}
