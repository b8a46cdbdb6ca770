//! What is known of streams before they come: payload types, clocks, retransmission streams.

use std::str::FromStr;

use interceptor_core::{FecInfo, FecScheme, StreamInfo};
use interceptor_inspect::{Codec, ParsePayloadTypeError, PayloadType};

use super::OptionsError;

/// What is known of streams with one payload type, or of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamRule {
    /// The payload type that the rule is about, 0..=127.
    pub payload_type: u8,
    /// Only the stream with this SSRC. Default: all.
    pub ssrc: Option<u32>,
    /// What the payload type stands for. Default: unknown, unless it is static; then jitter is not computed, and sender
    /// reports leave as often as the source sends them.
    pub codec: Option<Codec>,
    /// Channels of audio, as `a=rtpmap` says them to players. Default: 1.
    pub channels: Option<u8>,
    /// Parameters of the codec, as `a=fmtp` says them to players. Default: none.
    pub fmtp: Option<String>,
    /// The payload type of its retransmissions (RFC 4588, `apt`). Default: none.
    pub rtx: Option<u8>,
    /// The SSRC of its retransmissions, both ways. Default: found out from the wire on the way in; on the way out the
    /// media SSRC with every bit of [`RTX_SSRC_MASK`] turned.
    pub rtx_ssrc: Option<u32>,
    /// The payload type of its repair packets (FlexFEC). Default: none.
    pub fec: Option<u8>,
    /// How they are written. Default: as browsers do, `flexfec-03`.
    pub fec_scheme: Option<FecScheme>,
    /// Their SSRC, both ways. Default: the media SSRC with every bit of [`FEC_SSRC_MASK`] turned.
    pub fec_ssrc: Option<u32>,
    /// Ask and answer for its packets? Default: yes.
    pub nack: Option<bool>,
}

/// Media SSRC and RTX SSRC differ in these bits: every relay finds the RTX stream of another without being told, no two
/// streams get the same, and it is as hard to guess as the media SSRC.
pub const RTX_SSRC_MASK: u32 = 0x5254_5800;

/// Media SSRC and FEC SSRC differ in these bits, for the same reasons.
pub const FEC_SSRC_MASK: u32 = 0x4645_4300;

/// Which payload type retransmits which, as `--rtx 97=96` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RtxPair {
    /// The payload type of retransmissions.
    pub rtx: u8,
    /// The payload type of what they repeat.
    pub media: u8,
}

impl FromStr for RtxPair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((rtx, media)) = text.split_once('=') else {
            return Err(format!("{text:?} is not RTX=MEDIA, such as 97=96 for `a=fmtp:97 apt=96`"));
        };
        Ok(Self { rtx: parse_number(rtx)?, media: parse_number(media)? })
    }
}

/// What a payload type means, as `--pt 96=VP8/90000` or `--pt 111=opus/48000/2` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meaning {
    /// The payload type and its codec.
    pub payload_type: PayloadType,
    /// Channels of audio.
    pub channels: Option<u8>,
}

impl FromStr for Meaning {
    type Err = ParsePayloadTypeError;

    fn from_str(text: &str) -> Result<Self, ParsePayloadTypeError> {
        Ok(Self { payload_type: text.parse()?, channels: channels(text) })
    }
}

/// The last of `opus/48000/2`.
pub(super) fn channels(encoding: &str) -> Option<u8> {
    encoding.split('/').nth(2)?.trim().parse().ok().filter(|channels| *channels > 0)
}

impl StreamRule {
    /// Of a payload type about which nothing is known yet.
    #[must_use]
    pub fn new(payload_type: u8) -> Self {
        Self { payload_type, ..Self::default() }
    }

    /// Adds what another knows of the same streams and this one does not.
    pub(super) fn complete(&mut self, other: Self) {
        let Self { codec, channels, fmtp, rtx, rtx_ssrc, fec, fec_scheme, fec_ssrc, nack, .. } = other;
        if self.codec.is_none() || self.codec == codec {
            self.codec = codec;
            self.channels = self.channels.or(channels);
            self.fmtp = self.fmtp.take().or(fmtp);
        }
        self.rtx = self.rtx.or(rtx);
        self.rtx_ssrc = self.rtx_ssrc.or(rtx_ssrc);
        if self.fec.is_none() || self.fec == fec {
            self.fec = fec;
            self.fec_scheme = self.fec_scheme.or(fec_scheme);
        }
        self.fec_ssrc = self.fec_ssrc.or(fec_ssrc);
        self.nack = self.nack.or(nack);
    }

    /// Its repair packets, which have this payload type.
    pub(super) fn correction(&self, payload_type: u8) -> FecInfo {
        FecInfo::new(self.fec_scheme.unwrap_or(FecScheme::FlexFec03), payload_type)
    }

