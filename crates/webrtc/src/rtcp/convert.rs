//! A compound of the chain's as the host writes it.

use bytes::Bytes;
use interceptor_packet::RtcpPacket;
use rtcp::raw_packet::RawPacket;

use super::Packets;

/// The compound in types that interceptors below know, where `rtcp` writes them as they are here; else its bytes: `rtcp` 0.17
/// writes goodbyes, source descriptions and others wrongly.
pub(crate) fn to_host(packet: &RtcpPacket) -> Packets {
    let typed: Packets = packet.into();
    let written: Option<Vec<Bytes>> = typed.iter().map(|part| part.marshal().ok()).collect();
    if written.is_some_and(|written| written.concat() == packet.as_bytes()[..]) {
        return typed;
    }
    vec![Box::new(RawPacket(packet.as_bytes().clone()))]
}

/// The opposite; `None` for what no compound on the wire can be.
pub(crate) fn from_host(packets: &[Box<dyn rtcp::packet::Packet + Send + Sync>]) -> Option<RtcpPacket> {
    RtcpPacket::try_from(packets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(packets: &Packets) -> Vec<u8> {
        packets.iter().flat_map(|packet| packet.marshal().unwrap()).collect()
    }

    #[test]
    fn what_the_host_writes_rightly_keeps_its_types() {
        let nack = RtcpPacket::builder().nack(1, 2, &[3, 4, 40]).build().unwrap();
        let packets = to_host(&nack);
        assert!(
            packets[0].as_any().is::<rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack>()
        );
        assert_eq!(bytes(&packets), nack.as_bytes()[..]);
    }

    #[test]
    fn what_the_host_writes_wrongly_goes_as_bytes() {
        let mut builder = RtcpPacket::builder();
        builder.receiver_report(7, &[]).sdes_cname(7, "an-odd-cname").bye(&[7], "bye");
        let compound = builder.build().unwrap();
        assert_eq!(bytes(&to_host(&compound)), compound.as_bytes()[..]);
    }
}
