//! What was negotiated of a stream whose RED carries ULPFEC.

use interceptor_core::{FecScheme, StreamInfo};

/// The payload types of a stream that this crate serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types {
    /// RED's, if it was negotiated: browsers always do, others may send repair packets bare.
    pub(crate) red: Option<u8>,
    pub(crate) fec: u8,
    /// A bit for each that media may have.
    media: u128,
}

impl Types {
    /// `None`: no ULPFEC was negotiated.
    pub(crate) fn of(info: &StreamInfo) -> Option<Self> {
        let fec = info.fec.filter(|fec| fec.scheme == FecScheme::UlpFec)?.payload_type;
        let red = info.red.map(|red| red.payload_type);
        let codecs = info.codecs.iter().map(|codec| codec.payload_type);
        let media = codecs.chain(info.red.map(|red| red.primary));
        let media = media.filter(|media| *media != fec && Some(*media) != red);
        Some(Self { red, fec, media: media.fold(0, |all, media| all | bit(media)) })
    }

    /// May media have this type?
    #[inline]
    pub(crate) const fn is_media(&self, payload_type: u8) -> bool {
        self.media & bit(payload_type) != 0
    }
}

const fn bit(payload_type: u8) -> u128 {
    1 << (payload_type & 0x7f)
}
