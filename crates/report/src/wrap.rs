//! Others' feedback on its way to the wire: made a compound where reduced-size RTCP was not negotiated.

use bytes::BytesMut;
use interceptor_core::{Context, Result, Streams};
use interceptor_packet::RtcpPacket;

use crate::write::write_head;
use crate::{Report, local::SenderInfo};

impl Report {
    /// Puts a report and a canonical name before feedback that has none, if it needs them (RFC 3550 §6.1, RFC 5506).
    /// What grows over the MTU by it is divided between its packets.
    pub(crate) fn complete(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if cx.config().reduced_size_rtcp || packet.is_compound() {
            return Ok(());
        }
        let sender = packet.packets().next().and_then(|sub| sub.sender_ssrc());
        let info = sender.and_then(|ssrc| sender_info(ssrc, streams, cx));
        self.spoke |= info.is_none();
        let head = write_head(info, cx.sender_ssrc(), &self.cname)?;
        let mut parts = divide(packet, cx.config().mtu.saturating_sub(head.len())).into_iter();
        let first = parts.next().unwrap_or_else(|| packet.as_bytes().to_vec());
        let mut whole = join(&head, &first)?;
        *whole.info_mut() = packet.info().clone();
        *packet = whole;
        self.counters.wrapped += 1;
        for part in parts {
            let packet = join(&head, &part)?;
            self.schedule.count(packet.len());
            cx.send_rtcp(packet);
        }
        Ok(())
    }
}

/// The sender report of a local source that has sent lately; all others are receivers.
fn sender_info(ssrc: u32, streams: &mut Streams<'_, Report>, cx: &Context<'_>) -> Option<SenderInfo> {
    let stream = streams.local(ssrc)?;
    let sends = stream.sources().any(|source| source.ssrc() == ssrc && source.is_due());
    stream.sender_info(ssrc, cx.ntp(cx.now()), cx.now()).filter(|_| sends)
}

/// The packets of a datagram in as few groups as possible of at most `room` bytes each. What is malformed is the
/// application's business: it stays in one piece.
fn divide(packet: &RtcpPacket, room: usize) -> Vec<Vec<u8>> {
    if packet.len() <= room || packet.malformed() > 0 {
        return vec![packet.as_bytes().to_vec()];
    }
    let mut groups: Vec<Vec<u8>> = Vec::new();
    for sub in packet.packets() {
        match groups.last_mut() {
            Some(group) if group.len() + sub.raw().len() <= room => group.extend_from_slice(sub.raw()),
            _ => groups.push(sub.raw().to_vec()),
        }
    }
    groups
}

fn join(head: &RtcpPacket, rest: &[u8]) -> Result<RtcpPacket> {
    let mut datagram = BytesMut::with_capacity(head.len() + rest.len());
    datagram.extend_from_slice(head.as_bytes());
    datagram.extend_from_slice(rest);
    Ok(RtcpPacket::parse(datagram.freeze())?)
}
