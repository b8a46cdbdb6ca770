//! Answers to offers (RFC 3264, RFC 8829 §5.3): what both sides can, and nothing that was not offered.

mod accept;
mod answered;
mod codec;
mod endpoint;
mod error;
mod mirror;
mod source;
mod write;

use interceptor_core::{Codec, Need};

use self::accept::Wanted;
pub use self::answered::Answered;
pub use self::endpoint::Endpoint;
pub use self::error::{AnswerError, Refusal, RefusalReason};
pub use self::source::LocalSource;
use crate::{Description, Section};

/// An answer in the making.
///
/// It takes the codecs of the offer (or those of [`with_codecs`](Self::with_codecs)) with their payload types, and of feedback,
/// header extensions and repair what [`with`](Self::with) was told of. It receives what is offered; what it sends,
/// [`sending`](Self::sending) says.
///
/// ```
/// use interceptor_core::{Media, Need};
/// use interceptor_sdp::{Answer, Description, Endpoint, LocalSource};
///
/// let offer: Description = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 RTP/AVPF 96 97\r\na=mid:0\r\na=sendrecv\r\n\
///     a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 goog-remb\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n\
///     a=ssrc-group:FID 10 11\r\n".parse()?;
/// // `registry.needs()` says the same of a chain's interceptors.
/// let needs = [Need::feedback(Media::Video, "nack", ""), Need::codec(Media::Video, "rtx")];
/// let answered = Answer::to(&offer)
///     .with(&needs)
///     .at(Endpoint::at("192.0.2.1:4000".parse()?))
///     .sending("0", LocalSource::new(20).with_rtx(21))
///     .answer()?;
///
/// let text = answered.description.to_string();
/// assert!(text.contains("m=video 4000 RTP/AVPF 96 97\r\n") && text.contains("a=ssrc-group:FID 20 21\r\n"));
/// assert!(text.contains("a=rtcp-fb:96 nack\r\n") && !text.contains("goog-remb"));
/// assert_eq!(answered.remote[0].announced[0].ssrcs().collect::<Vec<_>>(), [10, 11]);
/// assert_eq!(answered.local[0].ssrcs().collect::<Vec<_>>(), [20, 21]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Answer<'a> {
    offer: &'a Description,
    wanted: Wanted,
    endpoint: Endpoint,
    endpoints: Vec<(Which, Endpoint)>,
    sources: Vec<(Which, LocalSource)>,
    refused: Vec<Which>,
    unread: Vec<Which>,
    cname: String,
    id: u64,
    version: u64,
    receiver_rtt: bool,
}

/// A section of an offer: by its `a=mid`, or by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Which {
    /// The section with this identification.
    Mid(String),
    /// The section at this place, from 0.
    Index(usize),
}

impl<'a> Answer<'a> {
    /// An answer to this offer.
    #[must_use]
    pub fn to(offer: &'a Description) -> Self {
        Self {
            offer,
            wanted: Wanted::default(),
            endpoint: Endpoint::default(),
            endpoints: Vec::new(),
            sources: Vec::new(),
            refused: Vec::new(),
            unread: Vec::new(),
            cname: String::new(),
            id: 1,
            version: 1,
            receiver_rtt: false,
        }
    }

    /// Takes this feedback, these header extensions, and these codecs that repair: those of
    /// [`Registry::needs`](interceptor_core::Registry::needs), and more that the application can make use of.
    #[must_use]
    pub fn with(mut self, needs: &[Need]) -> Self {
        self.wanted.needs.extend_from_slice(needs);
        self
    }

    /// Takes only these media codecs, the preferred one first; without, all that are offered. Payload types are the offer's; a clock
    /// rate of 0, no channels and no parameters stand for any. Parameters, where there are any, are answered instead of the
    /// offer's.
    #[must_use]
    pub fn with_codecs(mut self, codecs: impl IntoIterator<Item = Codec>) -> Self {
        self.wanted.codecs.get_or_insert_default().extend(codecs);
        self
    }

    /// The transport of this end.
    #[must_use]
    pub fn at(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = endpoint;
        self
    }

    /// The transport of one section, where sections do not share one.
    #[must_use]
    pub fn section_at(mut self, section: impl Into<Which>, endpoint: Endpoint) -> Self {
        self.endpoints.push((section.into(), endpoint));
        self
    }

    /// Sends this stream in a section, if the offer takes any there.
    #[must_use]
    pub fn sending(mut self, section: impl Into<Which>, source: LocalSource) -> Self {
        self.sources.push((section.into(), source));
        self
    }

    /// Takes nothing in this section.
    #[must_use]
    pub fn not_receiving(mut self, section: impl Into<Which>) -> Self {
        self.unread.push(section.into());
        self
    }

    /// Refuses this section.
    #[must_use]
    pub fn refusing(mut self, section: impl Into<Which>) -> Self {
        self.refused.push(section.into());
        self
    }

    /// The canonical name of what is sent: [`ChainConfig::cname`](interceptor_core::ChainConfig::cname). Without it none is said, or `-`
    /// where an SSRC would have no line (RFC 5576 §4.1).
    #[must_use]
    pub fn with_cname(mut self, cname: impl Into<String>) -> Self {
        self.cname = cname.into();
        self
    }

    /// The session's number and version (RFC 8866 §5.2): each answer of a connection has the same number, and a version higher by one
    /// than the last if it says anything else. Default 1 and 1.
    #[must_use]
    pub const fn with_origin(mut self, id: u64, version: u64) -> Self {
        (self.id, self.version) = (id, version);
        self
    }

    /// Answers `a=rtcp-xr:rcvr-rtt` (RFC 3611 §5.1): receivers may measure round trips, as `interceptor-report` does.
    #[must_use]
    pub const fn with_receiver_rtt(mut self) -> Self {
        self.receiver_rtt = true;
        self
    }

    /// The answer.
    ///
    /// # Errors
    /// What the caller has to change; an offer of which nothing can be taken is answered by refusing all.
    pub fn answer(self) -> Result<Answered, AnswerError> {
        write::answer(&self)
    }

    /// Everything that was said of a section is said of one that there is.
    fn check(&self) -> Result<(), AnswerError> {
        let sources = self.sources.iter().map(|(which, _)| which);
        let endpoints = self.endpoints.iter().map(|(which, _)| which);
        let mut named = sources.chain(endpoints).chain(&self.refused).chain(&self.unread);
        let unknown = named.find(|which| !self.offer.sections().iter().any(|section| which.is(section)));
        match unknown {
            Some(which) => Err(AnswerError::UnknownSection(which.to_string())),
            None => Ok(()),
        }
    }
}

impl Which {
    fn is(&self, section: &Section) -> bool {
        match self {
            Self::Mid(mid) => section.mid == *mid,
            Self::Index(index) => section.index == *index,
        }
    }
}

impl std::fmt::Display for Which {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mid(mid) => write!(f, "with mid {mid}"),
            Self::Index(index) => write!(f, "number {index}"),
        }
    }
}

impl From<&str> for Which {
    fn from(mid: &str) -> Self {
        Self::Mid(mid.to_owned())
    }
}

impl From<usize> for Which {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}
