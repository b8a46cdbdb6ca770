//! Media of any payload type, and any header extension, passes byte by byte.

use interceptor_packet::{Rtcp, RtcpPacket};
use rtptap::relay::{Relay, RelayOptions, SourceOptions, TargetOptions};

use super::media::Port;
use super::{stop, until};

/// RTP and RTCP on ports of their own.
struct Call {
    source: (Port, Port),
    sink: (Port, Port),
    relay: Relay,
}

impl Call {
    async fn start() -> Self {
        let (source, sink) = (Port::pair().await, Port::pair().await);
        let from = SourceOptions::new("127.0.0.1:0".parse().unwrap());
        let options = RelayOptions::new(from, vec![TargetOptions::new(sink.0.address())]);
        Self { source, sink, relay: Relay::start(options).await.unwrap() }
    }

    /// Each of these packets arrives, as it was sent.
    async fn carries(&self, packets: &[Vec<u8>]) {
        for (at, packet) in packets.iter().enumerate() {
            self.source.0.socket.send_to(packet, self.relay.listen_addr()).await.unwrap();
            if at % 16 == 15 {
                until("they arrive", || (self.sink.0.received.all().len() > at).then_some(())).await;
            }
        }
        until("all arrive", || (self.sink.0.received.all().len() >= packets.len()).then_some(())).await;
        assert_eq!(self.sink.0.received.all(), packets);
    }
}

fn media(payload_type: u8, ssrc: u32, seq: u16, len: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 0x80 | payload_type];
    packet.extend(seq.to_be_bytes());
    packet.extend((u32::from(seq) * 160).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.resize(len, seq as u8);
    packet
}

fn feedback(packets: &[RtcpPacket]) -> usize {
    let asks = |message: &Rtcp<'_>| matches!(message, Rtcp::Nack(_) | Rtcp::Pli(_) | Rtcp::Fir(_));
    packets.iter().map(|packet| packet.packets().filter(asks).count()).sum()
}

#[tokio::test]
async fn on_a_port_of_its_own_media_has_any_payload_type() {
    let call = Call::start().await;
    let mut packets = Vec::new();
    for payload_type in 64..=95_u8 {
        // Numbers among them that RTCP's length would be, too: of 160 bytes.
        packets.extend((30..50).map(|seq| media(payload_type, payload_type.into(), seq, 160)));
    }
    call.carries(&packets).await;
    assert_eq!(feedback(&call.source.1.received.rtcp()), 0, "nothing is missing");
    let stats = stop(call.relay).await;
    for leg in &stats.legs {
        assert_eq!(leg.transport.datagrams_malformed, 0, "{}", leg.id);
    }
    assert_eq!(stats.legs[0].book.packets_out, packets.len() as u64);
    assert!(
        call.sink.1.received.all().iter().all(|datagram| datagram.len() != 160),
        "RTP came on RTCP's port"
    );
}

#[tokio::test]
async fn feedback_on_rtps_port_is_understood_all_the_same() {
    let call = Call::start().await;
    let packets: Vec<_> = (1..4).map(|seq| media(72, 7, seq, 160)).collect();
    call.carries(&packets).await;
    let from = call.relay.from_addrs().next().unwrap();
    let nack = RtcpPacket::builder().nack(5, 7, &[2]).build().unwrap();
    call.sink.0.socket.send_to(nack.as_bytes(), from).await.unwrap();
    until("the packet comes again", || (call.sink.0.received.all().len() == 4).then_some(())).await;
    assert_eq!(call.sink.0.received.all().last(), Some(&packets[1]));
    let stats = stop(call.relay).await;
    assert_eq!((stats.legs[1].repair.packets_requested, stats.legs[1].repair.packets_resent), (1, 1));
}

#[tokio::test]
async fn media_with_a_broken_header_extension_is_media() {
    let call = Call::start().await;
    let packets: Vec<Vec<u8>> = (0..50_u16)
        .map(|seq| {
            let mut packet = media(96, 0xbeef, seq, 12);
            (packet[0], packet[1]) = (0x90, 0x60);
            // An element of sixteen bytes in a block of four.
            packet.extend([0xbe, 0xde, 0, 1, 0x4f, 1, 2, 3]);
            packet.extend(b"payload");
            packet
        })
        .collect();
    call.carries(&packets).await;
    let stats = stop(call.relay).await;
    let transport = &stats.legs[0].transport;
    assert_eq!((transport.datagrams_malformed, transport.extensions_malformed), (0, 50));
}
