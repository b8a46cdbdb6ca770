//! SSRCs without end from the source's own host, beside a stream that goes on.

use interceptor_packet::Rtcp;
use rtptap::relay::{Relay, RelayOptions, RtcpMode, SourceOptions, TargetOptions};
use tokio::net::UdpSocket;

use super::media::{Port, SSRC, packet};
use super::{begin, stop, until};

struct Call {
    source: Port,
    sink: Port,
    relay: Relay,
    /// Of the same host.
    stranger: UdpSocket,
    strangers: u64,
    /// Datagrams, of whomever.
    sent: u64,
}

impl Call {
    async fn start() -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let mut from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        let mut to = TargetOptions::new(sink.address());
        (from.rtcp, to.rtcp) = (RtcpMode::Mux, RtcpMode::Mux);
        let relay = Relay::start(RelayOptions::new(from, vec![to])).await.unwrap();
        let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        Self { source, sink, relay, stranger, strangers: 0, sent: 0 }
    }

    async fn begin(&mut self, ssrc: u32) {
        begin(&self.source, ssrc, &self.relay, &self.sink).await;
        self.sent += 2;
    }

    async fn send(&mut self, number: u32) {
        self.sent += 1;
        self.source.socket.send_to(&packet(SSRC, number), self.relay.listen_addr()).await.unwrap();
    }

    /// So many new SSRCs, with `each` packets in sequence, no faster than they are received: what gets lost, the relay loses.
    async fn flood(&mut self, ssrcs: u32, each: u32) {
        for _ in 0..ssrcs / 20 {
            for _ in 0..20 {
                self.strangers += 1;
                let ssrc = 0x4000_0000 + self.strangers as u32;
                for number in 0..each {
                    let packet = &packet(ssrc, number)[..28];
                    self.stranger.send_to(packet, self.relay.listen_addr()).await.unwrap();
                    self.sent += 1;
                }
            }
            until("they are received", || {
                (self.relay.stats().legs[0].transport.datagrams_received == self.sent).then_some(())
            })
            .await;
        }
    }

    fn goodbyes(&self) -> usize {
        let says =
            |message: Rtcp<'_>| matches!(message, Rtcp::Bye(bye) if bye.ssrcs().any(|ssrc| ssrc == SSRC));
        self.sink.received.rtcp().iter().filter(|packet| packet.packets().any(says)).count()
    }
}

/// Packets of the stream, and new SSRCs to each: 30 000 a second beside 50.
const PACKETS: u32 = 60;
const BETWEEN: u32 = 600;

#[tokio::test]
async fn made_up_ssrcs_cost_a_stream_nothing() {
    let mut call = Call::start().await;
    call.begin(SSRC).await;
    for number in 2..PACKETS {
        call.send(number).await;
        call.flood(BETWEEN, 1).await;
    }
    until("all arrive", || (call.sink.received.count(SSRC, PACKETS) == PACKETS).then_some(())).await;
    assert_eq!(call.goodbyes(), 0);
    let strangers = call.strangers;
    let stats = stop(call.relay).await;
    let (book, streams) = (&stats.legs[0].book, &stats.legs[0].streams);
    assert_eq!((streams.streams_found, streams.streams_evicted), (1, 0));
    assert_eq!((book.packets_in, book.packets_out), (u64::from(PACKETS) + strangers, PACKETS.into()));
    assert!(book.packets_unproven > 0 && book.packets_unbound == 0, "{book:?}");
}

#[tokio::test]
async fn made_up_streams_cost_a_stream_nothing() {
    let mut call = Call::start().await;
    call.begin(SSRC).await;
    for number in 2..PACKETS {
        call.send(number).await;
        call.flood(BETWEEN / 10, 3).await;
    }
    until("all arrive", || (call.sink.received.count(SSRC, PACKETS) == PACKETS).then_some(())).await;
    assert_eq!(call.goodbyes(), 0);
    let strangers = call.strangers;
    let stats = stop(call.relay).await;
    let (book, streams) = (&stats.legs[0].book, &stats.legs[0].streams);
    // Those that have been silent for a second may make room for others.
    assert_eq!(streams.streams_found - streams.streams_evicted, 64, "as many as there may be");
    assert!(streams.streams_refused > 0);
    assert_eq!(book.packets_in, u64::from(PACKETS) + 3 * strangers, "{book:?}");
}

#[tokio::test]
async fn a_stream_begins_beside_made_up_ssrcs() {
    let mut call = Call::start().await;
    call.begin(1).await;
    for number in 0.. {
        call.send(number).await;
        call.flood(100, 1).await;
        if !call.sink.received.media(SSRC).is_empty() {
            break;
        }
    }
    let stats = stop(call.relay).await;
    assert_eq!(stats.legs[0].streams.streams_found, 2);
}

#[tokio::test]
async fn a_stream_begins_beside_made_up_streams() {
    let mut call = Call::start().await;
    call.begin(1).await;
    // They take all the places, and would take each that gets free.
    call.flood(200, 2).await;
    assert_eq!(call.relay.stats().legs[0].streams.streams_found, 64);
    for number in 0.. {
        call.send(number).await;
        call.flood(100, 2).await;
        if !call.sink.received.media(SSRC).is_empty() {
            break;
        }
        assert!(call.relay.stats().uptime < 4.0, "it did not begin");
    }
    stop(call.relay).await;
}

#[tokio::test]
async fn streams_beyond_the_limit_are_refused_and_in_the_books() {
    let call = Call::start().await;
    for number in 0..10 {
        for ssrc in 1..=80 {
            call.source.socket.send_to(&packet(ssrc, number), call.relay.listen_addr()).await.unwrap();
            let sent = u64::from(number * 80 + ssrc);
            let received = || {
                let transport = call.relay.stats().legs[0].transport;
                transport.datagrams_received + transport.datagrams_held
            };
            if sent.is_multiple_of(20) {
                until("they are received", || (received() >= sent).then_some(())).await;
            }
        }
    }
    let whole = || (1..=80).filter(|ssrc| call.sink.received.count(*ssrc, 10) == 10).count();
    until("as many as there may be are forwarded whole", || (whole() == 64).then_some(())).await;
    let stats = stop(call.relay).await;
    let (book, streams) = (&stats.legs[0].book, &stats.legs[0].streams);
    assert_eq!((streams.streams_found, book.packets_in, book.packets_out), (64, 800, 640), "{book:?}");
    assert!(streams.streams_refused >= 16);
}
