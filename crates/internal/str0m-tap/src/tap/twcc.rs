//! Transport-wide feedback as str0m tells it, packed into chunks again.

use std::time::{Duration, Instant};

use str0m::rtp::rtcp::Twcc;

/// Of the reference time, and of a delta, in microseconds.
const REFERENCE_UNIT: u64 = 64_000;
const DELTA_UNIT: u128 = 250;
/// Symbols in a vector of two bits each, and in a run.
const VECTOR: usize = 7;
const MAX_RUN: usize = 0x1fff;
const VECTOR_OF_TWO_BITS: u16 = 0b11 << 14;

/// What became of a packet, as a status symbol says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Missing = 0,
    SmallDelta = 1,
    LargeDelta = 2,
}

/// SSRCs, fields, chunks and deltas, in whole words; `None` if str0m's message says less than it claims, or a delta is too large.
///
/// str0m's chunks cannot be named outside of it, the arrivals can. They are counted from `zero`.
pub(super) fn body(feedback: Twcc, zero: Instant) -> Option<Vec<u8>> {
    let count = feedback.status_count;
    let mut body = [*feedback.sender_ssrc, *feedback.ssrc].map(u32::to_be_bytes).as_flattened().to_vec();
    body.extend([feedback.base_seq, count].map(u16::to_be_bytes).as_flattened());
    body.extend((feedback.reference_time << 8 | u32::from(feedback.feedback_count)).to_be_bytes());

    let mut last = zero + Duration::from_micros(u64::from(feedback.reference_time) * REFERENCE_UNIT);
    let mut symbols = Vec::with_capacity(usize::from(count));
    let mut deltas = Vec::new();
    let base = u64::from(feedback.base_seq);
    for (_, _, arrival) in feedback.into_iter(zero, base.into()) {
        let Some(arrival) = arrival else {
            symbols.push(Symbol::Missing);
            continue;
        };
        symbols.push(push_delta(&mut deltas, last, arrival)?);
        last = arrival;
    }
    if symbols.len() != usize::from(count) {
        return None;
    }
    push_chunks(&mut body, &symbols);
    body.extend(deltas);
    body.resize(body.len().next_multiple_of(4), 0);
    Some(body)
}

fn push_delta(deltas: &mut Vec<u8>, last: Instant, arrival: Instant) -> Option<Symbol> {
    let units = |later: Instant, earlier: Instant| {
        let micros = later.saturating_duration_since(earlier).as_micros();
        i32::try_from(micros / DELTA_UNIT).ok()
    };
    let delta = units(arrival, last)? - units(last, arrival)?;
    if let Ok(small) = u8::try_from(delta) {
        deltas.push(small);
        return Some(Symbol::SmallDelta);
    }
    deltas.extend(i16::try_from(delta).ok()?.to_be_bytes());
    Some(Symbol::LargeDelta)
}

/// A run where a vector could hold no more, else a vector.
fn push_chunks(body: &mut Vec<u8>, mut symbols: &[Symbol]) {
    while let Some(&first) = symbols.first() {
        let run = symbols.iter().take(MAX_RUN).take_while(|&&symbol| symbol == first).count();
        let taken = if run >= VECTOR { run } else { symbols.len().min(VECTOR) };
        let (chunk, rest) = symbols.split_at(taken);
        let bits = if run >= VECTOR { (first as u16) << 13 | run as u16 } else { vector(chunk) };
        body.extend(bits.to_be_bytes());
        symbols = rest;
    }
}

fn vector(symbols: &[Symbol]) -> u16 {
    let at = |index: usize| 2 * (VECTOR - 1 - index);
    symbols
        .iter()
        .enumerate()
        .fold(VECTOR_OF_TWO_BITS, |bits, (index, &symbol)| bits | (symbol as u16) << at(index))
}
