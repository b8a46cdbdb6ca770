//! What makes the interceptors of a connection, and what it wants to be negotiated for them.

use std::sync::Arc;
use std::time::Instant;

use interceptor_packet::NtpTime;

use crate::config::derive;
use crate::{BuildError, ChainConfig, Interceptor, Stage};

/// Makes one interceptor for each connection. Options are checked when the factory is made, so `build` fails only
/// for what depends on the connection.
pub trait Factory: Send + Sync + 'static {
    /// What it makes.
    type Interceptor: Interceptor;

    /// Names the interceptor in layouts, errors and events.
    fn name(&self) -> &'static str;

    /// Where it stands by default; [`Registry::add_at`](crate::Registry::add_at) overrides it.
    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    /// What both ends have to agree on for the interceptor to be of use: who writes SDP offers it. Default: nothing.
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }

    /// Makes the interceptor of one connection.
    ///
    /// # Errors
    /// When this connection cannot be served.
    fn build(&self, cx: &BuildContext<'_>) -> Result<Self::Interceptor, BuildError>;
}

/// Something that SDP negotiates.
///
/// ```
/// use interceptor_core::{Media, Need};
/// let nack = Need::feedback(Media::Video, "nack", "pli");
/// assert_eq!(nack.to_string(), "video: a=rtcp-fb nack pli");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Need {
    /// RTCP feedback, `a=rtcp-fb`.
    #[non_exhaustive]
    Feedback {
        /// For which media.
        media: Media,
        /// `nack`, `ccm`, `transport-cc`, …
        kind: &'static str,
        /// `pli`, `fir`, … or empty.
        parameter: &'static str,
    },
    /// A header extension, `a=extmap`.
    #[non_exhaustive]
    HeaderExtension {
        /// For which media.
        media: Media,
        /// What it carries.
        uri: &'static str,
    },
    /// A payload type of this codec, for each of the media's own where it repairs or wraps them (`rtx`, `red`, `flexfec-03`).
    #[non_exhaustive]
    Codec {
        /// For which media.
        media: Media,
        /// The codec as in `a=rtpmap`, without the clock.
        name: &'static str,
    },
}

/// Which media sections a [`Need`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Media {
    /// All of them.
    Any,
    /// `m=audio`.
    Audio,
    /// `m=video`.
    Video,
}

impl Need {
    /// RTCP feedback; `parameter` is empty for the plain form.
    #[must_use]
    pub const fn feedback(media: Media, kind: &'static str, parameter: &'static str) -> Self {
        Self::Feedback { media, kind, parameter }
    }

    /// A header extension.
    #[must_use]
    pub const fn header_extension(media: Media, uri: &'static str) -> Self {
        Self::HeaderExtension { media, uri }
    }

    /// A codec that repairs or wraps the media's own.
    #[must_use]
    pub const fn codec(media: Media, name: &'static str) -> Self {
        Self::Codec { media, name }
    }
}

impl std::fmt::Display for Media {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::Audio => "audio",
            Self::Video => "video",
        })
    }
}

impl std::fmt::Display for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Feedback { media, kind, parameter: "" } => write!(f, "{media}: a=rtcp-fb {kind}"),
            Self::Feedback { media, kind, parameter } => write!(f, "{media}: a=rtcp-fb {kind} {parameter}"),
            Self::HeaderExtension { media, uri } => write!(f, "{media}: a=extmap {uri}"),
            Self::Codec { media, name } => write!(f, "{media}: a=rtpmap {name}"),
        }
    }
}

/// What a factory may know of the connection that it builds for.
#[derive(Clone, Copy, Debug)]
pub struct BuildContext<'a> {
    config: &'a ChainConfig,
    now: Instant,
    index: u64,
}

impl<'a> BuildContext<'a> {
    /// For the interceptor number `index` of a connection, built at `now`.
    pub(crate) const fn new(config: &'a ChainConfig, now: Instant, index: u64) -> Self {
        Self { config, now, index }
    }

    /// The connection's name.
    #[must_use]
    pub const fn connection_id(&self) -> &'a Arc<str> {
        &self.config.id
    }

    /// The instant of building: that of the chain, or a later one for who is inserted into a running chain.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Wall-clock time at [`now`](Self::now).
    #[must_use]
    pub fn ntp(&self) -> NtpTime {
        self.config.ntp_at(self.now)
    }

    /// A seed of this interceptor's own.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        derive(self.config.seed, 0x100 + self.index)
    }

    /// The SDES CNAME of this end.
    #[must_use]
    pub fn cname(&self) -> &'a str {
        &self.config.cname
    }

    /// The SSRC that all feedback of the connection carries.
    #[must_use]
    pub const fn sender_ssrc(&self) -> u32 {
        self.config.sender_ssrc
    }

    /// The largest datagram, in bytes of UDP payload.
    #[must_use]
    pub const fn mtu(&self) -> usize {
        self.config.mtu
    }

    /// Was reduced-size RTCP negotiated (RFC 5506)?
    #[must_use]
    pub const fn reduced_size_rtcp(&self) -> bool {
        self.config.reduced_size_rtcp
    }

    /// The whole configuration.
    #[must_use]
    pub const fn config(&self) -> &'a ChainConfig {
        self.config
    }
}
