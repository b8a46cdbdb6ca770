//! What our statistics say of the tapped peer, beside what str0m's events and the ways say.

use std::fmt;
use std::time::Duration;

use interceptor_stats::StreamStats;
use interceptor_test::LinkCounters;
use str0m::stats::{MediaEgressStats, MediaIngressStats};

/// One figure, as three have counted it.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What is counted.
    pub what: &'static str,
    /// By str0m's statistics events.
    pub str0m: Option<Figure>,
    /// By ours.
    pub ours: Option<Figure>,
    /// On the way between the peers.
    pub way: Option<Figure>,
    /// Why they differ, where they do.
    pub note: &'static str,
}

/// A count, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Packets, bytes or messages.
    Count(i64),
    /// A time.
    Time(Duration),
}

/// What the peer sends.
#[must_use]
pub fn sent(
    theirs: &MediaEgressStats,
    ours: &StreamStats,
    way: &LinkCounters,
    round_trip: Duration,
) -> Vec<Row> {
    let ours_sent = ours.outbound_rtp.as_ref();
    let reported = ours.remote_inbound_rtp.as_ref();
    let remote = theirs.remote.as_ref();
    let row = Row::new;
    vec![
        row("packets", count(theirs.packets), ours_sent.and_then(|ours| count(ours.packets_sent)))
            .with_way(count(way.offered)),
        row("bytes of payload", count(theirs.bytes), ours_sent.and_then(|ours| count(ours.bytes_sent)))
            .with_note("ours with the 2 bytes of original number in each retransmission"),
        row(
            "of them retransmitted packets",
            None,
            ours_sent.and_then(|ours| count(ours.retransmitted_packets_sent)),
        ),
        row("NACKs heard", count(theirs.nacks), ours_sent.and_then(|ours| count(ours.nack_count))),
        row("PLIs heard", count(theirs.plis), ours_sent.and_then(|ours| count(ours.pli_count))),
        row("FIRs heard", count(theirs.firs), ours_sent.and_then(|ours| count(ours.fir_count))),
        row(
            "lost, as the other peer reports",
            remote.and_then(|remote| count(remote.packets_lost)),
            reported.map(|ours| Figure::Count(ours.packets_lost)),
        )
        .with_way(count(way.lost))
        .with_note("reports of str0m's leave out what was repaired; on the way retransmissions as well"),
        row(
            "round trip",
            theirs.rtt.map(Figure::Time),
            reported.and_then(|ours| ours.round_trip_time).map(Figure::Time),
        )
        .with_way(Some(Figure::Time(round_trip))),
    ]
}

/// What it receives.
#[must_use]
pub fn received(theirs: &MediaIngressStats, ours: &StreamStats, way: &LinkCounters) -> Vec<Row> {
    let inbound = ours.inbound_rtp.as_ref();
    let row = Row::new;
    vec![
        row("packets", count(theirs.packets), inbound.and_then(|ours| count(ours.packets_received)))
            .with_way(count(way.delivered)),
        row("bytes of payload", count(theirs.bytes), inbound.and_then(|ours| count(ours.bytes_received)))
            .with_note("as above"),
        row(
            "of them retransmitted packets",
            None,
            inbound.and_then(|ours| count(ours.retransmitted_packets_received)),
        ),
        row("lost", None, inbound.map(|ours| Figure::Count(ours.packets_lost)))
            .with_way(count(way.lost))
            .with_note("on the way retransmissions as well"),
        row("recovered", None, inbound.and_then(|ours| count(ours.packets_recovered_by_rtx))),
        row("NACKs sent", count(theirs.nacks), inbound.and_then(|ours| count(ours.nack_count))),
        row("PLIs sent", count(theirs.plis), inbound.and_then(|ours| count(ours.pli_count))),
        row(
            "packets sent, as the sender reports",
            theirs.remote.as_ref().and_then(|remote| count(remote.packets)),
            ours.remote_outbound_rtp.as_ref().and_then(|ours| count(ours.packets_sent)),
        )
        .with_way(count(way.offered)),
        row(
            "jitter",
            Some(Figure::Time(Duration::from_secs(1) * theirs.jitter / 90_000)),
            inbound.map(|ours| Figure::Time(ours.jitter)),
        )
        .with_note("str0m's with the repaired packets, which come late"),
    ]
}

impl Row {
    fn new(what: &'static str, str0m: Option<Figure>, ours: Option<Figure>) -> Self {
        Self { what, str0m, ours, ..Self::default() }
    }

    fn with_way(self, way: Option<Figure>) -> Self {
        Self { way, ..self }
    }

    fn with_note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell =
            |figure: Option<Figure>| figure.map_or_else(|| "–".to_owned(), |figure| figure.to_string());
        let [str0m, ours, way] = [self.str0m, self.ours, self.way].map(cell);
        let line = format!("  {:<36}{str0m:>12}{ours:>12}{way:>12}   {}", self.what, self.note);
        f.write_str(line.trim_end())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Time(time) => write!(f, "{:.2} ms", time.as_secs_f64() * 1_000.0),
        }
    }
}

fn count(value: u64) -> Option<Figure> {
    i64::try_from(value).ok().map(Figure::Count)
}
