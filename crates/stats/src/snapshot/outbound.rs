//! A local stream: as this end sends it, and as its receiver reports it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::MediaKind;

/// A local stream as this end sends it (W3C `outbound-rtp`), retransmissions and repair packets included.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "type", rename = "outbound-rtp", rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct OutboundRtp {
    /// `O` and the media SSRC.
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
    /// The SSRC of repair packets, when negotiated. Not W3C.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub fec_ssrc: Option<u32>,
    /// The [`RemoteInboundRtp::id`] of this stream, once there is one.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub remote_id: Option<String>,
    /// RTP packets of all the stream's SSRCs: media, retransmissions, repair, padding.
    pub packets_sent: u64,
    /// Payload bytes of these, without headers and padding.
    pub bytes_sent: u64,
    /// Bytes of RTP headers and padding of these.
    pub header_bytes_sent: u64,
    /// Packets on the RTX SSRC, and plain repeats on the media SSRC.
    pub retransmitted_packets_sent: u64,
    /// Payload bytes of these, the two of the original sequence number included.
    pub retransmitted_bytes_sent: u64,
    /// Packets on the FEC SSRC. Not W3C.
    pub fec_packets_sent: u64,
    /// Payload bytes of these. Not W3C.
    pub fec_bytes_sent: u64,
    /// NACK packets (not sequence numbers) received for this stream.
    pub nack_count: u64,
    /// PLI packets received for this stream.
    pub pli_count: u64,
    /// FIR entries (RFC 5104 §4.3.1) received for this stream.
    pub fir_count: u64,
    /// What the congestion controller allows this stream, in bits a second; where it shares nothing out, the connection's
    /// target while no other local stream is bound.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub target_bitrate: Option<u64>,
    /// When the last packet, of whichever SSRC, was sent. Not W3C.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "super::serialize::optional_millis", skip_serializing_if = "Option::is_none")
    )]
    pub last_packet_sent_timestamp: Option<SystemTime>,
    /// Packets sent marked ECT(1).
    pub packets_sent_with_ect1: u64,
    /// Packets a second in the last complete rate window; `None` before the first has ended. Not W3C.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub packets_per_second: Option<f64>,
    /// Payload bits a second in that window. Not W3C.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub bits_per_second: Option<f64>,
}

/// A local stream as its receiver reports it (W3C `remote-inbound-rtp`).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(tag = "type", rename = "remote-inbound-rtp", rename_all = "camelCase")
)]
#[non_exhaustive]
pub struct RemoteInboundRtp {
    /// `RI` and the media SSRC.
    pub id: String,
    /// When the last report block came.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::millis"))]
    pub timestamp: SystemTime,
    /// The media SSRC.
    pub ssrc: u32,
    /// Audio or video, when the MIME type tells.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub kind: Option<MediaKind>,
    /// The [`OutboundRtp::id`] of this stream.
    pub local_id: String,
    /// Packets that the receiver has got: those sent up to the highest number that it reports, less those it reports
    /// lost; never negative.
    pub packets_received: u64,
    /// Cumulative loss as reported: 24 bits with sign.
    pub packets_lost: i64,
    /// Loss since the report before: 0 to 255 256ths.
    pub fraction_lost: f64,
    /// Interarrival jitter as reported; zero while the clock rate is unknown. Seconds in JSON.
    #[cfg_attr(feature = "serde", serde(serialize_with = "super::serialize::seconds"))]
    pub jitter: Duration,
    /// Report blocks received. Not W3C.
    pub reports_received: u64,
    /// The last round-trip time from LSR and DLSR (RFC 3550 §6.4.1). Seconds in JSON.
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
    /// How many there were: blocks whose LSR is not 0.
    pub round_trip_time_measurements: u64,
}
