//! Feedback of other interceptors on its way to the wire: put behind a report where reduced-size RTCP was not negotiated.

use interceptor_core::{Context, Result, Streams};
use interceptor_packet::RtcpPacket;

use crate::compound::bare_report_len;
use crate::{Report, local::SenderInfo};

impl Report {
    /// Puts a report and a canonical name before feedback that has none and needs them (RFC 3550 §6.1, RFC 5506). If it
    /// then exceeds the MTU, it is divided between its packets.
    pub(crate) fn make_compound(
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
        self.sent_feedback |= info.is_none();
        let receiver = cx.sender_ssrc();
        let room = cx.config().mtu.saturating_sub(bare_report_len(info.is_some(), self.cname.len()));
        let mut parts = divide(packet, room);
        let mut first =
            self.writer.write_before(parts.next().unwrap_or_default(), info, receiver, &self.cname)?;
        for part in parts {
            let next = self.writer.write_before(part, info, receiver, &self.cname)?;
            self.schedule.count_datagram(next.len());
            cx.send_rtcp(next);
        }
        *first.info_mut() = std::mem::take(packet.info_mut());
        *packet = first;
        self.counters.wrapped += 1;
        Ok(())
    }
}

/// The sender report of a local source that has sent lately; `None` for all others, which report as receivers.
fn sender_info(ssrc: u32, streams: &mut Streams<'_, Report>, cx: &Context<'_>) -> Option<SenderInfo> {
    let stream = streams.local(ssrc)?;
    let is_sender = stream.sources().any(|source| source.ssrc() == ssrc && source.is_sender());
    stream.sender_info(ssrc, cx.ntp(cx.now()), cx.now()).filter(|_| is_sender)
}

/// Divides a datagram between its packets, into as few groups as possible of at most `room` bytes each. One that holds
/// malformed packets stays whole: these are the application's business.
fn divide(packet: &RtcpPacket, room: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest: &[u8] = packet.as_bytes();
    let whole = (packet.malformed() > 0).then_some(rest.len());
    let lens = packet.packets().map(|sub| sub.raw().len()).filter(move |_| whole.is_none());
    let mut lens = whole.into_iter().chain(lens).peekable();
    std::iter::from_fn(move || {
        let mut len = lens.next()?;
        while let Some(more) = lens.next_if(|more| len + more <= room) {
            len += more;
        }
        let (group, after) = rest.split_at_checked(len).filter(|(group, _)| !group.is_empty())?;
        rest = after;
        Some(group)
    })
}
