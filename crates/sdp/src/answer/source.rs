//! What the answering end sends.

use interceptor_core::StreamInfo;

use crate::section::{Msid, Section, Source, SourceGroup};
use crate::streams::MediaStreams;

/// A stream that the answering end wants to send in a section: the SSRCs that it has drawn, and what it is called.
///
/// Retransmissions and repair packets are announced only if the section takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LocalSource {
    /// The media SSRC.
    pub ssrc: u32,
    /// The SSRC of its retransmissions.
    pub rtx: Option<u32>,
    /// The SSRC of its FlexFEC repair packets.
    pub fec: Option<u32>,
    /// The MediaStream and track it belongs to.
    pub msid: Option<Msid>,
    /// The encoding that it is, of those that the offer wants to receive; empty when it is the only one.
    pub rid: String,
}

impl LocalSource {
    /// A stream with this SSRC.
    #[must_use]
    pub fn new(ssrc: u32) -> Self {
        Self { ssrc, ..Self::default() }
    }

    /// Its retransmissions have this SSRC.
    #[must_use]
    pub const fn with_rtx(mut self, ssrc: u32) -> Self {
        self.rtx = Some(ssrc);
        self
    }

    /// Its FlexFEC repair packets have this SSRC.
    #[must_use]
    pub const fn with_fec(mut self, ssrc: u32) -> Self {
        self.fec = Some(ssrc);
        self
    }

    /// The MediaStream and track it belongs to.
    #[must_use]
    pub fn with_msid(mut self, stream: impl Into<String>, track: impl Into<String>) -> Self {
        self.msid = Some(Msid::new(stream, track));
        self
    }

    /// The encoding that it is.
    #[must_use]
    pub fn with_rid(mut self, rid: impl Into<String>) -> Self {
        self.rid = rid.into();
        self
    }

    /// As a stream for those who take it. `None`: they know no encoding of this name.
    pub(super) fn stream(&self, takers: &MediaStreams) -> Option<StreamInfo> {
        let template = if self.rid.is_empty() {
            &takers.template
        } else {
            takers.layers.iter().find(|layer| layer.rid() == self.rid)?
        };
        let stream = template.stream(self.ssrc);
        let stream = match self.rtx {
            Some(rtx) => template.with_rtx(stream, rtx),
            None => stream,
        };
        Some(match self.fec {
            Some(fec) => template.with_fec(stream, fec),
            None => stream,
        })
    }

    /// Announces the stream in the section that it is sent in.
    pub(super) fn announce(&self, stream: &StreamInfo, cname: &str, section: &mut Section) {
        for ssrc in stream.ssrcs() {
            let source =
                Source { ssrc, cname: cname.to_owned(), msid: self.msid.clone(), attributes: Vec::new() };
            section.sources.push(source);
        }
        let repairs = [
            ("FID", stream.rtx.as_ref().map(|rtx| rtx.ssrc)),
            ("FEC-FR", stream.fec.and_then(|fec| fec.ssrc)),
        ];
        for (semantics, ssrc) in repairs {
            section.source_groups.extend(ssrc.map(|ssrc| SourceGroup::new(semantics, [stream.ssrc, ssrc])));
        }
        if let Some(msid) = self.msid.iter().find(|msid| !section.msids.contains(msid)) {
            section.msids.push(msid.clone());
        }
    }
}
