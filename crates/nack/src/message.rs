//! Requests as datagrams: many streams' NACKs and PLIs in as few datagrams as the MTU allows.

use interceptor_core::packet::{Rtcp, RtcpBuilder, RtcpPacket, nack_pairs};
use interceptor_core::{Context, Result};

/// Bytes of a NACK before its first pair.
const NACK_HEADER: usize = 12;
/// Bytes of a pair.
const PAIR: usize = 4;
/// Bytes of a PLI.
const PLI: usize = 12;
/// Bytes to leave for the receiver report and the CNAME that precede feedback when reduced size was not negotiated.
const REPORT_ROOM: usize = 128;

/// Bytes of the buffer that requests are written into. Made for the first one, used again when they have left.
const BUFFER: usize = 2048;

/// Feedback messages that leave together.
#[derive(Debug, Default)]
pub(crate) struct Message {
    builder: Option<RtcpBuilder>,
}

impl Message {
    /// Adds requests for these numbers, in wrap order; gives the number of NACKs that it took. What is full leaves.
    pub(crate) fn nack(&mut self, media_ssrc: u32, numbers: &[u16], cx: &mut Context<'_>) -> Result<u64> {
        let mut pairs = nack_pairs(numbers.iter().copied()).peekable();
        let mut messages = 0;
        while pairs.peek().is_some() {
            let builder = self.make_room(NACK_HEADER + PAIR, cx)?;
            let fit = (room(cx).saturating_sub(builder.len() + NACK_HEADER) / PAIR).max(1);
            builder.nack_from(cx.sender_ssrc(), media_ssrc, pairs.by_ref().take(fit));
            messages += 1;
        }
        Ok(messages)
    }

    /// Adds a picture loss indication.
    pub(crate) fn pli(&mut self, media_ssrc: u32, cx: &mut Context<'_>) -> Result<()> {
        self.make_room(PLI, cx)?.pli(cx.sender_ssrc(), media_ssrc);
        Ok(())
    }

    /// Sends what there is.
    pub(crate) fn send(&mut self, cx: &mut Context<'_>) -> Result<()> {
        if let Some(builder) = self.builder.as_mut().filter(|builder| !builder.is_empty()) {
            cx.send_rtcp(builder.build()?);
        }
        Ok(())
    }

    /// Sends what there is unless so much more fits; gives what to write it into.
    fn make_room(&mut self, bytes: usize, cx: &mut Context<'_>) -> Result<&mut RtcpBuilder> {
        if self.builder.as_ref().is_some_and(|builder| builder.len() + bytes > room(cx)) {
            self.send(cx)?;
        }
        Ok(self.builder.get_or_insert_with(|| RtcpBuilder::with_capacity(BUFFER)))
    }
}

/// Bytes of a datagram that feedback may take.
fn room(cx: &Context<'_>) -> usize {
    let report = if cx.config().reduced_size_rtcp { 0 } else { REPORT_ROOM };
    cx.config().mtu.saturating_sub(report)
}

/// NACKs (packet type 205, format 1) of a datagram with a malformed part that were skipped.
pub(crate) fn malformed_nacks(packet: &RtcpPacket) -> u64 {
    let mut rest: &[u8] = packet.as_bytes();
    let mut all = 0;
    while let [first, packet_type, l0, l1, ..] = rest {
        all += u64::from((first & 0x1f, *packet_type) == (1, 205));
        let len = 4 * (usize::from(u16::from_be_bytes([*l0, *l1])) + 1);
        rest = rest.get(len..).unwrap_or_default();
    }
    all - packet.packets().filter(|packet| matches!(packet, Rtcp::Nack(_))).count() as u64
}
