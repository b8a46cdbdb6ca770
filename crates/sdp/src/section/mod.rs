//! One media section of a description: what its author sends and takes, with which payload types, and how.

pub(crate) mod assigned;
mod bandwidth;
mod extension;
mod feedback;
pub(crate) mod format;
mod repair;
mod simulcast;
mod source;
mod transport;

use std::net::IpAddr;

use interceptor_core::Media;
use sdp_types::Direction;

pub use self::bandwidth::Bandwidth;
pub use self::extension::Extension;
pub use self::feedback::Feedback;
pub use self::format::Format;
pub use self::simulcast::{Alternative, Rid, Simulcast};
pub use self::source::{Msid, Source, SourceGroup};
pub use self::transport::{Connectivity, RtcpAddress};

/// A media section (`m=`) with what it inherits from the lines before the first section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// Its place among the sections, from 0.
    pub index: usize,
    /// `audio`, `video`, `application`, … as written.
    pub media: String,
    /// The port: 0 of a section that is rejected or only bundled, 9 of one that ICE will place.
    pub port: u16,
    /// The transport, such as `RTP/AVPF` or `UDP/TLS/RTP/SAVPF`.
    pub proto: String,
    /// Where packets are wanted; `None` when no line says so, or when it is a name.
    pub address: Option<IpAddr>,
    /// `a=mid`; empty when there is none.
    pub mid: String,
    /// Who sends, as its author sees it.
    pub direction: Direction,
    /// The payload types in the order of the `m=` line, which is that of preference, then those that only `a=rtpmap` names. Empty
    /// of what is no RTP.
    pub formats: Vec<Format>,
    /// `a=rtcp-fb`.
    pub feedback: Vec<Feedback>,
    /// `a=extmap`, those of the session first.
    pub extensions: Vec<Extension>,
    /// `a=ssrc`.
    pub sources: Vec<Source>,
    /// `a=ssrc-group`.
    pub source_groups: Vec<SourceGroup>,
    /// `a=msid`.
    pub msids: Vec<Msid>,
    /// `a=rid`.
    pub rids: Vec<Rid>,
    /// `a=simulcast`; empty when there is none.
    pub simulcast: Simulcast,
    /// `a=rtcp`.
    pub rtcp: Option<RtcpAddress>,
    /// `a=rtcp-mux` or `a=rtcp-mux-only`: RTP and RTCP share a port (RFC 5761).
    pub rtcp_mux: bool,
    /// `a=rtcp-rsize`: feedback may leave without a report before it (RFC 5506).
    pub rtcp_rsize: bool,
    /// The formats of `a=rtcp-xr`, such as `rcvr-rtt=all` (RFC 3611 §5.1).
    pub rtcp_xr: Vec<String>,
    /// `a=extmap-allow-mixed`: both forms of header extensions may come in one stream (RFC 8285 §4.1.2).
    pub mixed_extensions: bool,
    /// `a=bundle-only` (RFC 8843 §6): port 0 does not reject it.
    pub bundle_only: bool,
    /// `b=`, its own or the session's.
    pub bandwidth: Bandwidth,
    /// ICE and DTLS, its own or the session's.
    pub connectivity: Connectivity,
}

impl Section {
    /// Does it carry RTP?
    #[must_use]
    pub fn is_rtp(&self) -> bool {
        self.proto.split('/').any(|part| part.eq_ignore_ascii_case("RTP"))
    }

    /// Is its RTP encrypted (SAVP, SAVPF)?
    #[must_use]
    pub fn is_secure(&self) -> bool {
        let profile = self.proto.rsplit('/').next().unwrap_or_default();
        self.is_rtp() && (profile.eq_ignore_ascii_case("SAVP") || profile.eq_ignore_ascii_case("SAVPF"))
    }

    /// Are its keys negotiated by DTLS (`UDP/TLS/RTP/SAVPF`)?
    #[must_use]
    pub fn is_dtls(&self) -> bool {
        let has = |name: &str| self.proto.split('/').any(|part| part.eq_ignore_ascii_case(name));
        self.is_secure() && (has("TLS") || has("DTLS"))
    }

    /// Has its author rejected or stopped it (port 0)?
    #[must_use]
    pub const fn is_rejected(&self) -> bool {
        self.port == 0 && !self.bundle_only
    }

    /// Is it of this kind?
    #[must_use]
    pub fn is(&self, media: Media) -> bool {
        match media {
            Media::Audio => self.media.eq_ignore_ascii_case("audio"),
            Media::Video => self.media.eq_ignore_ascii_case("video"),
            Media::Any => true,
            _ => false,
        }
    }

    /// A payload type of it.
    #[must_use]
    pub fn format(&self, number: u8) -> Option<&Format> {
        self.formats.iter().find(|format| format.number == number)
    }

    /// The identifier of a header extension; `None` also of one that cannot be sent with.
    #[must_use]
    pub fn extension_id(&self, uri: &str) -> Option<u8> {
        self.extensions.iter().find(|extension| extension.uri == uri)?.wire_id()
    }

    /// The encodings that its author sends, or takes, side by side: those of `a=simulcast`, else all of `a=rid`.
    pub fn layers(&self, sends: bool) -> impl Iterator<Item = &Rid> {
        let streams = if sends { &self.simulcast.send } else { &self.simulcast.recv };
        let listed = move |rid: &Rid| streams.iter().flatten().any(|alternative| alternative.rid == rid.id);
        self.rids.iter().filter(move |rid| rid.sends == sends && (streams.is_empty() || listed(rid)))
    }
}
