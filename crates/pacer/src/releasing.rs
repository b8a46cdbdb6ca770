//! What waits: who leaves next, when, and when to look again.

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Context, PaddingWanted, Streams};

use crate::Pacer;
use crate::class::{Class, Rank};
use crate::lane::{Held, Lane};
use crate::padding::Filler;
use crate::stream::pop;
use crate::turns::Turn;

impl Pacer {
    /// All that may leave now leaves; as much as the chain takes at a time.
    pub(crate) fn release(&mut self, streams: &mut Streams<'_, Self>, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos();
        self.keep_bounds(streams, cx);
        let mut next = None;
        while let Some((rank, turn)) = self.next_turn(now) {
            if cx.emit_budget() == 0 {
                next = Some(now);
                break;
            }
            let Some(bytes) = self.first_bytes(streams, turn) else {
                // Never: each turn has a lane in which something waits.
                self.turns.leave(rank, turn);
                continue;
            };
            match self.permit(bytes, now) {
                Ok(probe) => self.send_first(streams, turn, probe, cx),
                Err(at) => {
                    next = Some(at);
                    break;
                }
            }
        }
        if self.waiting == 0 {
            self.pace.calm(now);
            next = self.ask_for_padding(cx);
        }
        self.say_goodbyes(cx);
        self.note_probes();
        self.arm(next, cx);
    }

    /// Probes may have come to their end.
    pub(crate) fn note_probes(&mut self) {
        self.cells.probes_sent.set(self.probes.done);
        self.cells.probes_abandoned.set(self.probes.abandoned);
        self.reconsider();
    }

    /// Whose turn it is. Repeats that have had their share let video go first.
    fn next_turn(&mut self, now: u64) -> Option<(Rank, Turn)> {
        let first = self.turns.first()?;
        let repeats = matches!(first.0, Rank::AudioRepeats | Rank::VideoRepeats);
        let yields = repeats && self.repeats_have_had_their_share(now);
        self.turns.next(yields)
    }

    fn repeats_have_had_their_share(&mut self, now: u64) -> bool {
        let share = u128::from(self.pace.in_force()) * u128::from(self.options.repeats_percent) / 800;
        u128::from(self.repeats.sum(now)) >= share && self.pace.told() > 0
    }

    /// May a packet leave now? Gives the probe that it is part of.
    ///
    /// # Errors
    /// When it may.
    #[inline]
    pub(crate) fn permit(&mut self, bytes: u64, now: u64) -> Result<Option<u8>, u64> {
        match self.probes.ask(now) {
            None => self.pace.take(bytes, now).map(|()| None),
            Some(Ok(id)) => {
                self.probes.sent(bytes, now);
                self.pace.debit(bytes, now);
                Ok(Some(id))
            }
            Some(Err(at)) => Err(at),
        }
    }

    /// What is known of a packet as it leaves.
    #[inline]
    pub(crate) const fn mark(&self, packet: &mut RtpPacket, probe: Option<u8>) {
        let info = packet.info_mut();
        info.probe = probe;
        if self.pace.ect.is_some() {
            info.ecn = self.pace.ect;
        }
    }

    /// A packet leaves.
    #[inline]
    pub(crate) fn note_left(&mut self, class: Class, bytes: u64, now: u64) {
        if class == Class::Retransmission {
            self.repeats.add(bytes, now);
        }
        self.filler.left(bytes, now);
    }

    fn first_bytes(&mut self, streams: &mut Streams<'_, Self>, turn: Turn) -> Option<u64> {
        self.lane(streams, turn)?.first().map(|held| held.bytes.into())
    }

    /// The lane of a turn.
    pub(crate) fn lane<'a>(
        &'a mut self,
        streams: &'a mut Streams<'_, Self>,
        turn: Turn,
    ) -> Option<&'a mut Lane> {
        match turn.stream {
            None => Some(&mut self.unbound),
            Some(key) => streams.local_by_key(key).map(|stream| stream.lane(turn.slot)),
        }
    }

    fn send_first(
        &mut self,
        streams: &mut Streams<'_, Self>,
        turn: Turn,
        probe: Option<u8>,
        cx: &mut Context<'_>,
    ) {
        let held = match turn.stream {
            None => pop(&mut self.unbound, &mut self.turns, turn),
            Some(key) => streams.local_by_key(key).and_then(|stream| {
                stream.tell_lost(cx);
                let held = pop(stream.lane(turn.slot), &mut self.turns, turn);
                self.goodbyes.settle(stream);
                held
            }),
        };
        if let Some(held) = held {
            self.send(held, probe, cx);
        }
    }

    /// A packet that has waited leaves.
    pub(crate) fn send(&mut self, held: Held, probe: Option<u8>, cx: &mut Context<'_>) {
        let Held { mut packet, class, bytes, since } = held;
        let (now, bytes) = (cx.elapsed_nanos(), u64::from(bytes));
        self.mark(&mut packet, probe);
        cx.send_rtp(packet);
        self.note_left(class, bytes, now);
        self.waiting -= 1;
        self.waiting_bytes -= bytes;
        self.cells.pass_delayed(class, bytes, now.saturating_sub(since));
    }

    /// Nothing waits: a probe may want to be filled, or a padding rate. Gives when to look again.
    fn ask_for_padding(&mut self, cx: &mut Context<'_>) -> Option<u64> {
        let now = cx.elapsed_nanos();
        let (bytes, probe) = match self.probes.ask(now) {
            Some(Err(at)) => return Some(at),
            Some(Ok(id)) => (self.probes.wanted(self.overhead, now), Some(id)),
            None => match self.filler.missing(now)? {
                Err(at) => return Some(at),
                Ok(bytes) => match self.pace.closed_until(bytes.into(), now) {
                    Some(at) => return Some(at),
                    None => (bytes, None),
                },
            },
        };
        let patience = self.probes.expires_at().unwrap_or(u64::MAX);
        if let Err(at) = self.filler.may_ask(now) {
            return Some(at.min(patience));
        }
        self.filler.asked(now);
        self.cells.padding_asked.increment();
        cx.publish(PaddingWanted { bytes, probe });
        // Who answers a probe brings the next time along.
        let again = if probe.is_some() {
            self.filler.may_ask(now).err()
        } else {
            Some(now + Filler::AT_A_TIME_NANOS)
        };
        again.map(|at| at.min(patience))
    }

    /// Wakes for the first that is to be done.
    fn arm(&self, next: Option<u64>, cx: &mut Context<'_>) {
        if let Some(at) = next {
            self.wake_at(at, cx);
        }
        if self.waiting > 0 {
            let now = cx.elapsed_nanos();
            let rises_at = self.oldest + self.bound() / 2;
            self.wake_at(if now < rises_at { rises_at } else { self.oldest + self.bound() + 1 }, cx);
        }
        if let Some(at) = self.goodbyes.next() {
            self.wake_at(at, cx);
        }
    }

    pub(crate) fn wake_at(&self, nanos: u64, cx: &mut Context<'_>) {
        if let Some(at) = self.instant(nanos) {
            cx.wake_for("pace", at);
        }
    }
}
