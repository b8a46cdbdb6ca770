//! What payload types mean: RFC 3551's table, and what the user, an SDP or an announcement says.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::error::{ParseCodecError, ParsePayloadTypeError};

/// A payload type's codec and clock.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Codec {
    /// The encoding's name, as in `a=rtpmap`.
    pub name: String,
    /// Timestamp units a second.
    pub clock_rate: u32,
}

impl Codec {
    /// A codec of this name, with so many timestamp units a second.
    #[must_use]
    pub fn new(name: impl Into<String>, clock_rate: u32) -> Self {
        Self { name: name.into(), clock_rate }
    }

    /// What RFC 3551 §6 assigns to a payload type. G.722's clock is 8000 Hz (§4.5.2), although it samples at 16 000.
    #[must_use]
    pub fn assigned(payload_type: u8) -> Option<Self> {
        assigned(payload_type).map(|(name, clock_rate)| Self::new(name, clock_rate))
    }
}

/// What the packets of a payload type are to their stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// What the stream is about.
    Media,
    /// Sent in its pauses (RFC 3389).
    Noise,
    /// Keys pressed meanwhile (RFC 4733). All packets of an event have the time at which it began.
    Event,
}

impl Role {
    pub(super) fn of(number: u8, codec: Option<&Codec>) -> Self {
        let is = |name: &str| codec.is_some_and(|codec| codec.name.eq_ignore_ascii_case(name));
        match number {
            _ if is("telephone-event") || is("tone") => Self::Event,
            // RFC 3551 §6 reserves 19 because of older senders of comfort noise.
            13 | 19 if codec.is_none() => Self::Noise,
            _ if is("CN") => Self::Noise,
            _ => Self::Media,
        }
    }
}

/// `96=VP8/90000`: what one dynamic payload type means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayloadType {
    /// 0..=127.
    pub number: u8,
    /// What it means.
    pub codec: Codec,
}

impl PayloadType {
    /// What `number` means, 0..=127; no packet has a higher one.
    #[must_use]
    pub const fn new(number: u8, codec: Codec) -> Self {
        Self { number, codec }
    }
}

impl FromStr for PayloadType {
    type Err = ParsePayloadTypeError;

    fn from_str(text: &str) -> Result<Self, ParsePayloadTypeError> {
        let form = || ParsePayloadTypeError::Form { text: text.to_owned() };
        let (number, encoding) = text.split_once('=').ok_or_else(form)?;
        let number = number.trim().parse().map_err(|_| form())?;
        if number > MAX_NUMBER {
            return Err(ParsePayloadTypeError::Range { number });
        }
        Ok(Self::new(number, encoding.parse().map_err(|_| form())?))
    }
}

/// Payload types have seven bits (RFC 3550 §5.1).
pub(super) const MAX_NUMBER: u8 = 127;
/// Bytes of a codec's name; announcements would fill the memory with longer ones.
const MAX_NAME: usize = 64;

impl FromStr for Codec {
    type Err = ParseCodecError;

    /// `VP8/90000` or `opus/48000/2`.
    fn from_str(text: &str) -> Result<Self, ParseCodecError> {
        let mut parts = text.trim().split('/');
        let name = parts.next().map(str::trim).filter(|name| (1..=MAX_NAME).contains(&name.len()));
        let clock_rate = parts.next().and_then(|rate| rate.trim().parse().ok()).filter(|rate| *rate > 0);
        match (name, clock_rate) {
            (Some(name), Some(clock_rate)) if parts.count() <= 1 => Ok(Self::new(name, clock_rate)),
            _ => Err(ParseCodecError),
        }
    }
}

/// What payload types mean, for certain ports and for all: at most 4096 meanings for ports, and one of each number for all.
#[derive(Clone, Debug, Default)]
pub struct PayloadTypes {
    /// The user's own word.
    told: BTreeMap<u8, Codec>,
    everywhere: BTreeMap<u8, Codec>,
    by_port: BTreeMap<(u16, u8), Codec>,
}

impl PayloadTypes {
    /// Ports and payload types that announcements may add.
    const MAX_BY_PORT: usize = 4096;

    /// A meaning that holds on all ports and counts for more than any other.
    pub fn set(&mut self, payload_type: PayloadType) {
        self.told.insert(payload_type.number, payload_type.codec);
    }

    /// A meaning that holds on all ports of which nothing else is said.
    pub fn add(&mut self, payload_type: PayloadType) {
        self.everywhere.insert(payload_type.number, payload_type.codec);
    }

