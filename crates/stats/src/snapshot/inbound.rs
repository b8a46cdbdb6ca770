//! A remote stream: as this end receives it, and as its sender reports it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::MediaKind;

/// A remote stream as this end receives it (W3C `inbound-rtp`). Retransmissions and repair packets come under SSRCs of
/// their own and are part of their media stream.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "type", rename = "inbound-rtp", rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct InboundRtp {
    /// `I` and the media SSRC.
    pub id: String,
    /// When the stream last did anything, or the connection: RTCP, the end of a rate window.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::millis"))]
    pub timestamp: SystemTime,
    /// The media SSRC.
    pub ssrc: u32,
    /// Audio or video, when the MIME type tells.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<MediaKind>,
    /// The stream's name; empty when it has none. Not W3C.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::text"))]
    pub name: Arc<str>,
    /// The SSRC of retransmissions, when negotiated.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub rtx_ssrc: Option<u32>,
    /// The SSRC of repair packets, when negotiated.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub fec_ssrc: Option<u32>,
    /// The [`RemoteOutboundRtp::id`] of this stream, once there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub remote_id: Option<String>,
    /// RTP packets of all the stream's SSRCs: media, retransmissions, repair, padding, duplicates.
    pub packets_received: u64,
    /// Payload bytes of these, without headers and padding.
    pub bytes_received: u64,
    /// Bytes of RTP headers and padding of these.
    pub header_bytes_received: u64,
    /// Packets expected less packets received on the media SSRC (RFC 3550 A.3), before any repair. Negative when
    /// duplicates outnumber losses. When the sender restarts its numbers the sum goes on.
    pub packets_lost: i64,
    /// Interarrival jitter of the media SSRC (RFC 3550 §6.4.1), by the [rule](crate::StatsOptions::jitter) in force.
    /// Zero while the clock rate is unknown. Seconds in JSON.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::seconds"))]
    pub jitter: Duration,
    /// Packets that came too late or too early to play: what a jitter buffer in the chain tells
    /// ([`Playout`](interceptor_core::Playout)), and what a playout stage outside of it has reported with
    /// [`StatsHandle::add_discarded`](crate::StatsHandle::add_discarded).
    pub packets_discarded: u64,
    /// The time that packets spent in the chain's jitter buffer, added up over those that it emitted; twice a second.
    /// `None` until one has told. Seconds in JSON.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize::optional_seconds",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub jitter_buffer_delay: Option<Duration>,
    /// The delay that it aimed at when each was emitted, added up.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize::optional_seconds",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub jitter_buffer_target_delay: Option<Duration>,
    /// The delay that jitter alone asked for when each was emitted, added up.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize::optional_seconds",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub jitter_buffer_minimum_delay: Option<Duration>,
    /// Packets that it emitted; W3C counts samples and frames.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub jitter_buffer_emitted_count: Option<u64>,
    /// Media packets whose number had come before, on the media SSRC or as a retransmission. Not W3C.
    pub packets_duplicated: u64,
    /// Media packets that came behind a newer one, and were no duplicates. Not W3C.
    pub packets_reordered: u64,
    /// When the last packet, of whichever SSRC, arrived.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "super::serialize::optional_millis", skip_serializing_if = "Option::is_none")
    )]
    pub last_packet_received_timestamp: Option<SystemTime>,
    /// Packets on the RTX SSRC, padding and probes included.
    pub retransmitted_packets_received: u64,
    /// Payload bytes of these, the two of the original sequence number included.
    pub retransmitted_bytes_received: u64,
    /// Packets on the FEC SSRC.
    pub fec_packets_received: u64,
    /// Payload bytes of these.
    pub fec_bytes_received: u64,
    /// Lost media packets that a retransmission brought back: each hole that an RTX packet's original sequence
    /// number has filled. Not W3C.
    pub packets_recovered_by_rtx: u64,
    /// Lost media packets that repair packets brought back. They never cross the wire, so this counts only where
    /// the interceptor stands above [`Stage::FEC`](interceptor_core::Stage::FEC); 0 otherwise. Not W3C.
    pub packets_recovered_by_fec: u64,
    /// NACK packets (not sequence numbers) sent for this stream.
    pub nack_count: u64,
    /// PLI packets sent for this stream.
    pub pli_count: u64,
    /// FIR entries (RFC 5104 §4.3.1) sent for this stream.
    pub fir_count: u64,
    /// Packets that came marked ECT(0). Not W3C.
    pub packets_received_with_ect0: u64,
    /// Packets that came marked ECT(1).
    pub packets_received_with_ect1: u64,
    /// Packets that came marked congestion experienced.
    pub packets_received_with_ce: u64,
    /// Packets a second in the last complete rate window; `None` before the first has ended. Not W3C.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub packets_per_second: Option<f64>,
    /// Payload bits a second in that window. Not W3C.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub bits_per_second: Option<f64>,
}

/// A remote stream as its sender reports it (W3C `remote-outbound-rtp`).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "type", rename = "remote-outbound-rtp", rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct RemoteOutboundRtp {
    /// `RO` and the media SSRC.
    pub id: String,
    /// When the last SR or round-trip measurement came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::millis"))]
    pub timestamp: SystemTime,
    /// The media SSRC.
    pub ssrc: u32,
    /// Audio or video, when the MIME type tells.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<MediaKind>,
    /// The [`InboundRtp::id`] of this stream.
    pub local_id: String,
    /// The packet count of the last SR, with its wraps at 2^32 unwrapped.
    pub packets_sent: u64,
    /// The octet count of the last SR, with its wraps at 2^32 unwrapped: payload without padding.
    pub bytes_sent: u64,
    /// The sender's clock at the last SR; `None` before the first.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "super::serialize::optional_millis", skip_serializing_if = "Option::is_none")
    )]
    pub remote_timestamp: Option<SystemTime>,
    /// SRs received.
    pub reports_sent: u64,
    /// The last round-trip time from a DLRR block (RFC 3611 §4.5). Seconds in JSON.
    #[cfg_attr(
        feature = "serde",
        serde(
            serialize_with = "super::serialize::optional_seconds",
            skip_serializing_if = "Option::is_none"
        )
    )]
    pub round_trip_time: Option<Duration>,
    /// The sum of all these.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::seconds"))]
    pub total_round_trip_time: Duration,
    /// How many there were.
    pub round_trip_time_measurements: u64,
}
