//! What is known of a stream before its SSRC is.

use interceptor_core::{BitrateRange, FecInfo, RtxPayloadType, StreamInfo};

use crate::section::{Rid, Section};

/// A stream without its SSRCs: [`stream`](Self::stream) makes a [`StreamInfo`] of it as soon as they are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamTemplate {
    /// All but the SSRCs; ULPFEC included, as it travels on the media's.
    info: StreamInfo,
    rtx: Vec<RtxPayloadType>,
    flexfec: Option<FecInfo>,
}

impl StreamTemplate {
    /// What a section's author sends.
    pub(crate) fn sent_by(section: &Section) -> Self {
        let ids = section.extensions.iter().filter(|extension| extension.is_sent());
        Self::of(section, ids.filter_map(|extension| Some((extension.wire_id()?, &*extension.uri))))
    }

    /// What a section's author takes.
    pub(crate) fn taken_by(section: &Section) -> Self {
        let ids = section.extensions.iter().filter(|extension| extension.is_received());
        let ids = ids.filter_map(|extension| Some((extension.wire_id()?, &*extension.uri)));
        let mut template = Self::of(section, ids);
        let wanted = section.bandwidth.bits_per_second();
        template.info.bitrate = wanted.map(|most| BitrateRange::new(0, most));
        template
    }

    fn of<'a>(section: &Section, extensions: impl Iterator<Item = (u8, &'a str)>) -> Self {
        let mut info = StreamInfo::unknown(0).with_mid(&*section.mid);
        info.codecs = section.codecs();
        info.red = section.red();
        info.fec = section.ulpfec();
        for (id, uri) in extensions {
            // An identifier names one extension; the first has it.
            if info.header_extensions.iter().all(|known| known.id != id) {
                info = info.with_extension(id, uri);
            }
        }
        let media: Vec<u8> = section.media_formats().map(|format| format.number).collect();
        for feedback in &section.feedback {
            let of_media = media.iter().any(|number| feedback.is_for(*number));
            if of_media && !info.has_feedback(&feedback.kind, &feedback.parameter) {
                info = info.with_feedback(&*feedback.kind, &*feedback.parameter);
            }
        }
        Self { info, rtx: section.rtx_pairs(), flexfec: section.flexfec() }
    }

    /// The same, restricted to what `a=rid` says of one encoding.
    pub(crate) fn layer(&self, rid: &Rid) -> Self {
        let mut layer = self.clone();
        layer.info.rid.clone_from(&rid.id);
        if !rid.numbers.is_empty() {
            layer.info.codecs.retain(|codec| rid.numbers.contains(&codec.payload_type));
        }
        if let Some(most) = rid.max_bitrate() {
            layer.info.bitrate = Some(BitrateRange::new(0, most));
        }
        layer
    }

    /// The encoding (`a=rid`); empty when the section names none.
    #[must_use]
    pub fn rid(&self) -> &str {
        &self.info.rid
    }

    /// All that is known, on SSRC 0.
    #[must_use]
    pub const fn info(&self) -> &StreamInfo {
        &self.info
    }

    /// Which payload type retransmits which.
    #[must_use]
    pub fn rtx_pairs(&self) -> &[RtxPayloadType] {
        &self.rtx
    }

    /// The payload type of repair packets on an SSRC of their own.
    #[must_use]
    pub const fn flexfec(&self) -> Option<FecInfo> {
        self.flexfec
    }

    /// Every payload type that packets of the section may have.
    pub(crate) fn payload_types(&self) -> impl Iterator<Item = u8> + '_ {
        let media = self.info.codecs.iter().map(|codec| codec.payload_type);
        let red = self.info.red.map(|red| red.payload_type);
        let fec = [self.info.fec, self.flexfec].into_iter().flatten().map(|fec| fec.payload_type);
        media.chain(self.rtx.iter().map(|pair| pair.rtx)).chain(red).chain(fec)
    }

    pub(crate) fn is_rtx(&self, payload_type: u8) -> bool {
        self.rtx.iter().any(|pair| pair.rtx == payload_type)
    }

    pub(crate) fn is_flexfec(&self, payload_type: u8) -> bool {
        self.flexfec.is_some_and(|fec| fec.payload_type == payload_type)
    }

    /// The stream of this SSRC, with nothing that travels on another. What is learnt of those,
    /// [`with_rtx`](Self::with_rtx) and [`with_fec`](Self::with_fec) add.
    #[must_use]
    pub fn stream(&self, ssrc: u32) -> StreamInfo {
        let mut stream = self.info.clone();
        stream.ssrc = ssrc;
        stream
    }

    /// A stream of this template with its retransmissions on `ssrc`; unchanged when none were negotiated.
    #[must_use]
    pub fn with_rtx(&self, stream: StreamInfo, ssrc: u32) -> StreamInfo {
        if self.rtx.is_empty() {
            return stream;
        }
        let stream = stream.with_rtx_ssrc(ssrc);
        self.rtx.iter().fold(stream, |stream, pair| stream.with_rtx_payload_type(pair.rtx, pair.media))
    }

    /// A stream of this template with its repair packets on `ssrc`; unchanged when none were negotiated.
    #[must_use]
    pub fn with_fec(&self, stream: StreamInfo, ssrc: u32) -> StreamInfo {
        match self.flexfec {
            Some(fec) => stream.with_fec(fec.with_ssrc(ssrc)),
            None => stream,
        }
    }
}
