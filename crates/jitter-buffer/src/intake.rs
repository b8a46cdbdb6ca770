//! A packet comes: where it belongs, when it leaves, and whether it may still.

use std::time::Duration;

use interceptor_core::packet::rfc3550::MAX_DROPOUT;
use interceptor_core::packet::{Recovery, RtpPacket};
use interceptor_core::{Context, Flow, PlayoutDeadline};

use crate::held::Held;
use crate::numbers::Place;
use crate::schedule::Due;
use crate::stream::BufferedStream;
use crate::{JitterBuffer, LatePolicy, Underrun};

/// Others are told no more often than this.
const TELLS_EVERY: i64 = 500_000_000;
/// A change of the delay that is smaller changes nothing for those who ask for retransmissions.
const TELLS_FROM: u64 = 5_000_000;

impl JitterBuffer {
    /// A packet with a number of the stream.
    #[inline]
    pub(crate) fn take(
        &mut self,
        stream: &mut BufferedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        stream.cells.received.increment();
        let now = cx.elapsed_nanos() as i64;
        let info = packet.info();
        if let Some(how) = info.recovered_by {
            return self.take_recovered(stream, packet, how, cx);
        }
        let arrival = info.arrival.map_or(now, |at| (cx.nanos_at(at) as i64).min(now));
        stream.note_payload_type(packet, arrival);
        if now >= stream.tells_at {
            self.tell(stream, cx);
        }
        let (seq, since) = (packet.sequence_number(), Duration::from_nanos(arrival.unsigned_abs()));
        match stream.numbers.place(seq, packet.timestamp(), since, stream.rate()) {
            Place::At(number) => {
                let due = schedule(stream, packet, number, arrival);
                if let Some(flow) = self.refuse(stream, packet, number, due) {
                    return flow;
                }
                // Nothing waits, and neither does this one. What has just been let go may still be on its way: packets that come together
                // from below, such as a repaired one and that which brought it, would overtake it.
                let is_next = stream.queue.is_empty() && self.let_go_at != Some(now);
                if is_next && (due.at <= now || self.leaves_at_once(stream, number)) {
                    let goes_on = self.note_left(stream, packet, number, arrival, cx);
                    return if goes_on { Flow::Forward } else { Flow::Consumed };
                }
                self.hold(stream, Held { number, due: due.at, arrival, packet: packet.take() }, cx);
                Flow::Consumed
            }
            other => self.take_irregular(stream, packet, other, arrival, cx),
        }
    }

    /// The sender wants no delay, and there is nothing to wait for.
    fn leaves_at_once(&self, stream: &BufferedStream, number: i64) -> bool {
        let by_frames = self.options.frames && stream.video;
        stream.schedule.target.at_once && !by_frames && stream.follows(number)
    }

    #[cold]
    fn take_irregular(
        &mut self,
        stream: &mut BufferedStream,
        packet: &mut RtpPacket,
        place: Place,
        arrival: i64,
        cx: &mut Context<'_>,
    ) -> Flow {
        let number = match place {
            Place::Duplicate => {
                stream.cells.duplicates.increment();
                return Flow::Consumed;
            }
            Place::Stray => {
                let before = stream.stray.replace(Box::new((packet.take(), arrival)));
                stream.cells.strays.add(u64::from(before.is_some()));
                return Flow::Consumed;
            }
            Place::Restarted(number) => {
                tracing::debug!(ssrc = stream.ssrc, number = packet.sequence_number(), "begins anew");
                stream.cells.restarts.increment();
                self.flush(stream, cx);
                (stream.next, stream.highest) = (None, i64::MIN);
                number
            }
            Place::Resumed(number) | Place::At(number) => number,
        };
        if let Some(stray) = stream.stray.take() {
            let (stray, arrival) = *stray;
            let own = number + i64::from(stray.sequence_number().wrapping_sub(number as u16).cast_signed());
            // Of a restart only the packet right before this one is known to be part.
            if own == number - 1 || matches!(place, Place::Resumed(_)) {
                self.take_at(stream, stray, own, arrival, cx);
            } else {
                stream.cells.strays.increment();
            }
        }
        self.take_at(stream, packet.take(), number, arrival, cx);
        Flow::Consumed
    }

