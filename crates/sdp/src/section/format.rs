//! One payload type of a media section: its codec and parameters.

use std::str::FromStr;

use interceptor_core::{Codec, FecScheme};
use sdp_types::RtpMap;

use super::assigned;

/// A payload type, with what `a=rtpmap` and `a=fmtp` say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// The payload type, 0..=127.
    pub number: u8,
    /// Does the `m=` line list it? Only then it is offered; some describe retransmissions without.
    pub listed: bool,
    /// The encoding's name as written; empty when neither `a=rtpmap` nor RFC 3551 §6 gives one.
    pub name: String,
    /// The RTP clock in Hz; 0 when unknown.
    pub clock_rate: u32,
    /// Audio channels; 0 of what is no audio.
    pub channels: u16,
    /// The parameters of `a=fmtp`, verbatim; those of a second line behind a semicolon.
    pub fmtp: String,
}

/// What a payload type is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Media,
    /// Retransmits this payload type (RFC 4588 §8.1), if it says which.
    Rtx(Option<u8>),
    Red,
    Fec(FecScheme),
    Unknown,
}

impl Format {
    /// What RFC 3551 §6 assigns to a number; nothing but the number where that is dynamic.
    pub(crate) fn listed(number: u8, audio: bool) -> Self {
        let (name, clock_rate, channels) = assigned::find(number).unwrap_or_default();
        let channels = if audio { channels } else { 0 };
        Self { number, listed: true, name: name.to_owned(), clock_rate, channels, fmtp: String::new() }
    }

    /// `96 VP8/90000`, `111 opus/48000/2` (RFC 8866 §6.6).
    pub(crate) fn parse(value: &str, audio: bool) -> Option<Self> {
        let (number, encoding) = value.trim().split_once(char::is_whitespace)?;
        let map = RtpMap::from_str(&format!("{number} {}", encoding.trim())).ok()?;
        let is_token = !map.encoding_name.is_empty() && !map.encoding_name.contains(char::is_whitespace);
        let channels = match map.encoding_params.as_deref().filter(|text| !text.is_empty()) {
            Some(channels) if audio => channels.parse().ok()?,
            _ => u16::from(audio),
        };
        (is_token && map.clock_rate > 0).then_some(Self {
            number: map.payload_type,
            listed: false,
            name: map.encoding_name,
            clock_rate: map.clock_rate,
            channels,
            fmtp: String::new(),
        })
    }

    /// Is it this encoding? Names are compared without case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Does it carry media, rather than repeats, redundancy or repair packets? What is unknown does not.
    #[must_use]
    pub fn is_media(&self) -> bool {
        self.role() == Role::Media
    }

    /// The value of a parameter such as `apt`, of the form `name=value`; names are compared without case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameters(&self.fmtp).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The payload types that RED carries, the newest's first: `111/111` (RFC 2198 §5).
    pub fn redundant(&self) -> impl Iterator<Item = u8> + '_ {
        let list = if self.role() == Role::Red { self.fmtp.trim() } else { "" };
        list.split('/').map_while(|number| payload_type(number.trim()))
    }

    pub(crate) fn role(&self) -> Role {
        match self.name.to_ascii_lowercase().as_str() {
            "" => Role::Unknown,
            "rtx" => Role::Rtx(self.parameter("apt").and_then(payload_type)),
            "red" => Role::Red,
            "ulpfec" => Role::Fec(FecScheme::UlpFec),
            "flexfec" => Role::Fec(FecScheme::FlexFec),
            "flexfec-03" => Role::Fec(FecScheme::FlexFec03),
            _ => Role::Media,
        }
    }

    /// As a stream's description has it.
    pub(crate) fn codec(&self, media: &str) -> Codec {
        Codec::new(self.number, self.clock_rate)
            .with_mime_type(format!("{media}/{}", self.name))
            .with_channels(self.channels)
            .with_fmtp(&*self.fmtp)
    }

    /// The value of `a=rtpmap`. One channel is not said (RFC 8866 §6.6).
    pub(crate) fn rtpmap(&self) -> String {
        let map = RtpMap::new(self.number, &self.name, self.clock_rate);
        if self.channels > 1 { format!("{map}/{}", self.channels) } else { map.to_string() }
    }
}

/// `name=value` pairs, between semicolons.
pub(crate) fn parameters(fmtp: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = fmtp.split(';').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim()))
}

/// A number of seven bits.
pub(crate) fn payload_type(text: &str) -> Option<u8> {
    text.parse().ok().filter(|number| *number <= 127)
}
