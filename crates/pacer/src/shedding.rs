//! More waits than may: the pace rises, then the least needed goes. And what waits when everything ends.

use interceptor_core::{Context, Streams};

use crate::Pacer;
use crate::budget::bytes_in;
use crate::class::{Class, Rank};
use crate::counters::Reason;
use crate::lane::{Held, Lane};
use crate::stream::{PacedStream, UNBOUND, pop};
use crate::turns::{Slot, Turn};

/// Audio that has waited for less is not dropped.
const AUDIO_NANOS: u64 = 200_000_000;

impl Pacer {
    /// How long a packet may wait.
    pub(crate) const fn bound(&self) -> u64 {
        self.options.max_queue_time.as_nanos() as u64
    }

    /// How many bytes may wait: twice what leaves within the time that they may.
    pub(crate) fn most_bytes(&self) -> u64 {
        bytes_in(self.pace.told(), 2 * self.options.max_queue_time).max(self.options.queue_bytes as u64)
    }

    /// Does more wait than may, or for longer?
    pub(crate) fn is_over(&self, now: u64) -> bool {
        self.has_too_many() || (self.waiting > 0 && now.saturating_sub(self.oldest) > self.bound())
    }

    fn has_too_many(&self) -> bool {
        self.waiting > self.options.max_queue_packets || self.waiting_bytes > self.most_bytes()
    }

    /// From half of what may wait on, the pace rises so that nothing waits for too long; beyond it, packets are dropped.
    pub(crate) fn keep_bounds(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        let is_late = |oldest: u64, bound: u64| now.saturating_sub(oldest) >= bound / 2;
        if is_late(self.oldest, self.bound()) {
            self.oldest = self.find_oldest(streams).unwrap_or(now);
        }
        while self.is_over(now) {
            let Some((turn, reason)) = self.victim(streams, now) else { break };
            self.shed(streams, turn, reason, cx);
            self.oldest = self.find_oldest(streams).unwrap_or(now);
        }
        if is_late(self.oldest, self.bound()) || 2 * self.waiting_bytes > self.most_bytes() {
            let age = now.saturating_sub(self.oldest);
            self.pace.hasten(self.waiting_bytes, self.bound().saturating_sub(age), now);
        } else {
            self.pace.calm(now);
        }
    }

    /// Since when the packet that has waited longest does.
    fn find_oldest(&mut self, streams: &mut Streams<'_, Self>) -> Option<u64> {
        let oldest = |rank| self.oldest_at(rank, streams).map(|(since, _)| since);
        Rank::ALL.into_iter().filter_map(oldest).min()
    }

    /// The lane of a rank whose first has waited longest, and since when it has.
    fn oldest_at(&self, rank: Rank, streams: &mut Streams<'_, Self>) -> Option<(u64, Turn)> {
        let mut oldest: Option<(u64, Turn)> = None;
        for turn in self.turns.all(rank) {
            let lane = match turn.stream {
                None => Some(&self.unbound),
                Some(key) => streams.local_by_key(key).map(|stream| &*stream.lane(turn.slot)),
            };
            let Some(since) = lane.and_then(Lane::first).map(|held| held.since) else { continue };
            if oldest.is_none_or(|(before, _)| since < before) {
                oldest = Some((since, turn));
            }
        }
        oldest
    }

    /// Whose first packet goes: the least needed if there are too many, else one that has waited for too long.
    fn victim(&self, streams: &mut Streams<'_, Self>, now: u64) -> Option<(Turn, Reason)> {
        let (too_many, bound) = (self.has_too_many(), self.bound());
        Rank::GIVEN_UP.into_iter().find_map(|rank| {
            let (since, turn) = self.oldest_at(rank, streams)?;
            let age = now.saturating_sub(since);
            let late = age > bound;
            let spared = rank == Rank::Audio && age <= AUDIO_NANOS;
            let reason = if late { Reason::Late } else { Reason::Full };
            (late || (too_many && !spared)).then_some((turn, reason))
        })
    }

    /// Drops the first of a lane; of video all that waits of its frame.
    fn shed(&mut self, streams: &mut Streams<'_, Self>, turn: Turn, reason: Reason, cx: &mut Context<'_>) {
        let Some(key) = turn.stream else {
            let held = pop(&mut self.unbound, &mut self.turns, UNBOUND);
            held.into_iter().for_each(|held| self.drop_held(&held, reason, cx));
            return;
        };
        let Some(stream) = streams.local_by_key(key) else { return };
        let Some(first) = pop(stream.lane(turn.slot), &mut self.turns, turn) else { return };
        let of_frame = turn.slot == Slot::Media && first.class == Class::Video;
        let frame = first.packet.timestamp();
        let mut last = first;
        loop {
            self.drop_held(&last, reason, cx);
            stream.lose_accepted(&last.packet, cx);
            let next = stream.lane(turn.slot).first();
            let goes_on = of_frame && !last.packet.marker();
            if !goes_on || next.is_none_or(|held| held.packet.timestamp() != frame) {
                break;
            }
            let Some(held) = pop(stream.lane(turn.slot), &mut self.turns, turn) else { break };
            last = held;
        }
        if of_frame {
            // If others wait, they are of the next frame: nothing of this one will come.
            let complete = !stream.lane(turn.slot).is_empty();
            stream.spoil(&last.packet, complete, cx);
        }
        self.goodbyes.settle(stream);
    }

    fn drop_held(&mut self, held: &Held, reason: Reason, cx: &mut Context<'_>) {
        let bytes = held.bytes.into();
        self.waiting -= 1;
        self.waiting_bytes -= u64::from(held.bytes);
        self.cells.drop_held(held.class, bytes, reason);
        if reason != Reason::Ended {
            self.tell_of_overflow(held.packet.ssrc(), held.class, cx);
        }
    }

    /// A stream ends: what waits of it leaves at once, before the goodbye, as far as the chain takes it.
    pub(crate) fn flush(&mut self, stream: &mut PacedStream, cx: &mut Context<'_>) {
        if stream.waits() {
            stream.tell_lost(cx);
            for slot in [Slot::Media, Slot::Repair, Slot::Fec] {
                let turn = stream.turn(slot);
                while let Some(held) = pop(stream.lane(slot), &mut self.turns, turn) {
                    self.flush_packet(held, cx);
                }
            }
        }
        self.goodbyes.settle(stream);
        self.say_goodbyes(cx);
    }

    fn flush_packet(&mut self, held: Held, cx: &mut Context<'_>) {
        // There has to be room for the goodbyes, too.
        if cx.emit_budget() > self.goodbyes.len() {
            self.pace.debit(held.bytes.into(), cx.elapsed_nanos());
            self.send(held, None, cx);
        } else {
            self.drop_held(&held, Reason::Ended, cx);
        }
    }

    /// The connection ends: all leaves that waits, in turn.
    pub(crate) fn flush_all(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        while let Some(held) = pop(&mut self.unbound, &mut self.turns, UNBOUND) {
            self.flush_packet(held, cx);
        }
        for (_, stream) in streams.locals() {
            self.flush(stream, cx);
        }
        self.reconsider();
    }
}
