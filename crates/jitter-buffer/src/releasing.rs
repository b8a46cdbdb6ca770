//! What waits leaves: when it is due, when there is no more room, and at the end.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, KeyframeNeeded, Streams};

use crate::held::Held;
use crate::stream::BufferedStream;
use crate::{Gap, JitterBuffer};

/// Packets that leave at a time; the others do when the chain wakes it again, a millisecond later.
const AT_A_TIME: usize = 1024;

impl JitterBuffer {
    /// A packet waits. Where there is no room the oldest leave: never the newest, which somebody may still want.
    pub(crate) fn hold(&mut self, stream: &mut BufferedStream, held: Held, cx: &mut Context<'_>) {
        let bytes = held.bytes();
        if !stream.queue.insert(held) {
            stream.cells.duplicates.increment();
            return;
        }
        self.bytes += bytes;
        while self.has_no_room(stream) && cx.emit_budget() > 0 {
            self.force(stream, cx);
        }
        let mut budget = cx.emit_budget();
        self.release(stream, &mut budget, cx);
        // Whoever holds most of it is found when the timer fires.
        if self.bytes > self.options.connection_bytes {
            self.wake_at(cx.elapsed_nanos() as i64, cx);
        }
        stream.cells.held_bytes.set(stream.queue.bytes() as u64);
    }

    /// Does a stream hold too much? Of the connection twice its bound: up to there the timer finds the one that holds most.
    fn has_no_room(&self, stream: &BufferedStream) -> bool {
        let (options, queue) = (&self.options, &stream.queue);
        queue.len() > options.max_packets
            || queue.bytes() > options.max_bytes
            || self.bytes > 2 * options.connection_bytes && !queue.is_empty()
    }

    /// The timer: all that is due leaves.
    pub(crate) fn release_due(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos() as i64;
        let mut budget = cx.emit_budget().min(AT_A_TIME);
        self.keep_connection_bound(&mut streams, &mut budget, cx);
        while budget > 0
            && let Some((_, key)) = self.deadlines.take_due(now)
        {
            let Some(stream) = streams.remote_by_key(key) else { continue };
            stream.armed = None;
            self.release(stream, &mut budget, cx);
            stream.cells.held_bytes.set(stream.queue.bytes() as u64);
        }
        if let Some((at, _)) = self.deadlines.next() {
            self.wake_at(at.max(now), cx);
        }
        if self.bytes > self.options.connection_bytes {
            self.wake_at(now, cx);
        }
    }

    /// All that may leave now does.
    pub(crate) fn release(&mut self, stream: &mut BufferedStream, budget: &mut usize, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos() as i64;
        while *budget > 0 && self.may_leave(stream, now) {
            *budget -= 1;
            self.let_go(stream, cx);
        }
        let first = stream.queue.front().map(|held| held.due);
        if stream.armed != first {
            stream.armed = first;
            self.deadlines.set(stream.key, first);
            if let Some(at) = first {
                self.wake_at(at.max(now), cx);
            }
        }
    }

    fn may_leave(&self, stream: &BufferedStream, now: i64) -> bool {
        let Some(first) = stream.queue.front() else { return false };
        let whole = || !(self.options.frames && stream.video) || stream.has_whole_frame();
        first.due <= now || stream.schedule.target.at_once && stream.follows(first.number) && whole()
    }

    /// The first leaves.
    fn let_go(&mut self, stream: &mut BufferedStream, cx: &mut Context<'_>) {
        let Some(held) = stream.queue.pop() else { return };
        self.bytes -= held.bytes();
        let Held { number, arrival, packet, .. } = held;
        if self.note_left(stream, &packet, number, arrival, cx) {
            self.let_go_at = Some(cx.elapsed_nanos() as i64);
            cx.deliver_rtp(packet);
        }
    }

    /// The first leaves before its time.
    fn force(&mut self, stream: &mut BufferedStream, cx: &mut Context<'_>) {
        stream.cells.forced.increment();
        self.let_go(stream, cx);
    }

    /// A packet leaves, and what is missing before it is lost. Says whether it goes on.
    #[inline]
    pub(crate) fn note_left(
        &self,
        stream: &mut BufferedStream,
        packet: &RtpPacket,
        number: i64,
        arrival: i64,
        cx: &mut Context<'_>,
    ) -> bool {
        if let Some(next) = stream.next
            && next < number
        {
            self.note_gap(stream, next, number, cx);
        }
        stream.next = Some(number + 1);
        if packet.payload_len() == 0 && !self.options.deliver_empty {
            stream.cells.empty.increment();
            return false;
        }
        let target = &stream.schedule.target;
        stream.cells.emit(cx.elapsed_nanos() as i64 - arrival, target.get(), target.minimum());
        true
    }

    #[cold]
    fn note_gap(&self, stream: &BufferedStream, from: i64, to: i64, cx: &mut Context<'_>) {
        let count = from.abs_diff(to);
        stream.cells.lost.add(count);
        stream.cells.gaps.increment();
        if self.options.gaps {
            cx.raise(Gap { ssrc: stream.ssrc, first: from as u16, count });
        }
        if self.options.keyframe_on_gap && stream.video {
            cx.publish(KeyframeNeeded { ssrc: stream.ssrc });
        }
    }

    /// All that waits of a stream leaves: as much as the chain takes.
    pub(crate) fn flush(&mut self, stream: &mut BufferedStream, cx: &mut Context<'_>) {
        while cx.emit_budget() > 0 && !stream.queue.is_empty() {
            self.let_go(stream, cx);
        }
        stream.cells.held_bytes.set(stream.queue.bytes() as u64);
    }

    /// While more waits than a connection may hold, the stream with the most of it lets half of that go.
    fn keep_connection_bound(
        &mut self,
        streams: &mut Streams<'_, Self>,
        budget: &mut usize,
        cx: &mut Context<'_>,
    ) {
        while self.bytes > self.options.connection_bytes && *budget > 0 {
            let largest = streams.remotes().max_by_key(|(_, stream)| stream.queue.bytes());
            let Some((_, stream)) = largest else { return };
            let half = stream.queue.bytes() / 2;
            if stream.queue.is_empty() {
                return;
            }
            while self.bytes > self.options.connection_bytes && stream.queue.bytes() > half && *budget > 0 {
                *budget -= 1;
                self.force(stream, cx);
            }
            self.release(stream, budget, cx);
            stream.cells.held_bytes.set(stream.queue.bytes() as u64);
        }
    }
}
