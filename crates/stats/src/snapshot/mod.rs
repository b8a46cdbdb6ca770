//! What a reader gets: plain values under their W3C names.

mod connection;
mod inbound;
mod outbound;
#[cfg(feature = "serde")]
mod serialize;

use std::sync::Arc;

pub use connection::{ConnectionStats, InterceptorErrors};
pub use inbound::{InboundRtp, RemoteOutboundRtp};
pub use outbound::{OutboundRtp, RemoteInboundRtp};

/// Audio or video, from the stream's MIME type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum MediaKind {
    /// `audio/…`
    Audio,
    /// `video/…`
    Video,
}

impl MediaKind {
    /// The kind that a MIME type starts with, `None` for any other and for an empty one.
    #[must_use]
    pub fn of(mime_type: &str) -> Option<Self> {
        match mime_type.split('/').next() {
            Some(kind) if kind.eq_ignore_ascii_case("audio") => Some(Self::Audio),
            Some(kind) if kind.eq_ignore_ascii_case("video") => Some(Self::Video),
            _ => None,
        }
    }

    /// `audio` or `video`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Audio => "audio",
            Self::Video => "video",
        }
    }
}

/// All that is known of the streams of one SSRC: the remote (incoming) one, the local (outgoing) one, or both.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub struct StreamStats {
    /// The remote stream as this end receives it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub inbound_rtp: Option<InboundRtp>,
    /// The remote stream as its sender reports it; `None` before its first SR.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub remote_outbound_rtp: Option<RemoteOutboundRtp>,
    /// The local stream as this end sends it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub outbound_rtp: Option<OutboundRtp>,
    /// The local stream as its receiver reports it; `None` before its first report block.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub remote_inbound_rtp: Option<RemoteInboundRtp>,
}

/// A stream was unbound: raised as a chain event with the stream's last statistics.
///
/// Take it with [`Event::raised`](interceptor_core::Event::raised).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamEnded {
    /// The connection's id.
    pub connection: Arc<str>,
    /// The stream's last statistics.
    pub stats: StreamStats,
}

/// A chain was closed: raised as a chain event with the last statistics of the connection and of all streams that were
/// still bound.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ConnectionEnded {
    /// The connection's last statistics.
    pub stats: ConnectionStats,
}
