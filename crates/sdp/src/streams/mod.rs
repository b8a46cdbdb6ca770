//! From what a section says to the [`StreamInfo`]s of what travels.

mod groups;
mod template;

use interceptor_core::{ChainConfig, StreamInfo};
use sdp_types::{Direction, Session};

pub use self::template::StreamTemplate;
use crate::{Description, SdpError, Section};

/// What one end sends in one media section: the streams that it has announced, and what others are like.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaStreams {
    /// The section's place in the description.
    pub section: usize,
    /// `audio`, `video`, …
    pub media: String,
    /// The section's identification; empty when it has none.
    pub mid: String,
    /// Who sends, as the end sees it that sends these.
    pub direction: Direction,
    /// A stream for each SSRC that is announced (`a=ssrc`), with the SSRCs and payload types of what repairs it.
    pub announced: Vec<StreamInfo>,
    /// The encodings that are sent side by side (`a=rid`), whose SSRCs their first packets tell.
    pub layers: Vec<StreamTemplate>,
    /// What any other SSRC of the section is.
    pub template: StreamTemplate,
}

/// What the author of a session description sends, a section each: of all that carry RTP and are not rejected.
///
/// # Errors
/// The first attribute that makes no sense. [`Description::parse`] names its line, too.
pub fn stream_infos(session: &Session) -> Result<Vec<MediaStreams>, SdpError> {
    Ok(Description::from_session(session.clone())?.sends())
}

impl Description {
    /// What its author sends. To who answers or has been answered these are the remote streams.
    #[must_use]
    pub fn sends(&self) -> Vec<MediaStreams> {
        let sections = self.live().filter(|section| section.direction.has_send());
        sections.map(MediaStreams::sent_by).collect()
    }

    /// What its author takes, which is what we may send: templates for streams whose SSRCs we choose, with the payload types
    /// and extension identifiers that it wants (RFC 3264 §5.1), and its bandwidth as bit rate.
    #[must_use]
    pub fn takes(&self) -> Vec<MediaStreams> {
        let sections = self.live().filter(|section| section.direction.has_recv());
        sections.map(MediaStreams::taken_by).collect()
    }

    /// A connection's configuration with what the description says of all its sections:
    /// [`reduced_size_rtcp`](ChainConfig::reduced_size_rtcp), and [`transport_overhead`](ChainConfig::transport_overhead) where
    /// packets are encrypted.
    #[must_use]
    pub fn configure(&self, config: ChainConfig) -> ChainConfig {
        /// The authentication tag of AES-GCM and the index of SRTCP (RFC 7714 §9): the most that common profiles add.
        const SRTP_OVERHEAD: usize = 16 + 4;
        let secure = self.live().any(Section::is_secure);
        let overhead = config.transport_overhead.max(if secure { SRTP_OVERHEAD } else { 0 });
        let reduced = self.live().all(|section| section.rtcp_rsize);
        config.with_reduced_size_rtcp(reduced).with_transport_overhead(overhead)
    }

    fn live(&self) -> impl Iterator<Item = &Section> {
        self.sections().iter().filter(|section| section.is_rtp() && !section.is_rejected())
    }
}

impl MediaStreams {
    /// What a section's author sends.
    pub(crate) fn sent_by(section: &Section) -> Self {
        let template = StreamTemplate::sent_by(section);
        let announced = groups::announced(section, &template);
        let layers = section.layers(true).map(|rid| template.layer(rid)).collect();
        Self::of(section, announced, layers, template, section.direction)
    }

    /// What a section's author takes.
    pub(crate) fn taken_by(section: &Section) -> Self {
        let template = StreamTemplate::taken_by(section);
        let layers = section.layers(false).map(|rid| template.layer(rid)).collect();
        Self::of(section, Vec::new(), layers, template, section.direction.reverse())
    }

    fn of(
        section: &Section,
        announced: Vec<StreamInfo>,
        layers: Vec<StreamTemplate>,
        template: StreamTemplate,
        direction: Direction,
    ) -> Self {
        let (media, mid) = (section.media.clone(), section.mid.clone());
        Self { section: section.index, media, mid, direction, announced, layers, template }
    }

    /// The encoding with this `a=rid`, else what any SSRC of the section is.
    #[must_use]
    pub fn template(&self, rid: &str) -> &StreamTemplate {
        self.layers.iter().find(|layer| layer.rid() == rid).unwrap_or(&self.template)
    }
}
