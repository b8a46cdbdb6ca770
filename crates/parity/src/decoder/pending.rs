//! Repairs that lack more than one packet.

use std::time::Duration;

use interceptor_packet::fec::Span;
use smallvec::SmallVec;

use super::Repair;
use super::bits::Bits;
use super::residue::Fault;
use super::stream::{Presence, Stream};

/// A repair, and what it lacks.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) repair: Repair,
    /// What it protects of each stream.
    pub(super) parts: SmallVec<[Part; 1]>,
    /// How many packets it lacks.
    pub(super) missing: u16,
    pub(super) at: Duration,
    /// It was part of what brought a packet back.
    pub(super) is_used: bool,
    /// Some of what it protects is out of reach by now.
    pub(super) is_expired: bool,
    /// It was part of what turned out to be wrong.
    pub(super) fault: Option<Fault>,
}

/// What a repair protects of one stream.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) ssrc: u32,
    pub(super) span: Span,
    /// The first of the protected numbers.
    first: u16,
    pub(super) missing: Bits,
}

/// Why a repair cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It protects packets of a stream that the decoder does not have.
    UnknownStream,
    /// It names a stream twice, or nothing.
    Malformed,
    /// Some of what it protects is not kept any more, or never was.
    Expired,
}

impl Pending {
    pub(super) fn new(
        repair: Repair,
        protected: &[(u32, Span)],
        streams: &[Stream],
        at: Duration,
    ) -> Result<Self, Refusal> {
        let mut parts = SmallVec::<[Part; 1]>::new();
        let mut all_missing = 0;
        for &(ssrc, span) in protected {
            let stream = streams.iter().find(|stream| stream.ssrc == ssrc).ok_or(Refusal::UnknownStream)?;
            let first = span.numbers().next().ok_or(Refusal::Malformed)?;
            if parts.iter().any(|part| part.ssrc == ssrc) {
                return Err(Refusal::Malformed);
            }
            // Both ends first: a hostile base costs nothing.
            if !stream.is_within(first) || !span.last().is_some_and(|last| stream.is_within(last)) {
                return Err(Refusal::Expired);
            }
            let missing = missing(stream, &span)?;
            all_missing += missing.count();
            parts.push(Part { ssrc, span, first, missing });
        }
        match parts.is_empty() {
            true => Err(Refusal::Malformed),
            false => Ok(Self {
                repair,
                parts,
                missing: all_missing,
                at,
                is_used: false,
                is_expired: false,
                fault: None,
            }),
        }
    }

    /// A packet is there now. Did it lack it?
    #[inline]
    pub(super) fn came(&mut self, ssrc: u32, seq: u16) -> bool {
        let before = self.missing;
        for part in self.parts.iter_mut().filter(|part| part.ssrc == ssrc) {
            if part.span.index_of(seq).is_some_and(|place| part.missing.remove(place)) {
                self.missing -= 1;
            }
        }
        self.missing < before
    }

    /// Is all that it protects of this stream still within reach?
    pub(super) fn is_within(&self, stream: &Stream) -> bool {
        self.parts.iter().all(|part| part.ssrc != stream.ssrc || stream.is_within(part.first))
    }

    pub(super) fn protects(&self, ssrc: u32) -> bool {
        self.parts.iter().any(|part| part.ssrc == ssrc)
    }

    /// What it lacks: SSRC and number of each.
    pub(super) fn lacks(&self) -> impl Iterator<Item = (u32, u16)> + '_ {
        let of = |part: &Part| {
            let (ssrc, span) = (part.ssrc, part.span);
            part.missing.iter().map(move |place| (ssrc, span.number_at(place)))
        };
        self.parts.iter().flat_map(of)
    }

    /// Bytes that it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.repair.body.len() + self.parts.len() * size_of::<Part>()
    }

    /// Does it say what this one says?
    pub(super) fn repeats(&self, other: &Self) -> bool {
        let spans = |pending: &Self| {
            pending.parts.iter().map(|part| (part.ssrc, part.span)).collect::<SmallVec<[_; 2]>>()
        };
        self.missing == other.missing
            && self.repair.fields == other.repair.fields
            && spans(self) == spans(other)
            && self.repair.body == other.repair.body
    }
}

impl Part {
    /// The numbers that have come of those that it protects.
    pub(super) fn there(&self) -> impl Iterator<Item = u16> + '_ {
        self.span
            .numbers()
            .filter(|seq| !self.span.index_of(*seq).is_some_and(|at| self.missing.contains(at)))
    }
}

fn missing(stream: &Stream, span: &Span) -> Result<Bits, Refusal> {
    let mut missing = Bits::default();
    for seq in span.numbers() {
        match stream.presence(seq) {
            Presence::Here => {}
            Presence::Gone => return Err(Refusal::Expired),
            Presence::Missing => missing.insert(span.index_of(seq).unwrap_or_default()),
        }
    }
    Ok(missing)
}