    pub(crate) fn check(&self) -> Result<(), OptionsError> {
        let valid = |number: u8| number <= 127;
        if !valid(self.payload_type) {
            return Err(OptionsError::new("pt", self.payload_type, "payload types are 0..=127"));
        }
        if let Some(rtx) = self.rtx.filter(|rtx| !valid(*rtx) || *rtx == self.payload_type) {
            return Err(OptionsError::new(
                "--rtx",
                rtx,
                "retransmissions need a payload type of their own in 0..=127",
            ));
        }
        let taken = |fec: u8| fec == self.payload_type || self.rtx == Some(fec);
        if let Some(fec) = self.fec.filter(|fec| !valid(*fec) || taken(*fec)) {
            let advice = "repair packets need a payload type of their own in 0..=127";
            return Err(OptionsError::new("--fec", fec, advice));
        }
        Ok(())
    }
}

/// All rules of a relay.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules(Vec<StreamRule>);

impl Rules {
    pub(super) const fn new(rules: Vec<StreamRule>) -> Self {
        Self(rules)
    }

    /// Does this payload type carry retransmissions, or repair packets?
    pub(super) fn is_repair(&self, payload_type: u8) -> bool {
        self.0.iter().any(|rule| [rule.rtx, rule.fec].contains(&Some(payload_type)))
    }

    /// What is known of a stream; with everything that could be used on either leg.
    pub(super) fn stream(&self, ssrc: u32, payload_type: u8) -> StreamInfo {
        let rule = self.of(ssrc, payload_type);
        let codec = rule.and_then(|rule| rule.codec.clone()).or_else(|| Codec::assigned(payload_type));
        let kind = codec.as_ref().map_or("unknown", kind);
        let mime_type = codec.as_ref().map(|codec| format!("{kind}/{}", codec.name)).unwrap_or_default();
        let rate = codec.map_or(0, |codec| codec.clock_rate);
        let mut info = StreamInfo::new(ssrc, payload_type, rate).with_name(format!("{kind}-{payload_type}"));
        if rule.and_then(|rule| rule.nack).unwrap_or(true) {
            info = info.with_feedback("nack", "");
        }
        if kind != "audio" {
            info = info.with_feedback("nack", "pli").with_feedback("ccm", "fir");
        }
        if let Some((rule, rtx)) = rule.and_then(|rule| Some((rule, rule.rtx?))) {
            info = info.with_rtx(rule.rtx_ssrc.unwrap_or(ssrc ^ RTX_SSRC_MASK), rtx);
        }
        if let Some((rule, fec)) = rule.and_then(|rule| Some((rule, rule.fec?))) {
            info =
                info.with_fec(rule.correction(fec).with_ssrc(rule.fec_ssrc.unwrap_or(ssrc ^ FEC_SSRC_MASK)));
        }
        info.with_mime_type(mime_type)
    }

    /// The rule of the stream itself, best with this payload type, else that of its payload type.
    fn of(&self, ssrc: u32, payload_type: u8) -> Option<&StreamRule> {
        let own = || self.0.iter().filter(|rule| rule.ssrc == Some(ssrc));
        let exact = own().find(|rule| rule.payload_type == payload_type);
        exact
            .or_else(|| own().next())
            .or_else(|| self.0.iter().find(|rule| rule.ssrc.is_none() && rule.payload_type == payload_type))
    }
}

/// Media types are not part of `a=rtpmap`: what has the clock of video is video, but for MPEG audio (RFC 3551 §4.5.13).
pub(super) fn kind(codec: &Codec) -> &'static str {
    let mpeg_audio = codec.name.eq_ignore_ascii_case("MPA") || codec.name.eq_ignore_ascii_case("mpa-robust");
    if codec.clock_rate == 90_000 && !mpeg_audio { "video" } else { "audio" }
}

/// A payload type's number.
pub(super) fn parse_number(text: &str) -> Result<u8, String> {
    let number = text.trim().parse::<u8>().ok().filter(|number| *number <= 127);
    number.ok_or_else(|| format!("payload type {text:?} is not in 0..=127"))
}

