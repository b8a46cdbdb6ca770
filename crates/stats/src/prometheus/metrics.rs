//! The metrics that there are, and where in a snapshot their values stand.

use std::time::Duration;

use crate::{ConnectionStats, InboundRtp, OutboundRtp, RemoteInboundRtp, RemoteOutboundRtp};

/// A stream of either direction with what the far end says about it.
pub(super) enum View<'a> {
    Inbound(&'a InboundRtp, Option<&'a RemoteOutboundRtp>),
    Outbound(&'a OutboundRtp, Option<&'a RemoteInboundRtp>),
}

pub(super) struct Counter {
    /// Without `_total`, which the encoder adds.
    pub(super) name: &'static str,
    pub(super) help: &'static str,
}

pub(super) struct Gauge {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) value: fn(&View<'_>) -> Option<f64>,
    /// How the values of several streams become one.
    pub(super) join: fn(f64, f64) -> f64,
}

const fn counter(name: &'static str, help: &'static str) -> Counter {
    Counter { name, help }
}

/// Of inbound and outbound streams; `None` where a direction has no such count.
type StreamCount = (fn(&InboundRtp) -> Option<u64>, fn(&OutboundRtp) -> Option<u64>);

pub(super) const COUNTERS: [(Counter, StreamCount); 14] = [
    (counter("rtp_packets", "RTP packets"), (|s| Some(s.packets_received), |s| Some(s.packets_sent))),
    (counter("rtp_payload_bytes", "RTP payload bytes"), (|s| Some(s.bytes_received), |s| Some(s.bytes_sent))),
    (
        counter("rtp_header_bytes", "Bytes of RTP headers and padding"),
        (|s| Some(s.header_bytes_received), |s| Some(s.header_bytes_sent)),
    ),
    (
        counter("rtp_retransmitted_packets", "Retransmitted RTP packets"),
        (|s| Some(s.retransmitted_packets_received), |s| Some(s.retransmitted_packets_sent)),
    ),
    (
        counter("rtp_retransmitted_bytes", "Payload bytes of retransmitted RTP packets"),
        (|s| Some(s.retransmitted_bytes_received), |s| Some(s.retransmitted_bytes_sent)),
    ),
    (
        counter("rtp_fec_packets", "Repair packets"),
        (|s| Some(s.fec_packets_received), |s| Some(s.fec_packets_sent)),
    ),
    (
        counter("rtp_fec_bytes", "Payload bytes of repair packets"),
        (|s| Some(s.fec_bytes_received), |s| Some(s.fec_bytes_sent)),
    ),
    (
        counter("rtp_nacks", "NACK packets about the streams"),
        (|s| Some(s.nack_count), |s| Some(s.nack_count)),
    ),
    (counter("rtp_plis", "PLI packets about the streams"), (|s| Some(s.pli_count), |s| Some(s.pli_count))),
    (counter("rtp_firs", "FIR entries about the streams"), (|s| Some(s.fir_count), |s| Some(s.fir_count))),
    (counter("rtp_duplicated_packets", "Duplicates received"), (|s| Some(s.packets_duplicated), |_| None)),
    (counter("rtp_reordered_packets", "Packets received late"), (|s| Some(s.packets_reordered), |_| None)),
    (
        counter("rtp_discarded_packets", "Packets that came too late or too early to play"),
        (|s| Some(s.packets_discarded), |_| None),
    ),
    (
        counter("rtp_recovered_packets", "Lost packets brought back by retransmission or repair"),
        (|s| Some(s.packets_recovered_by_rtx + s.packets_recovered_by_fec), |_| None),
    ),
];

pub(super) const GAUGES: [Gauge; 4] = [
    Gauge {
        name: "rtp_lost_packets",
        help: "Packets lost before repair; outbound: as the receiver reports",
        value: |view| match view {
            View::Inbound(stream, _) => Some(stream.packets_lost as f64),
            View::Outbound(_, remote) => remote.map(|remote| remote.packets_lost as f64),
        },
        join: |a, b| a + b,
    },
    Gauge {
        name: "rtp_jitter_seconds",
        help: "Interarrival jitter; outbound: as the receiver reports",
        value: |view| match view {
            View::Inbound(stream, _) => Some(stream.jitter.as_secs_f64()),
            View::Outbound(_, remote) => remote.map(|remote| remote.jitter.as_secs_f64()),
        },
        join: f64::max,
    },
    Gauge {
        name: "rtp_round_trip_time_seconds",
        help: "The last round-trip time",
        value: |view| {
            let rtt = match view {
                View::Inbound(_, remote) => remote.and_then(|remote| remote.round_trip_time),
                View::Outbound(_, remote) => remote.and_then(|remote| remote.round_trip_time),
            };
            rtt.map(|rtt: Duration| rtt.as_secs_f64())
        },
        join: f64::max,
    },
    Gauge {
        name: "rtp_bits_per_second",
        help: "Payload bits a second in the last rate window",
        value: |view| match view {
            View::Inbound(stream, _) => stream.bits_per_second,
            View::Outbound(stream, _) => stream.bits_per_second,
        },
        join: |a, b| a + b,
    },
];

/// Of a connection.
type ConnectionCount = fn(&ConnectionStats) -> u64;

pub(super) const CONNECTION_COUNTERS: [(Counter, ConnectionCount); 12] = [
    (counter("rtcp_sent_packets", "RTCP datagrams sent"), |c| c.rtcp_packets_sent),
    (counter("rtcp_sent_bytes", "Bytes of RTCP datagrams sent"), |c| c.rtcp_bytes_sent),
    (counter("rtcp_received_packets", "RTCP datagrams received"), |c| c.rtcp_packets_received),
    (counter("rtcp_received_bytes", "Bytes of RTCP datagrams received"), |c| c.rtcp_bytes_received),
    (
        counter("rtcp_unbound_messages", "Reports and feedback received about streams that are not bound"),
        |c| c.unknown_ssrcs,
    ),
    (counter("rtp_malformed_datagrams", "Malformed RTP and RTCP datagrams"), |c| c.malformed_datagrams),
    (counter("rtcp_malformed_packets", "Malformed sub-packets of readable RTCP datagrams"), |c| {
        c.malformed_rtcp_packets
    }),
    (counter("rtp_foreign_datagrams", "Datagrams of other protocols"), |c| c.foreign_datagrams),
    (counter("rtp_unbound_packets", "RTP packets received of SSRCs that are not bound"), |c| {
        c.unbound_packets_received
    }),
    (counter("rtp_unbound_sent_packets", "RTP packets sent of SSRCs that are not bound"), |c| {
        c.unbound_packets_sent
    }),
    (counter("rtp_hook_errors", "Errors that interceptors returned"), |c| c.hook_errors),
    (counter("rtp_panics", "Interceptors that panicked"), |c| c.panics),
];
