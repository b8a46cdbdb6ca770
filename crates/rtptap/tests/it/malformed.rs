//! What the table of malformed and hostile input promises of the relay, a test a row.

use std::time::Duration;

use rtptap::relay::{LegStats, Relay, RelayOptions, RtcpMode, SourceOptions, TargetOptions};

use crate::relay_cmd::media::{Port, SSRC, packet};
use crate::relay_cmd::{stop, until};

const HOUR: Duration = Duration::from_secs(3600);

/// A source, a relay, a target; RTCP shares the ports.
struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
}

impl Call {
    async fn start(max_streams: usize, takeover: Duration) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        let mut to = TargetOptions::new(sink.address());
        (from.rtcp, to.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
        let mut options = RelayOptions::new(from, vec![to]);
        (options.max_streams, options.takeover) = (max_streams, takeover);
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    async fn send(&self, datagram: &[u8]) {
        self.source.socket.send_to(datagram, self.relay.listen_addr()).await.unwrap();
    }

    /// Two packets in sequence show that it is a stream.
    async fn begins(&self, ssrc: u32) {
        self.send(&packet(ssrc, 0)).await;
        self.carries(ssrc, 1).await;
        assert_eq!(self.sink.received.count(ssrc, 2), 2, "the first is not lost");
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
    let call = Call::start(64, HOUR).await;
    call.send(b"GET / HTTP/1.1\r\n\r\n").await;
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1 && leg.peer.is_none()).await;
    call.begins(SSRC).await;
    stop(call.relay).await;
}

#[tokio::test]
async fn malformed_rtp_and_rtcp_are_not_forwarded() {
    let call = Call::start(64, HOUR).await;
    call.begins(SSRC).await;
    // More contributing sources than bytes; a compound longer than its datagram.
    call.send(&[0x8f, 96, 0, 1, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0]).await;
    call.send(&[0x80, 200, 0, 99, 0, 0, 0, 1]).await;
    call.shows(0, |leg| leg.transport.datagrams_malformed == 2).await;
    call.carries(SSRC, 2).await;
    assert_eq!(call.sink.received.count(SSRC, 1000), 3);
    stop(call.relay).await;
}

/// Elsewhere 127.0.0.2 is not there.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_host_is_not_the_source() {
    let call = Call::start(64, HOUR).await;
    call.begins(SSRC).await;
    let stranger = tokio::net::UdpSocket::bind("127.0.0.2:0").await.unwrap();
    stranger.send_to(&packet(SSRC, 2), call.relay.listen_addr()).await.unwrap();
    call.shows(0, |leg| leg.transport.datagrams_rejected == 1).await;
    call.carries(SSRC, 3).await;
    assert!(!call.sink.received.media(SSRC).contains_key(&2));
    let rejected = call.relay.stats().legs[0].rejected_hosts.clone();
    assert_eq!(
        (rejected.len(), rejected[0].host.to_string(), rejected[0].datagrams),
        (1, "127.0.0.2".into(), 1)
    );
    stop(call.relay).await;
}

#[tokio::test]
async fn a_stream_makes_room_once_it_has_been_silent_for_long_enough() {
    let call = Call::start(2, Duration::from_millis(300)).await;
    call.begins(1).await;
    call.begins(2).await;
    // The second goes on, as a third does that wants a place.
    let mut number = 2;
    until("the third has a place", || {
        for ssrc in [2, 3] {
            let _ = call.source.socket.try_send_to(&packet(ssrc, number), call.relay.listen_addr());
        }
        number += 1;
        (!call.sink.received.media(3).is_empty()).then_some(())
    })
    .await;
    call.shows(0, |leg| leg.ended.len() == 1 && leg.stats.as_ref().is_some_and(|s| s.inbound_rtp.len() == 2))
        .await;
    // So does the first when it comes back: it was not sent away for good.
    until("the first has its place again", || {
        for ssrc in [1, 2] {
            let _ = call.source.socket.try_send_to(&packet(ssrc, number), call.relay.listen_addr());
        }
        number += 1;
        (call.sink.received.media(1).len() > 2).then_some(())
    })
    .await;
    let stats = stop(call.relay).await;
    let streams = &stats.legs[0].streams;
    assert_eq!((streams.streams_found, streams.streams_evicted), (4, 2));
    assert!(streams.streams_refused > 0);
}

#[tokio::test]
async fn streams_that_go_on_are_not_pushed_out_by_others() {
    let call = Call::start(2, HOUR).await;
    call.begins(1).await;
    call.begins(2).await;
    for ssrc in 3..=20 {
        for number in 0..3 {
            call.send(&packet(ssrc, number)).await;
        }
    }
    call.carries(1, 2).await;
    call.carries(2, 2).await;
    call.shows(0, |leg| leg.streams.streams_refused >= 1).await;
    let stats = stop(call.relay).await;
    assert_eq!((stats.legs[0].streams.streams_found, stats.legs[0].streams.streams_evicted), (2, 0));
    // Two were forwarded; of the others each packet is counted.
    let book = &stats.legs[0].book;
    assert_eq!((book.packets_in, book.packets_out, book.lost()), (6 + 18 * 3, 6, 18 * 3), "{book:?}");
}

#[tokio::test]
async fn a_burst_of_new_ssrcs_with_a_packet_each_is_in_the_books() {
    let call = Call::start(64, HOUR).await;
    call.begins(SSRC).await;
    for ssrc in 0x5000..0x5040 {
        call.send(&packet(ssrc, 0)).await;
    }
    call.carries(SSRC, 2).await;
    let stats = stop(call.relay).await;
    let book = &stats.legs[0].book;
    assert_eq!((book.packets_in, book.packets_out, book.packets_at_close), (3 + 64, 3, 64), "{book:?}");
    assert_eq!(stats.legs[0].streams.streams_found, 1);
}
