//! A packet that does not simply pass: it leaves all the same, waits for its turn, or ends here.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, Flow};

use crate::class::{Class, Rank};
use crate::counters::Reason;
use crate::lane::Held;
use crate::stream::{PacedStream, UNBOUND, push};
use crate::turns::Slot;
use crate::{Pacer, PacerOverflow};

/// What waits may be so many times more than its bound until timers have seen to it: that they do within a millisecond.
const HARD_BOUND: usize = 2;

impl Pacer {
    /// A packet that is no video, or finds others waiting, the pace used up, a probe, a window, or numbers to be told.
    #[cold]
    pub(crate) fn pass_or_hold(
        &mut self,
        stream: &mut PacedStream,
        packet: &mut RtpPacket,
        class: Class,
        bytes: u64,
        cx: &mut Context<'_>,
    ) -> Flow {
        let (slot, now) = (stream.slot_of(packet), cx.elapsed_nanos());
        if class == Class::Padding {
            self.filler.answered();
        }
        if class == Class::Video && stream.is_spoilt(packet) {
            return self.drop_new(stream, packet, class, bytes, cx);
        }
        let lane = stream.lane(slot);
        let (first, rank) = (lane.is_empty(), lane.rank_with(class));
        let hurries = class == Class::Audio && !self.options.pace_audio;
        if first && (hurries || self.is_first(rank)) && self.may_leave(bytes, hurries, packet, now, cx) {
            stream.accept(packet, cx);
            stream.tell_lost(cx);
            self.note_left(class, bytes, now);
            self.cells.pass(class, bytes);
            return Flow::Forward;
        }
        if self.is_full(bytes) {
            if slot == Slot::Media && class == Class::Video {
                stream.spoil(packet, false, cx);
            }
            return self.drop_new(stream, packet, class, bytes, cx);
        }
        stream.accept(packet, cx);
        let turn = stream.turn(slot);
        let held = Held { packet: packet.take(), class, bytes: bytes as u32, since: now };
        push(stream.lane(slot), &mut self.turns, turn, held);
        self.note_held(class, bytes, now, cx);
        Flow::Consumed
    }

    /// RTP whose SSRC no stream has.
    pub(crate) fn pass_or_hold_unbound(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Flow {
        let (class, bytes, now) = (Class::Video, self.wire_bytes(packet), cx.elapsed_nanos());
        let first = self.unbound.is_empty() && self.is_first(Rank::Video);
        if first && self.may_leave(bytes, false, packet, now, cx) {
            self.note_left(class, bytes, now);
            self.cells.pass(class, bytes);
            return Flow::Forward;
        }
        if self.is_full(bytes) {
            self.cells.drop_new(class, bytes, Reason::Full);
            self.tell_of_overflow(packet.ssrc(), class, cx);
            return Flow::Consumed;
        }
        let held = Held { packet: packet.take(), class, bytes: bytes as u32, since: now };
        push(&mut self.unbound, &mut self.turns, UNBOUND, held);
        self.note_held(class, bytes, now, cx);
        Flow::Consumed
    }

    /// Nothing waits that is as urgent.
    fn is_first(&self, rank: Rank) -> bool {
        self.turns.first().is_none_or(|(first, _)| first > rank)
    }

    /// May a packet leave at once? It is marked if so.
    fn may_leave(
        &mut self,
        bytes: u64,
        hurries: bool,
        packet: &mut RtpPacket,
        now: u64,
        cx: &mut Context<'_>,
    ) -> bool {
        let probe = match self.permit(bytes, now) {
            Ok(probe) => probe,
            Err(_) if hurries => {
                self.pace.debit(bytes, now);
                self.probes.join(bytes, now)
            }
            Err(at) => {
                self.wake_at(at, cx);
                return false;
            }
        };
        self.mark(packet, probe);
        if !self.probes.is_empty() {
            match self.probes.ask(now) {
                Some(asked) => self.wake_at(asked.err().unwrap_or(now), cx),
                None => self.note_probes(),
            }
        }
        true
    }

    fn is_full(&self, bytes: u64) -> bool {
        self.waiting >= HARD_BOUND * self.options.max_queue_packets
            || self.waiting_bytes + bytes > HARD_BOUND as u64 * self.most_bytes()
    }

    fn note_held(&mut self, class: Class, bytes: u64, now: u64, cx: &mut Context<'_>) {
        if self.waiting == 0 {
            self.oldest = now;
        }
        self.waiting += 1;
        self.waiting_bytes += bytes;
        self.cells.hold(class, bytes);
        self.reconsider();
        if self.is_over(now) || !self.probes.is_empty() {
            self.wake_at(now, cx);
        }
        self.wake_at(self.oldest + self.bound() / 2, cx);
    }

    /// There is no room, or it is part of a frame that is broken already.
    fn drop_new(
        &mut self,
        stream: &mut PacedStream,
        packet: &RtpPacket,
        class: Class,
        bytes: u64,
        cx: &mut Context<'_>,
    ) -> Flow {
        self.cells.drop_new(class, bytes, Reason::Full);
        if let Some(run) = stream.numbers.lose(packet) {
            cx.publish(run);
        }
        self.tell_of_overflow(packet.ssrc(), class, cx);
        Flow::Consumed
    }

    /// Once an excursion.
    pub(crate) fn tell_of_overflow(&mut self, ssrc: u32, class: Class, cx: &mut Context<'_>) {
        if self.overflow.note(cx.elapsed_nanos()) {
            tracing::debug!(
                ssrc,
                ?class,
                pace = self.pace.told(),
                "more than the pace lets through: packets are dropped"
            );
            cx.raise(PacerOverflow { ssrc, class });
        }
    }
}
