//! How a relay stands: what `/stats`, `--json` and the table show.

use std::net::SocketAddr;

use interceptor_core::Streams;
use interceptor_nack::{Nack, NackCounters};
use interceptor_rtx::{Rtx, RtxCounters};
use interceptor_stats::{ConnectionStats, StatsHandle, StreamStats};
use serde::Serialize;

use super::TargetRules;
use super::book::{PacketBook, StreamCounts};
use super::capture::CaptureStats;
use super::fec::FecStats;
use super::leg::{Leg, Role};
use super::limits::LimitStats;
use super::wire::RejectedHost;

/// How a relay stands at one moment.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RelayStats {
    /// Seconds since the relay was started.
    pub uptime: f64,
    /// How the captures stand; `null` when there are none.
    pub capture: Option<CaptureStats>,
    /// The source first, then the targets in the order given.
    pub legs: Vec<LegStats>,
}

/// How a leg stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LegStats {
    /// `source`, `target-1` and so on; the `connection` of its metrics.
    pub id: String,
    /// Which side it is.
    pub role: Role,
    /// Where RTP's socket is bound.
    pub local: SocketAddr,
    /// Where RTP comes from or goes to; absent while the source has not been heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<SocketAddr>,
    /// What its sockets carried.
    pub transport: TransportStats,
    /// The last hosts whose datagrams were dropped since they are not the peer's, the latest last; at most 8.
    pub rejected_hosts: Vec<RejectedHost>,
    /// Target: what the way there does on purpose; absent while it does nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<TargetRules>,
    /// Where its packets went.
    pub book: PacketBook,
    /// How much it carries at most, and what that cost.
    pub limit: LimitStats,
    /// Source: streams that were found, and what became of them.
    pub streams: StreamCounts,
    /// Lost packets, over all its streams.
    pub repair: RepairStats,
    /// Forward error correction; absent where the leg takes no part in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fec: Option<FecStats>,
    /// The leg with the streams that it has, under their W3C names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<ConnectionStats>,
    /// The last statistics of streams that have ended, at most 256.
    pub ended: Vec<StreamStats>,
}

/// What a leg's sockets carried, RTP and RTCP together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct TransportStats {
    /// Datagrams received.
    pub datagrams_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Datagrams sent.
    pub datagrams_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Datagrams from somebody else; dropped.
    pub datagrams_rejected: u64,
    /// Datagrams that the system dropped because the relay did not take them in time; absent where it does not say (all but
    /// Linux).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datagrams_overflowed: Option<u64>,
    /// Datagrams that wait until their host has shown that it is the source, by RTP in sequence.
    pub datagrams_held: u64,
    /// Datagrams, and parts of RTCP datagrams, that are no well-formed RTP or RTCP; dropped.
    pub datagrams_malformed: u64,
    /// RTP with a broken header extension element: forwarded as it came.
    pub extensions_malformed: u64,
    /// Datagrams that the system did not take.
    pub send_errors: u64,
    /// Packets dropped by the relay, whatever for; [`LegStats::book`] says why.
    pub packets_dropped: u64,
}

/// Lost packets of a leg: the source's, which it asked for, or a target's, which it answered for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RepairStats {
    /// Source: packets that were overtaken.
    pub packets_missing: u64,
    /// Source: those that came after all, late or sent again.
    pub packets_recovered: u64,
    /// Source: those that are asked for no more.
    pub packets_given_up: u64,
    /// Sequence numbers asked for, by us of the source, or by the target of us.
    pub packets_requested: u64,
    /// Target: packets sent again.
    pub packets_resent: u64,
    /// Source: times that what was missing was left alone all at once, for a jump or an outage; their packets are among the missing
    /// and the given up as far as the numbers tell how many they are.
    pub resets: u64,
    /// Target: streams whose packets are sent again plainly, as the target took in none on RTX.
    pub rtx_fallbacks: u64,
}

impl RepairStats {
    fn of(counters: &NackCounters, rtx: &RtxCounters) -> Self {
        let (asking, answering) = (&counters.asking, &counters.answering);
        Self {
            packets_missing: asking.packets_missing,
            packets_recovered: asking.recovered_late + asking.recovered_rtx + asking.recovered_fec,
            packets_given_up: asking.given_up,
            packets_requested: asking.packets_requested + answering.packets_requested,
            packets_resent: answering.packets_resent,
            resets: asking.resets,
            rtx_fallbacks: rtx.sent.fallbacks,
        }
    }
}

impl Leg {
    /// How the leg stands, while its session runs and afterwards.
    pub(super) fn snapshot(&self, stats: &StatsHandle) -> LegStats {
        let read = |nack: &mut Nack, streams: Streams<'_, Nack>| nack.counters(&streams);
        let read_rtx = |rtx: &mut Rtx, streams: Streams<'_, Rtx>| rtx.counters(&streams);
        let (repair, rtx) =
            self.session.with_chain(|chain, _| (chain.with_streams(read), chain.with_streams(read_rtx)));
        // First: what the session takes for sent and the link holds back is never less than what the link says.
        let link = self.link.counts();
        let counters = self.session.counters();
        let book = match self.role {
            Role::Source => self.tally.source_book(&counters, &self.limit.kept()),
            Role::Target => self.tally.target_book(&counters, &self.limit.kept(), &link),
        };
        let transport = TransportStats {
            datagrams_received: counters.received_datagrams,
            bytes_received: counters.received_bytes,
            datagrams_sent: counters.sent_datagrams.saturating_sub(link.unsent()),
            bytes_sent: counters.sent_bytes.saturating_sub(link.bytes),
            datagrams_rejected: counters.rejected_datagrams,
            datagrams_malformed: counters.chain.malformed_datagrams
                + counters.chain.malformed_rtcp_packets
                + counters.chain.foreign_datagrams,
            extensions_malformed: counters.chain.malformed_extensions,
            send_errors: counters.send_errors,
            datagrams_overflowed: self.kernel_drops.read(),
            datagrams_held: self.peers.held() as u64,
            packets_dropped: book.lost(),
        };
        LegStats {
            id: self.id().to_string(),
            role: self.role,
            local: self.local,
            peer: self.peers.media(),
            transport,
            rejected_hosts: self.peers.rejected(),
            rules: Some(self.link.rules()).filter(|rules| !rules.is_clear()),
            book,
            limit: self.limit.stats(),
            streams: self.tally.streams(),
            repair: repair.map(|nack| RepairStats::of(&nack, &rtx.unwrap_or_default())).unwrap_or_default(),
            fec: self.fec.stats(),
            stats: stats.connection(self.id()).or_else(|| self.ledger.last()),
            ended: self.ledger.ended(),
        }
    }
}