    /// A packet that does not follow the one before, in the order of those that wait.
    fn take_at(
        &mut self,
        stream: &mut BufferedStream,
        packet: RtpPacket,
        number: i64,
        arrival: i64,
        cx: &mut Context<'_>,
    ) {
        let due = schedule(stream, &packet, number, arrival);
        match self.refuse(stream, &packet, number, due) {
            Some(Flow::Forward) => cx.deliver_rtp(packet),
            Some(Flow::Consumed) => {}
            None => self.hold(stream, Held { number, due: due.at, arrival, packet }, cx),
        }
    }

    /// A packet that was lost and is here now.
    #[cold]
    fn take_recovered(
        &mut self,
        stream: &mut BufferedStream,
        packet: &mut RtpPacket,
        how: Recovery,
        cx: &mut Context<'_>,
    ) -> Flow {
        let now = cx.elapsed_nanos() as i64;
        let Some(number) = stream.numbers.recover(packet.sequence_number()) else {
            stream.cells.duplicates.increment();
            return Flow::Consumed;
        };
        // Further ahead there is nothing to bring back: it is of what the sender was before it began anew, or of nobody's making. All that
        // comes until then would be late.
        if stream.highest != i64::MIN && number - stream.highest >= i64::from(MAX_DROPOUT) {
            stream.cells.strays.increment();
            return Flow::Consumed;
        }
        stream.highest = stream.highest.max(number);
        // Not of what had come: a sender that probes the path sends that again, and nobody waits for it.
        if how == Recovery::Rtx {
            stream.repeats.note(now);
            self.set_floor(stream, now);
        }
        let due = stream.schedule.place_recovered(packet.timestamp(), now);
        if let Some(flow) = self.refuse(stream, packet, number, due) {
            return flow;
        }
        self.hold(stream, Held { number, due: due.at, arrival: now, packet: packet.take() }, cx);
        Flow::Consumed
    }

    /// What becomes of a packet that may not wait any more; `None` if it may.
    #[inline]
    fn refuse(&self, stream: &BufferedStream, packet: &RtpPacket, number: i64, due: Due) -> Option<Flow> {
        let overtaken = stream.next.is_some_and(|next| number < next);
        if !overtaken && !due.late {
            return None;
        }
        if !overtaken && self.options.underrun == Underrun::Wait {
            stream.cells.underruns.increment();
            return None;
        }
        let empty = packet.payload_len() == 0 && !self.options.deliver_empty;
        if overtaken && self.options.late == LatePolicy::Deliver && !empty {
            stream.cells.late_delivered.increment();
            return Some(Flow::Forward);
        }
        stream.cells.late.increment();
        Some(Flow::Consumed)
    }

    /// The delay is such that a retransmission comes in time, if there are any.
    fn set_floor(&self, stream: &mut BufferedStream, now: i64) {
        let repeated = self.options.rtx_floor && stream.nack && stream.repeats.are_frequent(now);
        stream.schedule.target.floor = self.repeat.filter(|_| repeated).unwrap_or(0);
    }

    /// What others may want to know of the stream.
    #[cold]
    pub(crate) fn tell(&self, stream: &mut BufferedStream, cx: &mut Context<'_>) {
        let now = cx.elapsed_nanos() as i64;
        stream.tells_at = now.saturating_add(TELLS_EVERY);
        self.set_floor(stream, now);
        let (target, delay) = (stream.schedule.target.get(), stream.schedule.delay().max(0));
        stream.cells.target_nanos.set(target.max(0).unsigned_abs());
        stream.cells.current_nanos.set(delay.unsigned_abs());
        stream.cells.jumps.set(stream.schedule.jumps);
        let counters = stream.cells.counters();
        if counters.emitted > 0 {
            cx.publish(counters.playout(stream.ssrc));
        }
        if delay.abs_diff(stream.told_delay) >= TELLS_FROM.max(stream.told_delay.unsigned_abs() / 10) {
            stream.told_delay = delay;
            let delay = Duration::from_nanos(delay.unsigned_abs());
            cx.publish(PlayoutDeadline { ssrc: stream.ssrc, delay });
        }
    }
}

/// When a packet off the wire leaves. Late ones teach as well.
#[inline]
fn schedule(stream: &mut BufferedStream, packet: &RtpPacket, number: i64, arrival: i64) -> Due {
    let newest = number > stream.highest;
    if newest {
        stream.highest = number;
    }
    let jumps = stream.schedule.jumps;
    let due = stream.schedule.place(packet.timestamp(), arrival, newest);
    if stream.schedule.jumps != jumps {
        stream.forget_report();
    }
    due
}
