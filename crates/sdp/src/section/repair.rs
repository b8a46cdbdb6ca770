//! What repairs a section's media: pairs of retransmissions, redundancy, forward error correction.

use std::time::Duration;

use interceptor_core::{Codec, FecInfo, FecScheme, RedInfo, RtxPayloadType};

use super::format::Role;
use super::{Format, Section};

impl Section {
    /// The payload types that media may come with, in order of preference.
    #[must_use]
    pub fn codecs(&self) -> Vec<Codec> {
        self.media_formats().map(|format| format.codec(&self.media)).collect()
    }

    /// Which payload type retransmits which: those of media, and those of RED (RFC 4588 §8.1). A pair that names a payload type
    /// which the section does not have, or which retransmits itself, is left out.
    #[must_use]
    pub fn rtx_pairs(&self) -> Vec<RtxPayloadType> {
        let pairs = self.formats.iter().filter_map(|format| match format.role() {
            Role::Rtx(media) => Some(RtxPayloadType { rtx: format.number, media: media? }),
            _ => None,
        });
        let is_rtx = |format: &Format| matches!(format.role(), Role::Rtx(_));
        pairs.filter(|pair| self.format(pair.media).is_some_and(|media| !is_rtx(media))).collect()
    }

    /// Redundant packets: their payload type, and what they carry, which is the preferred codec unless `a=fmtp` lists it
    /// (RFC 2198 §5). `None` without RED, or with nothing that it could carry.
    #[must_use]
    pub fn red(&self) -> Option<RedInfo> {
        let red = self.formats.iter().find(|format| format.role() == Role::Red)?;
        let listed = red.redundant().next();
        let primary = listed.or_else(|| self.media_formats().next().map(|format| format.number))?;
        let levels = red.redundant().count().saturating_sub(1).clamp(1, usize::from(u8::MAX));
        (primary != red.number)
            .then(|| RedInfo::new(red.number, primary).with_levels(u8::try_from(levels).unwrap_or(u8::MAX)))
    }

    /// Repair packets that travel inside RED, on the media's own SSRC (RFC 5109).
    #[must_use]
    pub fn ulpfec(&self) -> Option<FecInfo> {
        self.red()?;
        self.fec(|scheme| scheme == FecScheme::UlpFec)
    }

    /// Repair packets that travel on an SSRC of their own, which only `a=ssrc-group:FEC-FR` or a packet says.
    #[must_use]
    pub fn flexfec(&self) -> Option<FecInfo> {
        self.fec(|scheme| scheme != FecScheme::UlpFec)
    }

    pub(crate) fn media_formats(&self) -> impl Iterator<Item = &Format> {
        self.formats.iter().filter(|format| format.role() == Role::Media)
    }

    fn fec(&self, wanted: impl Fn(FecScheme) -> bool) -> Option<FecInfo> {
        self.formats.iter().find_map(|format| match format.role() {
            Role::Fec(scheme) if wanted(scheme) => {
                Some(FecInfo::new(scheme, format.number).with_repair_window(repair_window(format)))
            }
            _ => None,
        })
    }
}

/// In microseconds (RFC 8627 §5.1).
fn repair_window(format: &Format) -> Duration {
    let micros = format.parameter("repair-window").and_then(|text| text.parse().ok());
    Duration::from_micros(micros.unwrap_or(0))
}
