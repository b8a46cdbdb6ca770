//! RTCP compounds of the stack as the chain has them, and back.

use bytes::{BufMut, Bytes, BytesMut};
use interceptor_packet::{Rtcp, RtcpPacket};
use rtc_rtcp::Packet;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::unmarshal;
use rtc_rtcp::raw_packet::RawPacket;
use rtc_rtcp::source_description::SourceDescription;

use crate::ConvertError;

const SDES: u8 = 202;
const BYE: u8 = 203;

/// The compound's bytes, as the stack would write them; but goodbyes and source descriptions are written here, because the stack
/// pads them as if a list of items ended like a packet.
///
/// # Errors
/// [`ConvertError::Unwritable`] when one of the packets cannot be written, [`ConvertError::Rtcp`] when the bytes are no RTCP,
/// as those of an empty list.
pub fn rtcp_from(packets: &[Box<dyn Packet>]) -> Result<RtcpPacket, ConvertError> {
    let mut bytes = BytesMut::new();
    for packet in packets {
        let any = packet.as_any();
        if let Some(bye) = any.downcast_ref::<Goodbye>() {
            put_goodbye(&mut bytes, bye)?;
        } else if let Some(sdes) = any.downcast_ref::<SourceDescription>() {
            put_source_description(&mut bytes, sdes)?;
        } else {
            bytes.extend_from_slice(&packet.marshal().map_err(ConvertError::unwritable)?);
        }
    }
    RtcpPacket::parse(bytes.freeze()).map_err(ConvertError::Rtcp)
}

fn put_goodbye(bytes: &mut BytesMut, bye: &Goodbye) -> Result<(), ConvertError> {
    let mut body: Vec<u8> = bye.sources.iter().flat_map(|source| source.to_be_bytes()).collect();
    if !bye.reason.is_empty() {
        put_text(&mut body, &bye.reason)?;
        body.resize(body.len().next_multiple_of(4), 0);
    }
    put_packet(bytes, BYE, bye.sources.len(), &body)
}

fn put_source_description(bytes: &mut BytesMut, sdes: &SourceDescription) -> Result<(), ConvertError> {
    let mut body = Vec::new();
    for chunk in &sdes.chunks {
        body.extend_from_slice(&chunk.source.to_be_bytes());
        for item in &chunk.items {
            body.push(item.sdes_type as u8);
            put_text(&mut body, &item.text)?;
        }
        // One null octet or more, to whole words (RFC 3550 §6.5).
        body.resize((body.len() + 1).next_multiple_of(4), 0);
    }
    put_packet(bytes, SDES, sdes.chunks.len(), &body)
}

fn put_text(body: &mut Vec<u8>, text: &[u8]) -> Result<(), ConvertError> {
    body.push(u8::try_from(text.len()).map_err(|_| ConvertError::TooMuch)?);
    body.extend_from_slice(text);
    Ok(())
}

fn put_packet(bytes: &mut BytesMut, packet_type: u8, count: usize, body: &[u8]) -> Result<(), ConvertError> {
    let words = u16::try_from(body.len() / 4).map_err(|_| ConvertError::TooMuch)?;
    let count = u8::try_from(count).ok().filter(|count| *count <= 31).ok_or(ConvertError::TooMuch)?;
    bytes.put_slice(&[2 << 6 | count, packet_type]);
    bytes.put_u16(words);
    bytes.put_slice(body);
    Ok(())
}

/// The well-formed sub-packets, each as the stack's own type if that writes the same bytes again, else as a [`RawPacket`]: what
/// leaves is what the chain has made, byte by byte. Malformed sub-packets are left out.
#[must_use]
pub fn rtcp_to(packet: &RtcpPacket) -> Vec<Box<dyn Packet>> {
    packet.packets().map(|packet| typed(packet).unwrap_or_else(|| raw(packet))).collect()
}

fn typed(packet: Rtcp<'_>) -> Option<Box<dyn Packet>> {
    let mut bytes = packet.raw();
    let mut packets = unmarshal(&mut bytes).ok()?;
    let typed = packets.pop().filter(|_| packets.is_empty())?;
    (typed.marshal().ok()? == packet.raw()).then_some(typed)
}

fn raw(packet: Rtcp<'_>) -> Box<dyn Packet> {
    Box::new(RawPacket(Bytes::copy_from_slice(packet.raw())))
}
