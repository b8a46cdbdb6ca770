//! What a run is judged by.

use crate::record::{FlowRecord, Record, SPAN};

/// What never comes, in seconds.
pub const NEVER: f64 = 99.0;

/// A figure of one run. Spans are in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// What came of all flows of the forward way, as a part of what its bottleneck could carry and chance did not take.
    Util(f64, f64),
    /// The same of the backward way.
    UtilBackward(f64, f64),
    /// The time that 95 % of the media packets waited no longer than in their bottleneck, in milliseconds.
    Queue95(f64, f64),
    /// Media packets that found a queue full, in percent of those that were sent.
    Dropped(f64, f64),
    /// Jain's index of the media flows' rates: 1 when all are the same, 1/n when one has everything.
    Jain(f64, f64),
    /// The highest rate of a media flow by the lowest.
    MaxMin(f64, f64),
    /// The mean rate of media flows by that of TCP flows.
    Ratio(f64, f64),
    /// The mean rate of media flows, in Mb/s.
    Rate(f64, f64),
    /// Seconds from one on until the end of the first whole second in which 0.9 of the capacity of then came; [`NEVER`] if it
    /// does not come within so many.
    Rise(f64, f64),
    /// The first flow's target at a second, in Mb/s.
    Target(f64),
    /// The first flow's target at a second, by that at another second.
    TargetBy(f64, f64),
}

impl Measure {
    /// The figure.
    #[must_use]
    pub fn of(self, record: &Record) -> f64 {
        match self {
            Self::Util(from, to) => util(record, false, from, to),
            Self::UtilBackward(from, to) => util(record, true, from, to),
            Self::Queue95(from, to) => queue95(record, from, to),
            Self::Dropped(from, to) => dropped(record, from, to),
            Self::Jain(from, to) => jain(&rates(record.media(), from, to)),
            Self::MaxMin(from, to) => max_min(&rates(record.media(), from, to)),
            Self::Ratio(from, to) => {
                mean(&rates(record.media(), from, to)) / mean(&rates(record.tcp(), from, to))
            }
            Self::Rate(from, to) => mean(&rates(record.media(), from, to)) / 1e6,
            Self::Rise(from, within) => rise(record, from, within),
            Self::Target(second) => target(record, second) / 1e6,
            Self::TargetBy(second, by) => target(record, second) / target(record, by),
        }
    }
}

fn util(record: &Record, backward: bool, from: f64, to: f64) -> f64 {
    let plan = &record.plan;
    let way = if backward { &plan.backward } else { &plan.forward };
    let Some(capacity) = &way.capacity else { return 0.0 };
    let media = record.media().zip(&plan.media).filter(|(_, media)| media.backward == backward);
    let media = media.map(|(flow, _)| flow.received(from, to));
    let tcp = record.tcp().filter(|_| !backward).map(|flow| flow.received(from, to));
    let received: f64 = media.chain(tcp).sum();
    received * (to - from) / (capacity.bits(from, to) * (1.0 - way.loss))
}

fn queue95(record: &Record, from: f64, to: f64) -> f64 {
    let waits = record.media().flat_map(|flow| &flow.waits);
    let within = waits.filter(|(second, _)| (from..to).contains(second));
    let mut waits: Vec<f64> = within.map(|(_, wait)| *wait).collect();
    let place = waits.len() * 95 / 100;
    if place >= waits.len() {
        return 0.0;
    }
    *waits.select_nth_unstable_by(place, f64::total_cmp).1
}

fn dropped(record: &Record, from: f64, to: f64) -> f64 {
    let spans = || record.media().flat_map(|flow| flow.between(from, to));
    let dropped: u32 = spans().map(|span| span.dropped).sum();
    let sent: u32 = spans().map(|span| span.sent).sum();
    100.0 * f64::from(dropped) / f64::from(sent.max(1))
}

fn rates<'a>(flows: impl Iterator<Item = &'a FlowRecord>, from: f64, to: f64) -> Vec<f64> {
    flows.map(|flow| flow.received(from, to)).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn jain(rates: &[f64]) -> f64 {
    let sum: f64 = rates.iter().sum();
    let squares: f64 = rates.iter().map(|rate| rate * rate).sum();
    sum * sum / (rates.len() as f64 * squares)
}

fn max_min(rates: &[f64]) -> f64 {
    let most = rates.iter().copied().fold(0.0, f64::max);
    most / rates.iter().copied().fold(f64::INFINITY, f64::min)
}

fn rise(record: &Record, from: f64, within: f64) -> f64 {
    let Some(capacity) = &record.plan.forward.capacity else { return NEVER };
    let wanted = 0.9 * capacity.at(from) as f64;
    let reached = |tenth: &u32| {
        let begin = from + f64::from(*tenth) * SPAN;
        record.media().map(|flow| flow.received(begin, begin + 1.0)).sum::<f64>() >= wanted
    };
    let tenths = ((within - 1.0) / SPAN).round() as u32;
    (0..=tenths).find(reached).map_or(NEVER, |tenth| f64::from(tenth) * SPAN + 1.0)
}

fn target(record: &Record, second: f64) -> f64 {
    record.flows.first().map_or(0.0, |flow| flow.target(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jain_is_one_for_equals_and_less_for_others() {
        assert_eq!(jain(&[2.0, 2.0, 2.0]), 1.0);
        assert_eq!(jain(&[1.0, 0.0]), 0.5);
        assert_eq!(max_min(&[1.0, 3.0, 2.0]), 3.0);
    }
}