/// The stream as a leg takes part in it.
pub(super) fn on_leg(stream: &StreamInfo, nack: bool, rtx: bool, fec: bool) -> StreamInfo {
    let mut info = stream.clone();
    if !rtx {
        info.rtx = None;
    }
    if !fec {
        info.fec = None;
    }
    if !nack {
        info.feedback.retain(|feedback| feedback.kind != "nack" || !feedback.parameter.is_empty());
    }
    info
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_of_its_own_goes_before_its_payload_type() {
        let codec = |rate| Some(Codec::new("VP8", rate));
        let general = StreamRule { codec: codec(90_000), rtx: Some(97), ..StreamRule::new(96) };
        let own =
            StreamRule { ssrc: Some(7), codec: codec(48_000), nack: Some(false), ..StreamRule::new(96) };
        let rules = Rules::new(vec![general, own]);
        let (a, b) = (rules.stream(1, 96), rules.stream(7, 96));
        assert_eq!((a.clock_rate(96), a.rtx.as_ref().unwrap().ssrc), (90_000, 1 ^ RTX_SSRC_MASK));
        assert!(a.has_feedback("nack", "") && a.has_feedback("nack", "pli"));
        assert_eq!((b.clock_rate(96), b.rtx.is_none(), b.has_feedback("nack", "")), (48_000, true, false));
        assert!(rules.is_repair(97) && !rules.is_repair(96));
    }

    #[test]
    fn a_stream_with_several_payload_types_has_the_rule_of_each() {
        let rule = |number, rtx| StreamRule { ssrc: Some(7), rtx: Some(rtx), ..StreamRule::new(number) };
        let rules = Rules::new(vec![rule(96, 97), rule(98, 99)]);
        let rtx = |number| rules.stream(7, number).rtx.unwrap().payload_types[0].rtx;
        assert_eq!((rtx(96), rtx(98), rtx(100)), (97, 99, 97));
    }

    #[test]
    fn what_is_said_already_counts_for_more() {
        let codec = |name: &str| Some(Codec::new(name, 90_000));
        let described = StreamRule {
            codec: codec("H264"),
            fmtp: Some("x=1".into()),
            rtx: Some(97),
            ..StreamRule::new(96)
        };
        let mut unknown = StreamRule { rtx: Some(98), ..StreamRule::new(96) };
        unknown.complete(described.clone());
        assert_eq!(unknown, StreamRule { rtx: Some(98), ..described.clone() });
        let mut other = StreamRule { codec: codec("VP8"), ..StreamRule::new(96) };
        other.complete(described);
        assert_eq!(other, StreamRule { codec: codec("VP8"), rtx: Some(97), ..StreamRule::new(96) });
    }

    #[test]
    fn nothing_is_invented_about_unknown_payload_types() {
        let (info, unknown) = (Rules::default().stream(1, 100), interceptor_core::Codec::new(100, 0));
        assert_eq!((info.primary(), info.name.as_str()), (Some(&unknown), "unknown-100"));
        let pcmu = interceptor_core::Codec::new(0, 8000).with_mime_type("audio/PCMU");
        assert_eq!(Rules::default().stream(1, 0).primary(), Some(&pcmu));
        assert_eq!(Rules::default().stream(1, 14).codec(14).unwrap().mime_type, "audio/MPA");
    }

    #[test]
    fn pairs_are_read_as_sdp_says_them() {
        assert_eq!("97=96".parse(), Ok(RtxPair { rtx: 97, media: 96 }));
        assert!("97".parse::<RtxPair>().unwrap_err().contains("97=96"));
        assert!("128=96".parse::<RtxPair>().unwrap_err().contains("0..=127"));
    }

    #[test]
    fn a_leg_takes_part_in_no_more_than_it_may() {
        let rule = StreamRule { rtx: Some(97), fec: Some(98), ..StreamRule::new(96) };
        let stream = Rules::new(vec![rule]).stream(1, 96);
        let plain = on_leg(&stream, false, false, false);
        assert!(plain.rtx.is_none() && !plain.has_feedback("nack", "") && plain.has_feedback("nack", "pli"));
        assert!(plain.fec.is_none());
        assert_eq!(on_leg(&stream, true, true, true), stream);
    }

    #[test]
    fn repair_packets_have_a_payload_type_and_an_ssrc_of_their_own() {
        let rule = StreamRule { rtx: Some(97), fec: Some(49), ..StreamRule::new(96) };
        let own = StreamRule {
            ssrc: Some(7),
            fec_ssrc: Some(8),
            fec_scheme: Some(FecScheme::FlexFec),
            ..rule.clone()
        };
        let rules = Rules::new(vec![rule.clone(), own]);
        let (general, own) = (rules.stream(1, 96).fec.unwrap(), rules.stream(7, 96).fec.unwrap());
        let fec = FecInfo::new(FecScheme::FlexFec03, 49);
        assert_eq!(general, fec.with_ssrc(1 ^ FEC_SSRC_MASK));
        assert_eq!(own, FecInfo::new(FecScheme::FlexFec, 49).with_ssrc(8));
        assert!(rules.is_repair(49) && rules.is_repair(97) && !rules.is_repair(96));
        for fec in [96, 97, 128] {
            let error = StreamRule { fec: Some(fec), ..rule.clone() }.check().unwrap_err();
            assert_eq!((error.option, error.value), ("--fec", fec.to_string()));
        }
    }
}
