//! Goodbyes that wait until the media before them has left: after one, what comes of an SSRC starts it anew (RFC 3550 §6.3.4).

use interceptor_core::packet::RtcpPacket;
use interceptor_core::packet::rtcp::Rtcp;
use interceptor_core::{Context, Flow, StreamKey, Streams};

use crate::Pacer;
use crate::stream::PacedStream;

/// Nobody is kept from leaving for longer.
const PATIENCE_NANOS: u64 = 100_000_000;
/// More compounds do not wait: others pass at once.
const MOST_HELD: usize = 64;

/// Compounds with a BYE of streams of which packets wait, in order.
#[derive(Debug, Default)]
pub(crate) struct Goodbyes(Vec<Goodbye>);

#[derive(Debug)]
struct Goodbye {
    packet: RtcpPacket,
    /// The streams of which packets wait.
    streams: Vec<StreamKey>,
    until: u64,
}

impl Goodbyes {
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// When the first leaves at the latest.
    pub(crate) fn next(&self) -> Option<u64> {
        self.0.iter().map(|goodbye| if goodbye.streams.is_empty() { 0 } else { goodbye.until }).min()
    }

    /// Nothing of a stream waits any more, if that is so.
    #[inline]
    pub(crate) fn settle(&mut self, stream: &PacedStream) {
        if !self.0.is_empty() && !stream.waits() {
            self.0.iter_mut().for_each(|goodbye| goodbye.streams.retain(|key| *key != stream.key));
        }
    }
}

impl Pacer {
    /// RTCP that leaves while packets wait: if it says goodbye for them, it does so after them.
    pub(crate) fn pass_or_hold_goodbye(
        &mut self,
        streams: &mut Streams<'_, Self>,
        packet: &mut RtcpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        let mut waited_for = Vec::new();
        for part in packet.packets() {
            let Rtcp::Bye(bye) = part else { continue };
            let leaving = bye.ssrcs().filter_map(|ssrc| streams.peek_local(ssrc));
            waited_for.extend(leaving.filter(|stream| stream.waits()).map(|stream| stream.key));
        }
        if waited_for.is_empty() || self.goodbyes.0.len() >= MOST_HELD {
            return Flow::Forward;
        }
        let until = cx.elapsed_nanos() + PATIENCE_NANOS;
        self.goodbyes.0.push(Goodbye { packet: packet.take(), streams: waited_for, until });
        self.cells.byes_held.increment();
        self.wake_at(until, cx);
        Flow::Consumed
    }

    /// Goodbyes leave before which nothing waits, or which have waited for long enough.
    pub(crate) fn say_goodbyes(&mut self, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        self.goodbyes.0.retain_mut(|goodbye| {
            let leaves = (goodbye.streams.is_empty() || now >= goodbye.until) && cx.emit_budget() > 0;
            if leaves {
                cx.send_rtcp(goodbye.packet.take());
            }
            !leaves
        });
    }
}
