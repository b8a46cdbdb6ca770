//! What the table of malformed and hostile input promises of the relay, a test a row.

use std::time::Duration;

use rtptap::relay::{LegStats, Relay, RelayOptions, RtcpMode, SourceOptions, TargetOptions};

use crate::relay_cmd::media::{Port, SSRC, packet};
use crate::relay_cmd::until;

/// A source, a relay, a target; RTCP shares the ports.
struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
}

impl Call {
    async fn start(max_streams: usize) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        let mut to = TargetOptions::new(sink.address());
        (from.rtcp, to.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
        let mut options = RelayOptions::new(from, vec![to]);
        (options.max_streams, options.takeover) = (max_streams, Duration::from_secs(3600));
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    async fn send(&self, datagram: &[u8]) {
        self.source.socket.send_to(datagram, self.relay.listen_addr()).await.unwrap();
    }

    /// The packet arrives at the target.
    async fn carries(&self, ssrc: u32, number: u16) {
        self.send(&packet(ssrc, number.into())).await;
        until("the packet arrives", || self.sink.received.media(ssrc).remove(&number)).await;
    }

    /// A leg shows it.
    async fn shows(&self, leg: usize, what: impl Fn(&LegStats) -> bool) {
        until("the counter", || what(&self.relay.stats().legs[leg]).then_some(())).await;
    }
}

#[tokio::test]
async fn noise_makes_nobody_the_source() {
    let call = Call::start(64).await;
    call.send(b"GET / HTTP/1.1\r\n\r\n").await;
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1 && leg.peer.is_none()).await;
    call.carries(SSRC, 0).await;
    call.relay.stop().await.unwrap();
}

#[tokio::test]
async fn malformed_rtp_and_rtcp_are_not_forwarded() {
    let call = Call::start(64).await;
    call.carries(SSRC, 0).await;
    // More contributing sources than bytes; a compound longer than its datagram.
    call.send(&[0x8f, 96, 0, 1, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0]).await;
    call.send(&[0x80, 200, 0, 99, 0, 0, 0, 1]).await;
    call.shows(0, |leg| leg.transport.datagrams_malformed == 2).await;
    call.carries(SSRC, 1).await;
    assert_eq!(call.sink.received.count(SSRC, 1000), 2);
    call.relay.stop().await.unwrap();
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_host_is_not_the_source() {
    let call = Call::start(64).await;
    call.carries(SSRC, 0).await;
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    stranger.send_to(&packet(SSRC, 1), call.relay.listen_addr()).await.unwrap();
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1).await;
    call.carries(SSRC, 2).await;
    assert!(!call.sink.received.media(SSRC).contains_key(&1));
    call.relay.stop().await.unwrap();
}

#[tokio::test]
async fn streams_without_end_push_out_the_one_silent_longest() {
    let call = Call::start(2).await;
    for ssrc in 1..=3 {
        call.carries(ssrc, 0).await;
    }
    call.shows(0, |leg| leg.ended.len() == 1 && leg.stats.as_ref().is_some_and(|s| s.inbound_rtp.len() == 2))
        .await;
    call.carries(3, 1).await;
    call.relay.stop().await.unwrap();
}
