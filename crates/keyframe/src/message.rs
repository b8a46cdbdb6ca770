//! Requests as datagrams: those of many streams in as few as the MTU allows.

use interceptor_core::packet::RtcpBuilder;
use interceptor_core::{Context, Result};

/// Bytes of a picture loss indication, and of a full intra request before its first entry.
const HEADER: usize = 12;
/// Bytes of an entry of a full intra request.
const ENTRY: usize = 8;
/// Bytes to leave for the receiver report and the CNAME that precede feedback when reduced size was not negotiated.
const REPORT_ROOM: usize = 128;
/// Bytes of the buffer that requests are written into. Made for the first one, used again when they have left.
const BUFFER: usize = 2048;

/// Requests that leave together.
#[derive(Debug, Default)]
pub(crate) struct Message {
    plis: Vec<u32>,
    /// SSRC and number.
    firs: Vec<(u32, u8)>,
    builder: Option<RtcpBuilder>,
}

impl Message {
    pub(crate) fn pli(&mut self, ssrc: u32) {
        self.plis.push(ssrc);
    }

    pub(crate) fn fir(&mut self, ssrc: u32, number: u8) {
        self.firs.push((ssrc, number));
    }

    /// How many requests may be added until the chain would drop a datagram.
    pub(crate) fn room(&self, cx: &Context<'_>) -> usize {
        let each = (room(cx) / HEADER).max(1);
        cx.emit_budget().saturating_mul(each).saturating_sub(self.plis.len() + self.firs.len())
    }

    /// Sends what there is: a picture loss indication a stream, full intra requests in one message (RFC 5104 §4.3.1.1: the streams are in the
    /// entries, the media SSRC is 0).
    pub(crate) fn send(&mut self, cx: &mut Context<'_>) -> Result<()> {
        if self.plis.is_empty() && self.firs.is_empty() {
            return Ok(());
        }
        let (us, room) = (cx.sender_ssrc(), room(cx));
        let builder = self.builder.get_or_insert_with(|| RtcpBuilder::with_capacity(BUFFER));
        for ssrc in self.plis.drain(..) {
            flush_unless(builder, HEADER, room, cx)?;
            builder.pli(us, ssrc);
        }
        let mut firs = self.firs.as_slice();
        while !firs.is_empty() {
            flush_unless(builder, HEADER + ENTRY, room, cx)?;
            let fit = (room.saturating_sub(builder.len() + HEADER) / ENTRY).clamp(1, firs.len());
            let (now, later) = firs.split_at(fit);
            builder.fir(us, now);
            firs = later;
        }
        self.firs.clear();
        cx.send_rtcp(builder.build()?);
        Ok(())
    }
}

/// Sends what has been written unless so much more fits.
fn flush_unless(builder: &mut RtcpBuilder, bytes: usize, room: usize, cx: &mut Context<'_>) -> Result<()> {
    if !builder.is_empty() && builder.len() + bytes > room {
        cx.send_rtcp(builder.build()?);
    }
    Ok(())
}

/// Bytes of a datagram that feedback may take.
fn room(cx: &Context<'_>) -> usize {
    let report = if cx.config().reduced_size_rtcp { 0 } else { REPORT_ROOM };
    cx.config().mtu.saturating_sub(report)
}
