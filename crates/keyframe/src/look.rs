//! Sees key frames begin, whatever a stream's codecs are.

use interceptor_core::StreamInfo;
use interceptor_core::packet::RtpPacket;

use crate::KeyframeDetect;
use crate::detect::{Start, av1, h264, h265, red, vp8, vp9};

/// No payload type has this number.
const NONE: u8 = u8::MAX;

/// How the packets of a payload type are looked at.
#[derive(Clone, Copy, Debug)]
enum How {
    Not,
    Vp8,
    Vp9,
    H264,
    H265,
    Av1,
    /// Inside is another payload type.
    Red,
    Custom(fn(&[u8]) -> bool),
}

/// What is known of a stream's codecs, and of its last key frame.
#[derive(Debug)]
pub(crate) struct Look {
    /// The payload type of the packet before, and how it was looked at.
    payload_type: u8,
    how: How,
    /// The timestamp of the last key frame: each packet that says that one begins says it of the same.
    last: Option<u32>,
    detect: KeyframeDetect,
    known: Vec<(u8, How)>,
}

impl Look {
    pub(crate) fn new(info: &StreamInfo, detect: KeyframeDetect) -> Self {
        let mut look = Self { payload_type: NONE, how: How::Not, last: None, detect, known: Vec::new() };
        look.describe(info);
        look
    }

    /// The stream is described anew.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        let codecs = info.codecs.iter().map(|codec| (codec.payload_type, How::of(&codec.mime_type)));
        let red = info.red.map(|red| (red.payload_type, How::Red));
        self.known = red.into_iter().chain(codecs).collect();
        // The first codec's, until a packet says otherwise.
        self.payload_type = NONE;
        self.how = self.how_of(info.primary().map_or(NONE, |codec| codec.payload_type));
    }

    /// Could a key frame be seen, of the packets that come now?
    pub(crate) const fn sees(&self) -> bool {
        !matches!(self.how, How::Not)
    }

    #[inline]
    pub(crate) fn packet(&mut self, packet: &RtpPacket) -> Start {
        let payload_type = packet.payload_type();
        if payload_type != self.payload_type {
            (self.payload_type, self.how) = (payload_type, self.how_of(payload_type));
        }
        self.look(self.how, packet.payload())
    }

    /// A key frame of this timestamp begins. `false`: it has begun before.
    pub(crate) fn is_new(&mut self, timestamp: u32) -> bool {
        self.last.replace(timestamp) != Some(timestamp)
    }

    #[inline]
    fn look(&self, how: How, payload: &[u8]) -> Start {
        match how {
            How::Not => Start::Other,
            How::Vp8 => vp8(payload),
            How::Vp9 => vp9(payload),
            How::H264 => h264(payload),
            How::H265 => h265(payload),
            How::Av1 => av1(payload),
            How::Custom(begins) => Start::key_if(begins(payload)),
            How::Red => match red(payload) {
                Some((inner, payload)) => self.look_inside(inner, payload),
                None => Start::TooShort,
            },
        }
    }

    /// No RED in RED: nothing sends it, and nobody could make us go on for ever.
    fn look_inside(&self, payload_type: u8, payload: &[u8]) -> Start {
        match self.how_of(payload_type) {
            How::Red => Start::Other,
            how => self.look(how, payload),
        }
    }

    fn how_of(&self, payload_type: u8) -> How {
        match self.detect {
            KeyframeDetect::Never => How::Not,
            KeyframeDetect::Custom(begins) => How::Custom(begins),
            KeyframeDetect::ByMime => {
                let known = self.known.iter().find(|(known, _)| *known == payload_type);
                known.map_or(How::Not, |(_, how)| *how)
            }
        }
    }
}

impl How {
    fn of(mime_type: &str) -> Self {
        const NAMES: [(&str, How); 7] = [
            ("VP8", How::Vp8),
            ("VP9", How::Vp9),
            ("H264", How::H264),
            ("H265", How::H265),
            ("AV1", How::Av1),
            ("AV1X", How::Av1),
            ("red", How::Red),
        ];
        let codec = mime_type.rsplit('/').next().unwrap_or_default();
        let found = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(codec));
        found.map_or(Self::Not, |(_, how)| *how)
    }
}

#[cfg(test)]
mod tests {
    use interceptor_core::{Codec, RedInfo};

    use super::*;

    fn packet(payload_type: u8, payload: &'static [u8]) -> RtpPacket {
        RtpPacket::builder().payload_type(payload_type).payload(payload).build().unwrap()
    }

    #[test]
    fn each_payload_type_is_looked_at_as_its_codec() {
        let info = StreamInfo::new(1, 96, 90_000)
            .with_mime_type("video/vp8")
            .with_codec(Codec::new(98, 90_000).with_mime_type("video/H264"))
            .with_red(RedInfo::new(118, 96));
        let mut look = Look::new(&info, KeyframeDetect::ByMime);
        assert!(look.sees());
        assert_eq!(look.packet(&packet(96, &[0x10, 0x50])), Start::Key);
        assert_eq!(look.packet(&packet(98, &[0x65, 0x50])), Start::Key);
        assert_eq!(look.packet(&packet(96, &[0x65, 0x50])), Start::Other);
        assert_eq!(look.packet(&packet(118, &[96, 0x10, 0x50])), Start::Key, "in RED");
        assert_eq!(look.packet(&packet(118, &[118, 96, 0x10, 0x50])), Start::Other, "in RED in RED");
        assert_eq!(look.packet(&packet(100, &[0x10, 0x50])), Start::Other);
        assert!(!look.sees(), "of a type that nothing is known of");
        look.describe(&StreamInfo::new(1, 100, 90_000).with_mime_type("video/VP8"));
        assert_eq!(look.packet(&packet(100, &[0x10, 0x50])), Start::Key, "described anew");
    }

    #[test]
    fn a_function_of_ones_own_sees_what_the_codec_does_not() {
        let info = StreamInfo::new(1, 96, 90_000).with_mime_type("video/JPEG");
        assert!(!Look::new(&info, KeyframeDetect::ByMime).sees());
        let mut own = Look::new(&info, KeyframeDetect::Custom(|payload| payload.first() == Some(&7)));
        assert_eq!([&[7][..], &[8]].map(|bytes| own.packet(&packet(96, bytes))), [Start::Key, Start::Other]);
        let vp8 = StreamInfo::new(1, 96, 90_000).with_mime_type("video/VP8");
        let mut never = Look::new(&vp8, KeyframeDetect::Never);
        assert_eq!((never.sees(), never.packet(&packet(96, &[0x10, 0x50]))), (false, Start::Other));
    }
}
