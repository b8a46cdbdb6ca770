//! The asking side of the interceptor: from what is due to what leaves.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Context, Flow, KeyframeNeeded, Result, Streams};

use crate::Nack;
use crate::asking::{Arrival, Env, Pace, RemoteStream};
use crate::time::now_micros;

impl Nack {
    /// Every packet that is not simply the next one of its stream.
    #[inline(never)]
    pub(crate) fn read_out_of_order(
        &mut self,
        stream: &mut RemoteStream,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let mut env = self.env(cx);
        let arrival = stream.arrive(packet.sequence_number(), packet.info().recovered_by, &mut env);
        let due = stream.is_due(env.now);
        if arrival == Arrival::GaveUp {
            self.call_for_keyframe(stream, cx)?;
        }
        if due {
            self.ask_now(stream, cx)?;
        } else {
            self.requests.set(stream.key, stream.deadline());
            self.message.send(cx)?;
        }
        Ok(if arrival == Arrival::Copy { Flow::Consumed } else { Flow::Forward })
    }

    /// Packets of the RTX and FEC streams have numbers of their own; a repair packet among the media (RFC 5109 in RED) takes one of
    /// theirs, which is not missing then.
    #[inline(never)]
    pub(crate) fn read_other(
        &mut self,
        stream: &mut RemoteStream,
        packet: &RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        if packet.info().origin != Origin::FecRepair || packet.ssrc() != stream.ssrc {
            return Ok(Flow::Forward);
        }
        stream.losses.counters.taken_by_fec += 1;
        if stream.arrive_in_order(packet.sequence_number(), cx.elapsed_nanos()) {
            return if stream.needs_review() {
                self.ask_now(stream, cx).map(|()| Flow::Forward)
            } else {
                Ok(Flow::Forward)
            };
        }
        self.read_out_of_order(stream, packet, cx)
    }

    /// Asks for what is due of one stream.
    #[inline(never)]
    pub(crate) fn ask_now(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        self.ask(stream, cx)?;
        self.message.send(cx)?;
        self.requests.set(stream.key, stream.deadline());
        self.arm(cx);
        Ok(())
    }

    /// Asks for what is due of all streams.
    pub(crate) fn ask_all(
        &mut self,
        streams: &mut Streams<'_, Self>,
        now: u64,
        cx: &mut Context<'_>,
    ) -> Result<()> {
        if self.requests.next().is_none_or(|(at, _)| at > now) {
            return Ok(());
        }
        // Once something is due, what is nearly due leaves with it: fewer datagrams.
        let until = now + Pace::of(cx.facts().rtt()).slack;
        // Moving a deadline costs less than taking it out and putting it in.
        while let Some((_, key)) = self.requests.next().filter(|(at, _)| *at <= until) {
            let mut deadline = None;
            if let Some(stream) = streams.remote_by_key(key) {
                self.ask(stream, cx)?;
                deadline = stream.deadline();
            }
            // What waits for a late packet does not leave early; it must not be looked at again either.
            if deadline.is_some_and(|at| at <= until) {
                self.waiting.extend(deadline.map(|at| (at, key)));
                deadline = None;
            }
            self.requests.set(key, deadline);
        }
        for (at, key) in self.waiting.drain(..) {
            self.requests.set(key, Some(at));
        }
        self.message.send(cx)
    }

    /// Adds what is due of a stream to the message.
    fn ask(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        let mut numbers = std::mem::take(&mut self.numbers);
        let given_up = stream.take_due(&mut self.env(cx), &mut numbers);
        let messages = self.message.nack(stream.ssrc, &numbers, cx);
        let counters = &mut stream.losses.counters;
        counters.packets_requested += numbers.len() as u64;
        counters.requests_sent += *messages.as_ref().unwrap_or(&0);
        tracing::trace!(ssrc = stream.ssrc, ?numbers, "asks");
        numbers.clear();
        self.numbers = numbers;
        messages?;
        if given_up { self.call_for_keyframe(stream, cx) } else { Ok(()) }
    }

    /// Says that a key frame is needed, and adds a PLI to the message if that was negotiated and nobody else sees to it.
    fn call_for_keyframe(&mut self, stream: &mut RemoteStream, cx: &mut Context<'_>) -> Result<()> {
        if !stream.needs_keyframe(cx.now()) {
            return Ok(());
        }
        cx.publish(KeyframeNeeded { ssrc: stream.ssrc });
        let pli = self.options.pli_on_give_up && stream.pli && !cx.facts().keyframe_asking();
        stream.losses.counters.keyframes_needed += 1;
        stream.losses.counters.plis_sent += u64::from(pli);
        if pli { self.message.pli(stream.ssrc, cx) } else { Ok(()) }
    }

    fn env(&mut self, cx: &Context<'_>) -> Env<'_> {
        let (rtt, nanos, now) = (cx.facts().rtt(), cx.elapsed_nanos(), now_micros(cx));
        Env { options: &self.options, rtt, nanos, now, times: &mut self.times }
    }
}
