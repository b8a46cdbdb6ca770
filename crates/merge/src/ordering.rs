//! Packets in the order of their numbers, for who wants that.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Flow};

use crate::held::Turn;
use crate::{Merge, MergedStream};

impl Merge {
    /// A first copy goes on in its turn.
    pub(crate) fn order(
        &mut self,
        stream: &mut MergedStream,
        number: i64,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        let Some(held) = &mut stream.held else { return Flow::Forward };
        match held.turn(number) {
            Turn::Now => {
                self.counters.passed += 1;
                // Behind this one: what is emitted comes after the present packet.
                self.release_due(stream, cx);
                Flow::Forward
            }
            Turn::Later => {
                let due = cx.elapsed_nanos().saturating_add(self.skew);
                held.hold(number, due, packet.take());
                self.release_excess(stream, cx);
                self.release_due(stream, cx);
                Flow::Consumed
            }
            Turn::Missed => {
                self.counters.missed_turn += 1;
                Flow::Consumed
            }
        }
    }

    /// Passes on what has no gap before it, or one that is given up, and sees to the rest.
    pub(crate) fn release_due(&mut self, stream: &mut MergedStream, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        let Some(held) = &mut stream.held else { return };
        while cx.emit_budget() > 0
            && let Some(packet) = held.release(now)
        {
            self.counters.held += 1;
            self.counters.passed += 1;
            cx.deliver_rtp(packet);
        }
        // What there was no room for goes on as soon as may be.
        let due = if held.is_ready() { Some(now) } else { held.due() };
        self.deadlines.set(stream.key, due);
        self.arm(cx);
    }

    /// Gives up gaps early when more waits than may.
    fn release_excess(&mut self, stream: &mut MergedStream, cx: &mut Context<'_>) {
        let Some(held) = &mut stream.held else { return };
        while cx.emit_budget() > 0
            && (held.bytes() > self.options.max_held_bytes || held.len() > self.options.window as usize)
            && let Some(packet) = held.skip()
        {
            self.counters.held += 1;
            self.counters.passed += 1;
            cx.deliver_rtp(packet);
        }
    }
}