    /// A meaning that holds for what is sent to or from `port`.
    pub fn add_for_port(&mut self, port: u16, payload_type: PayloadType) {
        if self.by_port.len() < Self::MAX_BY_PORT {
            self.by_port.insert((port, payload_type.number), payload_type.codec);
        }
    }

    /// What a payload type means between two ports: what the user told; what was said of the receiver's port, of the
    /// sender's port, of all ports; RFC 3551 §6; what was said of other ports, if all agree.
    #[must_use]
    pub fn codec(&self, src: u16, dst: u16, number: u8) -> Option<Codec> {
        let of_port = |port| self.by_port.get(&(port, number));
        let said = self.told.get(&number).or_else(|| of_port(dst)).or_else(|| of_port(src));
        let said = said.or_else(|| self.everywhere.get(&number));
        said.cloned().or_else(|| Codec::assigned(number)).or_else(|| self.unanimous(number))
    }

    /// What all ports agree on: behind a relay or an address translator the ports are other ones than announced.
    fn unanimous(&self, number: u8) -> Option<Codec> {
        let mut said = self.by_port.iter().filter(|((_, other), _)| *other == number).map(|(_, codec)| codec);
        let first = said.next()?;
        said.all(|codec| codec == first).then(|| first.clone())
    }
}

/// RFC 3551 §6, tables 4 and 5.
const fn assigned(number: u8) -> Option<(&'static str, u32)> {
    Some(match number {
        0 => ("PCMU", 8000),
        3 => ("GSM", 8000),
        4 => ("G723", 8000),
        5 => ("DVI4", 8000),
        6 => ("DVI4", 16_000),
        7 => ("LPC", 8000),
        8 => ("PCMA", 8000),
        9 => ("G722", 8000),
        10 | 11 => ("L16", 44_100),
        12 => ("QCELP", 8000),
        13 => ("CN", 8000),
        14 => ("MPA", 90_000),
        15 => ("G728", 8000),
        16 => ("DVI4", 11_025),
        17 => ("DVI4", 22_050),
        18 => ("G729", 8000),
        25 => ("CelB", 90_000),
        26 => ("JPEG", 90_000),
        28 => ("nv", 90_000),
        31 => ("H261", 90_000),
        32 => ("MPV", 90_000),
        33 => ("MP2T", 90_000),
        34 => ("H263", 90_000),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> PayloadType {
        text.parse().unwrap()
    }

    #[test]
    fn reads_what_rtpmap_has() {
        let vp8 = parse("96=VP8/90000");
        assert_eq!((vp8.number, vp8.codec.name.as_str(), vp8.codec.clock_rate), (96, "VP8", 90_000));
        assert_eq!(parse("111=opus/48000/2").codec.clock_rate, 48_000);
        assert_eq!(vp8, PayloadType::new(96, Codec::new("VP8", 90_000)));
        assert!(format!("96={}/1", "a".repeat(64)).parse::<PayloadType>().is_ok());
        assert!(format!("96={}/1", "a".repeat(65)).parse::<PayloadType>().is_err());
        for wrong in ["96", "96=VP8", "96=/90000", "96=VP8/0", "x=VP8/1", "128=VP8/90000", "96=a/1/2/3"] {
            assert!(wrong.parse::<PayloadType>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_nearest_word_counts() {
        let mut types = PayloadTypes::default();
        types.add_for_port(5004, parse("96=VP8/90000"));
        types.add_for_port(5006, parse("111=opus/48000"));
        let name = |types: &PayloadTypes, src, dst, number| types.codec(src, dst, number).map(|c| c.name);
        assert_eq!(name(&types, 1, 5004, 96).as_deref(), Some("VP8"));
        assert_eq!(name(&types, 1, 2, 96).as_deref(), Some("VP8"), "no other session contradicts");
        types.add(parse("96=H264/90000"));
        assert_eq!(name(&types, 5004, 1, 96).as_deref(), Some("VP8"));
        assert_eq!(name(&types, 1, 2, 96).as_deref(), Some("H264"));
        assert_eq!(name(&types, 1, 2, 8).as_deref(), Some("PCMA"));
        types.set(parse("96=AV1/90000"));
        assert_eq!(name(&types, 5004, 1, 96).as_deref(), Some("AV1"));
        types.add_for_port(7000, parse("111=L16/48000"));
        assert_eq!(name(&types, 1, 2, 111), None, "two sessions contradict each other");
    }
}
