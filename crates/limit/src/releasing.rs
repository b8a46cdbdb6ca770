//! What waits: when it passes, and what becomes of it when nothing passes any more.

use std::time::{Duration, Instant};

use interceptor_core::packet::{RtcpPacket, RtpPacket};
use interceptor_core::{Context, StreamKey, Streams};

use crate::connection::{Shares, mark};
use crate::counters::{Weight, Whose};
use crate::gate::{Next, Reason};
use crate::{Limit, LimitedStream, Way};

/// While anything waits, new rates are looked for at least this often.
const LISTEN_NANOS: u64 = 100_000_000;

impl Limit {
    /// All that may pass now passes; as many as the chain takes at a time.
    pub(crate) fn release(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        self.hear(cx);
        if std::mem::take(&mut self.rates_changed) {
            self.look_at_all_again(streams, cx);
        }
        self.release_shared(streams, cx);
        self.release_streams(streams, cx);
        self.release_rtcp(cx);
        self.arm(cx);
    }

    /// Takes over the rates in force, if they have changed.
    pub(crate) fn hear(&mut self, cx: &mut Context<'_>) {
        let (generation, now) = (self.side.generation(), cx.elapsed_nanos());
        if self.heard == generation {
            return;
        }
        self.heard = generation;
        let bounds = self.side.bounds();
        if let (Some(gate), Some(bounds)) = (&mut self.connection, bounds.connection) {
            gate.set_rate(bounds.rates(), self.start, now);
        }
        if let (Some(gate), Some(bounds)) = (&mut self.rtcp, bounds.rtcp) {
            gate.set_rate(bounds.rates(), self.start, now);
        }
        self.rates_changed = true;
        if self.waiting_bytes > 0 {
            cx.wake_for("new rates", cx.now());
        }
    }

    #[cold]
    fn look_at_all_again(&mut self, streams: &mut Streams<'_, Self>, cx: &Context<'_>) {
        let now = cx.elapsed_nanos();
        let (side, start, deadlines) = (&self.side, self.start, &mut self.deadlines);
        let look = |stream: &mut LimitedStream| {
            stream.hear(side, start, now);
            if stream.gate.hurry(now) {
                deadlines.set(stream.key, Some(now));
            }
        };
        each(self.way, streams, look);
        if let Some(gate) = &mut self.connection {
            gate.hurry(now);
        }
        if let Some(gate) = &mut self.rtcp {
            gate.hurry(now);
        }
    }

    fn release_shared(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        while let Some(gate) = &mut self.connection {
            if cx.emit_budget() == 0 {
                gate.hurry(now);
                return;
            }
            let (shared, bytes, passes) = match gate.next(now) {
                Next::Pass(shared, bytes) => (shared, bytes, true),
                Next::Oversize(shared, bytes) => (shared, bytes, false),
                Next::Later => return,
            };
            self.waiting_bytes -= bytes as usize;
            let stream = shared.stream.and_then(|key| by_key(self.way, streams, key));
            let cells = stream.as_ref().map_or(&self.side.unbound, |stream| stream.cells());
            let weight = shared.stream.map_or(Weight::bytes(bytes), |_| Weight::of(&shared.packet, bytes));
            if passes {
                cells.pass_delayed(weight);
                if shared.marked {
                    cells.mark();
                }
                if let Some(stream) = stream {
                    stream.tell_lost(cx);
                }
                emit(self.way, shared.packet, shared.marked, cx);
            } else {
                match stream {
                    Some(stream) => {
                        stream.drop_held(&shared.packet, Whose::Connection, Reason::Oversize, bytes, cx);
                        if !shared.marked {
                            stream.gate.give_back(bytes);
                        }
                        if stream.gate.hurry(now) {
                            self.deadlines.set(stream.key, Some(now));
                        }
                    }
                    None => {
                        if let Some(unbound) = &mut self.unbound {
                            unbound.give_back(1);
                        }
                        cells.release(weight);
                        cells.drop(Whose::Connection, Reason::Oversize, weight);
                    }
                }
            }
        }
    }

    fn release_streams(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        while let Some((_, key)) = self.deadlines.take_due(now) {
            if cx.emit_budget() == 0 {
                self.deadlines.set(key, Some(now));
                return;
            }
            if let Some(stream) = by_key(self.way, streams, key) {
                let next = self.release_stream(stream, cx);
                self.deadlines.set(key, next);
            }
        }
    }

    /// Lets go of what may pass of a stream. Gives when the next one may.
    fn release_stream(&mut self, stream: &mut LimitedStream, cx: &mut Context<'_>) -> Option<u64> {
        let now = cx.elapsed_nanos();
        while cx.emit_budget() > 0 {
            match stream.gate.next(now) {
                Next::Later => return stream.gate.due(),
                Next::Pass(packet, bytes) => {
                    self.waiting_bytes -= bytes as usize;
                    self.release_packet(stream, packet, bytes, cx);
                }
                Next::Oversize(packet, bytes) => {
                    self.waiting_bytes -= bytes as usize;
                    stream.drop_held(&packet, Whose::Own, Reason::Oversize, bytes, cx);
                }
            }
        }
        stream.gate.hurry(now).then_some(now)
    }

