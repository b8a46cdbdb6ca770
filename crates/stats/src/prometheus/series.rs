//! Streams as series: labels, sums that do not fall, and a limit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::metrics::{CONNECTION_COUNTERS, COUNTERS, GAUGES, View};
use crate::{ConnectionStats, MediaKind};

type Counters = [Option<u64>; COUNTERS.len()];
type Gauges = [Option<f64>; GAUGES.len()];
type Totals = [u64; CONNECTION_COUNTERS.len()];

/// What tells series apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Labels {
    pub(super) connection: Arc<str>,
    pub(super) kind: Option<MediaKind>,
    pub(super) direction: Direction,
    pub(super) stream: Arc<str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

impl Labels {
    /// Where streams beyond the limit are added up.
    fn of_the_rest(&self) -> Self {
        Self { connection: "".into(), stream: "".into(), ..*self }
    }
}

/// The samples of one set of labels.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) counters: Counters,
    pub(super) gauges: Gauges,
}

/// Everything that one scrape tells.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) connections: usize,
    pub(super) streams: BTreeMap<Labels, Row>,
    pub(super) totals: Totals,
}

/// A stream as long as it lives: its connection's number, its direction, its SSRC.
type Source = (u64, Direction, u32);

/// What was counted up to the last scrape.
#[derive(Debug, Default)]
pub(super) struct Series {
    streams: BTreeMap<Source, Counters>,
    sums: BTreeMap<Labels, Counters>,
    connections: BTreeMap<u64, Totals>,
    totals: Totals,
}

impl Series {
    pub(super) fn scrape(&mut self, connections: &[(u64, ConnectionStats)], max_series: usize) -> Scrape {
        let mut told_apart = BTreeSet::new();
        let mut rows: BTreeMap<Labels, Row> = BTreeMap::new();
        let mut streams = BTreeMap::new();
        for (source, mut labels, view) in connections.iter().flat_map(|(number, stats)| views(*number, stats))
        {
            if !told_apart.contains(&labels) {
                if told_apart.len() < max_series {
                    told_apart.insert(labels.clone());
                } else {
                    labels = labels.of_the_rest();
                }
            }
            let counters = counters(&view);
            let before = self.streams.get(&source).copied().unwrap_or_default();
            add(self.sums.entry(labels.clone()).or_default(), &counters, &before);
            streams.insert(source, counters);
            join(&mut rows.entry(labels).or_default().gauges, &view);
        }
        self.streams = streams;
        // What belongs to no living stream is forgotten, but for the sums of the rest, which go on.
        self.sums.retain(|labels, _| told_apart.contains(labels) || labels.connection.is_empty());
        for (labels, sums) in &self.sums {
            rows.entry(labels.clone()).or_default().counters = *sums;
        }
        self.add_totals(connections);
        Scrape { connections: connections.len(), streams: rows, totals: self.totals }
    }

    fn add_totals(&mut self, connections: &[(u64, ConnectionStats)]) {
        let mut present = BTreeMap::new();
        for (number, stats) in connections {
            let before = self.connections.get(number).copied().unwrap_or_default();
            let now = CONNECTION_COUNTERS.each_ref().map(|(_, count)| count(stats));
            for ((total, now), before) in self.totals.iter_mut().zip(now).zip(before) {
                *total += now.saturating_sub(before);
            }
            present.insert(*number, now);
        }
        self.connections = present;
    }
}

/// All streams of a connection.
fn views(number: u64, stats: &ConnectionStats) -> impl Iterator<Item = (Source, Labels, View<'_>)> {
    let inbound = stats.inbound_rtp.iter().map(move |stream| {
        let remote = stats.remote_outbound_rtp.iter().find(|remote| remote.ssrc == stream.ssrc);
        let labels = labels(stats, stream.kind, Direction::Inbound, &stream.name);
        ((number, Direction::Inbound, stream.ssrc), labels, View::Inbound(stream, remote))
    });
    let outbound = stats.outbound_rtp.iter().map(move |stream| {
        let remote = stats.remote_inbound_rtp.iter().find(|remote| remote.ssrc == stream.ssrc);
        let labels = labels(stats, stream.kind, Direction::Outbound, &stream.name);
        ((number, Direction::Outbound, stream.ssrc), labels, View::Outbound(stream, remote))
    });
    inbound.chain(outbound)
}

fn labels(stats: &ConnectionStats, kind: Option<MediaKind>, direction: Direction, name: &Arc<str>) -> Labels {
    Labels { connection: Arc::clone(&stats.id), kind, direction, stream: Arc::clone(name) }
}

fn counters(view: &View<'_>) -> Counters {
    COUNTERS.each_ref().map(|(_, (inbound, outbound))| match view {
        View::Inbound(stream, _) => inbound(stream),
        View::Outbound(stream, _) => outbound(stream),
    })
}

/// Adds to each sum what its stream has counted since `before`. A stream that was bound anew starts at zero.
fn add(sums: &mut Counters, now: &Counters, before: &Counters) {
    for ((sum, now), before) in sums.iter_mut().zip(now).zip(before) {
        let Some(now) = now else { continue };
        let before = before.filter(|before| before <= now).unwrap_or(0);
        *sum = Some(sum.unwrap_or(0) + (now - before));
    }
}

fn join(gauges: &mut Gauges, view: &View<'_>) {
    for (joined, gauge) in gauges.iter_mut().zip(&GAUGES) {
        let Some(value) = (gauge.value)(view) else { continue };
        *joined = Some(joined.map_or(value, |joined| (gauge.join)(joined, value)));
    }
}
