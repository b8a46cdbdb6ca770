//! A connection with all its streams.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{InboundRtp, OutboundRtp, RemoteInboundRtp, RemoteOutboundRtp};

/// A connection and all its streams, each list in the order of SSRCs.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "type", rename = "connection", rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct ConnectionStats {
    /// The connection's id, from [`ChainConfig`](interceptor_core::ChainConfig).
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::text"))]
    pub id: Arc<str>,
    /// When the connection last did anything: a packet, a report, the end of a rate window.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::millis"))]
    pub timestamp: SystemTime,
    /// What the congestion controller allows to be sent, in bits a second, once it has published it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub available_outgoing_bitrate: Option<u64>,
    /// What this end has last told the sender that it can take (REMB), in bits a second.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub available_incoming_bitrate: Option<u64>,
    /// The newest round-trip time that any interceptor has published. Seconds in JSON.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize::optional_seconds",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub current_round_trip_time: Option<Duration>,
    /// RTCP datagrams sent, those of all interceptors included.
    pub rtcp_packets_sent: u64,
    /// Bytes of these.
    pub rtcp_bytes_sent: u64,
    /// RTCP datagrams received.
    pub rtcp_packets_received: u64,
    /// Bytes of these.
    pub rtcp_bytes_received: u64,
    /// Reports, report blocks, feedback messages and answers to a clock received about streams that are not bound;
    /// ignored. In a session of more than two that includes what the others tell one another.
    pub unknown_ssrcs: u64,
    /// Datagrams that look like RTP or RTCP but are malformed.
    pub malformed_datagrams: u64,
    /// Malformed sub-packets of readable RTCP datagrams.
    pub malformed_rtcp_packets: u64,
    /// Datagrams of other protocols.
    pub foreign_datagrams: u64,
    /// RTP packets received whose SSRC is not bound.
    pub unbound_packets_received: u64,
    /// RTP packets sent whose SSRC is not bound.
    pub unbound_packets_sent: u64,
    /// Errors that hooks of any interceptor returned; the packets went on.
    pub hook_errors: u64,
    /// Interceptors that panicked and are bypassed.
    pub panics: u64,
    /// `hook_errors` by interceptor, those without any left out.
    pub interceptor_errors: Vec<InterceptorErrors>,
    /// The remote streams as this end receives them.
    pub inbound_rtp: Vec<InboundRtp>,
    /// The local streams as this end sends them.
    pub outbound_rtp: Vec<OutboundRtp>,
    /// The local streams as their receivers report them.
    pub remote_inbound_rtp: Vec<RemoteInboundRtp>,
    /// The remote streams as their senders report them.
    pub remote_outbound_rtp: Vec<RemoteOutboundRtp>,
}

/// How often the hooks of one interceptor have returned an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub struct InterceptorErrors {
    /// The interceptor's name.
    pub interceptor: &'static str,
    /// Its errors.
    pub errors: u64,
}

impl InterceptorErrors {
    pub(crate) const fn new(interceptor: &'static str, errors: u64) -> Self {
        Self { interceptor, errors }
    }
}
