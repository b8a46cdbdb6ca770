//! What is told of a relay, as messages.

use std::time::Duration;

use interceptor_stats::ConnectionStats;

use super::generated as proto;
use crate::relay::leg::{Leg, Role};
use crate::relay::{LegLimit, LegStats, PacketBook, RelayHandle, TargetRules};

pub(super) fn watch(relay: &RelayHandle, skipped: u64) -> proto::WatchResponse {
    let stats = relay.stats();
    let legs = stats.legs.iter().zip(relay.0.legs()).map(|(stats, leg)| leg_stats(stats, leg)).collect();
    proto::WatchResponse { uptime: stats.uptime, legs, skipped }
}

pub(super) fn legs(relay: &RelayHandle) -> proto::LegsResponse {
    let stats = relay.stats();
    let legs = stats.legs.iter().zip(relay.0.legs()).map(|(stats, leg)| proto::Leg {
        id: stats.id.clone(),
        local: stats.local.to_string(),
        peer: stats.peer.map(|peer| peer.to_string()),
        rules: rules_of(leg),
        limit: Some(limit(&leg.limit.get())),
        ssrcs: stats
            .stats
            .as_ref()
            .map(streams)
            .unwrap_or_default()
            .iter()
            .map(|stream| stream.ssrc)
            .collect(),
    });
    proto::LegsResponse { legs: legs.collect() }
}

pub(super) fn rules(rules: &TargetRules) -> proto::Rules {
    proto::Rules {
        loss: rules.loss,
        burst: rules.burst,
        delay_ms: millis(rules.delay),
        jitter_ms: millis(rules.jitter),
        seed: rules.seed,
    }
}

pub(super) fn limit(limit: &LegLimit) -> proto::Limit {
    proto::Limit {
        bits_per_second: limit.bits_per_second,
        packets_per_second: limit.packets_per_second,
        stream_bits_per_second: limit.stream_bits_per_second,
        stream_packets_per_second: limit.stream_packets_per_second,
        burst_ms: Some(millis(limit.burst)),
    }
}

fn rules_of(leg: &Leg) -> Option<proto::Rules> {
    (leg.role == Role::Target).then(|| rules(&leg.link.rules()))
}

/// Exact to the nanosecond: 7.1 ms is 7.1.
pub(crate) fn millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

fn leg_stats(stats: &LegStats, leg: &Leg) -> proto::LegStats {
    let (transport, repair) = (&stats.transport, &stats.repair);
    proto::LegStats {
        id: stats.id.clone(),
        peer: stats.peer.map(|peer| peer.to_string()),
        book: Some(book(&stats.book)),
        transport: Some(proto::Transport {
            datagrams_received: transport.datagrams_received,
            bytes_received: transport.bytes_received,
            datagrams_sent: transport.datagrams_sent,
            bytes_sent: transport.bytes_sent,
            datagrams_rejected: transport.datagrams_rejected,
            datagrams_malformed: transport.datagrams_malformed,
            send_errors: transport.send_errors,
        }),
        repair: Some(proto::Repair {
            packets_missing: repair.packets_missing,
            packets_recovered: repair.packets_recovered,
            packets_given_up: repair.packets_given_up,
            packets_requested: repair.packets_requested,
            packets_resent: repair.packets_resent,
        }),
        streams: stats.stats.as_ref().map(streams).unwrap_or_default(),
        rules: rules_of(leg),
    }
}

const fn book(book: &PacketBook) -> proto::PacketBook {
    proto::PacketBook {
        packets_in: book.packets_in,
        packets_made: book.packets_made,
        packets_out: book.packets_out,
        packets_waiting: book.packets_waiting,
        packets_consumed: book.packets_consumed,
        packets_unproven: book.packets_unproven,
        packets_unbound: book.packets_unbound,
        packets_rejected: book.packets_rejected,
        packets_stray: book.packets_stray,
        packets_unread: book.packets_unread,
        packets_overflowed: book.packets_overflowed,
        packets_refused: book.packets_refused,
        packets_discarded: book.packets_discarded,
        packets_impaired: book.packets_impaired,
        packets_at_close: book.packets_at_close,
        packets_limited: book.packets_limited,
    }
}

/// A leg has streams one way only.
fn streams(connection: &ConnectionStats) -> Vec<proto::StreamStats> {
    let inbound = connection.inbound_rtp.iter().map(|stream| proto::StreamStats {
        ssrc: stream.ssrc,
        name: stream.name.to_string(),
        packets: stream.packets_received,
        bytes: stream.bytes_received,
        packets_lost: stream.packets_lost,
        jitter: Some(stream.jitter.as_secs_f64()),
        round_trip_time: connection.current_round_trip_time.map(|time| time.as_secs_f64()),
    });
    let outbound = connection.outbound_rtp.iter().map(|stream| {
        let remote = connection.remote_inbound_rtp.iter().find(|remote| remote.ssrc == stream.ssrc);
        proto::StreamStats {
            ssrc: stream.ssrc,
            name: stream.name.to_string(),
            packets: stream.packets_sent,
            bytes: stream.bytes_sent,
            packets_lost: remote.map_or(0, |remote| remote.packets_lost),
            jitter: remote.map(|remote| remote.jitter.as_secs_f64()),
            round_trip_time: remote.and_then(|remote| remote.round_trip_time).map(|time| time.as_secs_f64()),
        }
    });
    inbound.chain(outbound).collect()
}