    /// A packet that has waited for its stream's tokens and needs the connection's.
    fn release_packet(
        &mut self,
        stream: &mut LimitedStream,
        mut packet: RtpPacket,
        bytes: u64,
        cx: &mut Context<'_>,
    ) {
        let weight = Weight::of(&packet, bytes);
        match self.ask_connection(Some(stream.key), &mut packet, bytes, false, cx) {
            Shares::Passes { marked } => {
                stream.cells().pass_delayed(weight);
                if marked {
                    stream.cells().mark();
                }
                stream.tell_lost(cx);
                emit(self.way, packet, marked, cx);
            }
            Shares::Waits => {}
            Shares::Ends(reason) => {
                stream.gate.give_back(bytes);
                stream.drop_held(&packet, Whose::Connection, reason, bytes, cx);
            }
        }
    }

    fn release_rtcp(&mut self, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        let Some(gate) = &mut self.rtcp else { return };
        while cx.emit_budget() > 0 {
            let (packet, bytes, passes) = match gate.next(now) {
                Next::Pass(packet, bytes) => (packet, bytes, true),
                Next::Oversize(packet, bytes) => (packet, bytes, false),
                Next::Later => return,
            };
            self.waiting_bytes -= bytes as usize;
            let cells = &self.side.rtcp;
            let weight = Weight::bytes(bytes);
            if passes {
                cells.pass_delayed(weight);
                emit_rtcp(self.way, packet, cx);
            } else {
                cells.release(weight);
                cells.drop(Whose::Own, Reason::Oversize, weight);
            }
        }
        gate.hurry(now);
    }

    /// Asks to be woken when the next that waits may pass.
    pub(crate) fn arm(&self, cx: &mut Context<'_>) {
        let streams = self.deadlines.next().map(|(at, _)| at);
        let shared = self.connection.as_ref().and_then(|gate| gate.due());
        let rtcp = self.rtcp.as_ref().and_then(|gate| gate.due());
        if let Some(next) = [streams, shared, rtcp].into_iter().flatten().min() {
            let at = next.min(cx.elapsed_nanos().saturating_add(LISTEN_NANOS));
            cx.wake_for("packets that wait", instant(self.start, at));
        }
    }

    /// A stream ends: what waits of it is dropped.
    pub(crate) fn drop_waiting(&mut self, stream: &mut LimitedStream, cx: &mut Context<'_>) {
        let key = stream.key;
        let own = stream.gate.take_waiting(|_| true);
        // Those that wait for the connection are the earlier ones; its queue is looked through only if there are any.
        let shares = stream.cells().waiting().packets > own.len() as u64;
        let shared = self.connection.as_mut().filter(|_| shares);
        let shared = shared.map(|gate| gate.take_waiting(|held| held.stream == Some(key)));
        let shared = shared.unwrap_or_default().into_iter().map(|(held, bytes)| (held.packet, bytes));
        for (packet, bytes) in shared.chain(own) {
            self.waiting_bytes -= bytes as usize;
            stream.end_held(&packet, bytes, cx);
        }
        stream.tell_lost(cx);
        if let Some(gate) = &mut self.connection {
            // The first may be another one.
            gate.hurry(cx.elapsed_nanos());
        }
        self.arm(cx);
    }

    /// Everything ends: what waits is dropped.
    pub(crate) fn drop_all_waiting(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        // In one go, not once a stream.
        let shared = self.connection.as_mut().map(|gate| gate.take_waiting(|_| true)).unwrap_or_default();
        for (held, bytes) in shared {
            self.waiting_bytes -= bytes as usize;
            match held.stream.and_then(|key| by_key(self.way, streams, key)) {
                Some(stream) => stream.end_held(&held.packet, bytes, cx),
                None => self.side.unbound.end(Weight::bytes(bytes)),
            }
        }
        let mut keys = Vec::new();
        each(self.way, streams, |stream| keys.push(stream.key));
        for key in keys {
            if let Some(stream) = by_key(self.way, streams, key) {
                self.drop_waiting(stream, cx);
            }
        }
        let rtcp = self.rtcp.as_mut().map(|gate| gate.take_waiting(|_| true)).unwrap_or_default();
        rtcp.iter().for_each(|(_, bytes)| self.side.rtcp.end(Weight::bytes(*bytes)));
        self.waiting_bytes = 0;
    }
}

fn by_key<'a>(
    way: Way,
    streams: &'a mut Streams<'_, Limit>,
    key: StreamKey,
) -> Option<&'a mut LimitedStream> {
    match way {
        Way::Outgoing => streams.local_by_key(key),
        Way::Incoming => streams.remote_by_key(key),
    }
}

fn each(way: Way, streams: &mut Streams<'_, Limit>, mut look: impl FnMut(&mut LimitedStream)) {
    match way {
        Way::Outgoing => streams.locals().for_each(|(_, stream)| look(stream)),
        Way::Incoming => streams.remotes().for_each(|(_, stream)| look(stream)),
    }
}

/// A packet goes on from here.
fn emit(way: Way, mut packet: RtpPacket, marked: bool, cx: &mut Context<'_>) {
    if marked {
        mark(&mut packet);
    }
    match way {
        Way::Outgoing => cx.send_rtp_with(|place| *place = packet),
        Way::Incoming => cx.deliver_rtp(packet),
    }
}

fn emit_rtcp(way: Way, packet: RtcpPacket, cx: &mut Context<'_>) {
    match way {
        Way::Outgoing => cx.send_rtcp(packet),
        Way::Incoming => cx.deliver_rtcp(packet),
    }
}

fn instant(start: Instant, nanos: u64) -> Instant {
    start + Duration::from_nanos(nanos)
}
