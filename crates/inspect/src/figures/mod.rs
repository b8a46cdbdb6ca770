//! What is found out about each stream, packet by packet: counts, spacing, jitter, drift, runs of losses.
//!
//! Losses and jitter are those of [`interceptor_packet::rfc3550`], sampled at every packet.

mod clock;
mod clocks;
mod drift;
mod payloads;
mod runs;
mod spread;
mod timeline;

use std::time::Duration;

use interceptor_packet::rfc3550::{Arrival, MAX_DROPOUT, SourceState};

use self::clock::ClockFigures;
use self::clocks::Clocks;
use self::payloads::Payloads;
use self::runs::{RunFigures, Runs};
use self::spread::Spread;
use super::header::Header;
use super::payload_types::Codec;

pub use spread::SpreadMs;

/// A number this far from the newest goes on with a stream.
const NEAR: u16 = MAX_DROPOUT;

/// What was found out about a stream.
#[derive(Clone, Debug)]
pub(super) struct StreamFigures {
    /// The stream's own first, then the most frequent.
    pub(super) payload_types: Vec<u8>,
    /// What the first of them means.
    pub(super) codec: Option<Codec>,
    pub(super) packets: u64,
    pub(super) expected: u64,
    /// RFC 3550 A.3, summed up over restarts of the sender.
    pub(super) lost: i64,
    pub(super) duplicates: u64,
    pub(super) reordered: u64,
    pub(super) delta: Option<SpreadMs>,
    pub(super) runs: RunFigures,
    /// That of the first payload type; `None` when its rate is not known and could not be guessed.
    pub(super) clock: Option<ClockFigures>,
    /// When the first and the last packet came.
    pub(super) first: Duration,
    pub(super) last: Duration,
}

/// A stream while it runs.
#[derive(Debug, Default)]
pub(super) struct StreamMeter {
    source: SourceState,
    payloads: Payloads,
    duplicates: u64,
    reordered: u64,
    runs: Runs,
    clocks: Clocks,
    /// The clock of the newest packet.
    clock: Option<usize>,
    delta: Spread,
    packets: u64,
    first: Duration,
    last: Duration,
    /// The latest; packets of a capture are not always in order of time.
    latest: Duration,
}

impl StreamMeter {
    /// A packet of the stream came at this time. `codec` says what a payload type means. Says what it is to the sequence.
    #[inline]
    pub(super) fn receive(
        &mut self,
        packet: &Header,
        at: Duration,
        codec: impl FnOnce(u8) -> Option<Codec>,
    ) -> Arrival {
        let clocks = &mut self.clocks;
        let clock = self.payloads.count(packet, |payload| {
            let codec = codec(payload.number);
            payload.describe(codec.as_ref());
            if !payload.is_event() {
                payload.clock = clocks.begin(codec.map_or(0, |codec| codec.clock_rate));
            }
        });
        let verdict = self.count(packet, at, clock);
        if self.packets == 0 {
            self.first = at;
        } else {
            let delta = (at.as_secs_f64() - self.last.as_secs_f64()) * 1000.0;
            self.delta.add(delta, packet.marker(), self.packets);
        }
        // Padding has the time of anything: senders fill in what is at hand.
        if let Some(clock) = clock.filter(|_| verdict.counts() && packet.payload_len() != Some(0)) {
            self.clocks.receive(clock, packet, at, verdict.is_newest());
        }
        self.packets += 1;
        self.last = at;
        self.latest = self.latest.max(at);
        verdict
    }

    /// Whether any packet of the stream had this payload type.
    pub(super) fn has_payload_type(&self, number: u8) -> bool {
        self.payloads.contains(number)
    }

    /// Whether a packet has a payload type and a number of this stream.
    pub(super) fn continues(&self, packet: &Header) -> bool {
        let ahead = packet.seq().wrapping_sub(self.source.extended_highest() as u16);
        let is_near = ahead < NEAR || ahead > NEAR.wrapping_neg();
        is_near && self.source.is_valid() && self.has_payload_type(packet.payload_type())
    }

    fn count(&mut self, packet: &Header, at: Duration, clock: Option<usize>) -> Arrival {
        let seq = packet.seq();
        // Timestamps of two clocks say nothing of each other.
        let clock_rate =
            clock.filter(|_| clock == self.clock).map_or(0, |clock| self.clocks.known_rate(clock));
        let verdict = self.source.update(seq, packet.timestamp(), at, clock_rate);
        if verdict.is_newest() {
            self.clock = clock;
        }
        match verdict {
            Arrival::Newest { skipped } => self.runs.advance(skipped),
            Arrival::Resumed { lost, skipped } => {
                self.runs.advance(lost);
                self.runs.advance(skipped);
            }
            Arrival::Late => {
                self.runs.fill(seq);
                self.reordered += 1;
            }
            Arrival::Duplicate => {
                self.runs.fill(seq);
                self.duplicates += 1;
            }
            Arrival::First => self.runs.restart(seq),
            Arrival::Restarted => {
                self.clocks.resync();
                self.runs.restart(seq);
            }
            Arrival::Stray | Arrival::Probation => {}
        }
        verdict
    }

    /// What there is to say if the stream ended here.
    pub(super) fn figures(&self, codec: impl Fn(u8) -> Option<Codec>) -> StreamFigures {
        let payloads = self.payloads.sorted();
        let own = payloads.first();
        let codec = own.and_then(|own| codec(own.number));
        let told = codec.as_ref().map(|codec| codec.clock_rate);
        StreamFigures {
            clock: own.and_then(|own| self.clocks.figures(own.clock?, told)),
            payload_types: payloads.iter().map(|payload| payload.number).collect(),
            codec,
            packets: self.packets,
            expected: self.source.total_expected(),
            lost: self.source.total_lost(),
            duplicates: self.duplicates,
            reordered: self.reordered,
            delta: self.delta.figures(),
            runs: self.runs.figures(),
            first: self.first,
            last: self.latest,
        }
    }
}
