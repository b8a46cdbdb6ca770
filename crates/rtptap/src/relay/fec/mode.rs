//! How a target's leg protects, in the words that people use.

use std::fmt;
use std::str::FromStr;

use interceptor_flexfec::Code;
use serde::{Deserialize, Deserializer, de::Error};

/// How a target's leg protects streams whose payload type has one for FEC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FecMode {
    /// Not at all.
    #[default]
    Off,
    /// By as much as the losses that the target reports ask for, and not at all while retransmissions come in time.
    Adaptive,
    /// By this code, whatever is lost.
    Fixed(Code),
}

const WANTED: &str = "off, adaptive, or a code: \"rows 10+1\", \"columns 5x10\", \"2-D 6x6\", \"interleaved 40+5\", \"dense 40+5\"";

impl FromStr for FecMode {
    type Err = String;

    /// `off`, `adaptive`, or a code such as `interleaved 40+5`, as [`Display`](fmt::Display) writes it; `:` will do for the blank.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => return Ok(Self::Off),
            "adaptive" => return Ok(Self::Adaptive),
            _ => {}
        }
        text.split_once([' ', ':'])
            .and_then(|(name, sizes)| code(name, sizes))
            .map(Self::Fixed)
            .ok_or_else(|| format!("{text:?} is not {WANTED}"))
    }
}

/// Whether its sizes make sense is checked where it is used.
fn code(name: &str, sizes: &str) -> Option<Code> {
    let pair = |between| {
        let (a, b) = sizes.split_once(between)?;
        Some((a.trim().parse().ok()?, b.trim().parse().ok()?))
    };
    match name.to_ascii_lowercase().as_str() {
        "rows" => pair('+').filter(|(_, repairs): &(u8, u8)| *repairs == 1).map(|(l, _)| Code::Rows { l }),
        "columns" => pair('x').map(|(l, d)| Code::Columns { l, d }),
        "2-d" | "2d" => pair('x').map(|(l, d)| Code::TwoD { l, d }),
        "interleaved" => pair('+').map(|(n, f)| Code::Interleaved { n, f }),
        "dense" => pair('+').map(|(n, f)| Code::Dense { n, f }),
        _ => None,
    }
}

impl fmt::Display for FecMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Adaptive => f.write_str("adaptive"),
            Self::Fixed(code) => code.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for FecMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// How a target makes lost packets of repair packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FecReceiver {
    /// One at a time, as browsers do.
    #[default]
    Peeling,
    /// Several at once, as relays do: then fewer repair packets do as much.
    Elimination,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_written() {
        for text in
            ["off", "adaptive", "rows 10+1", "columns 5x10", "2-D 6x6", "interleaved 40+5", "dense 40+5"]
        {
            assert_eq!(text.parse::<FecMode>().unwrap().to_string(), text);
        }
        assert_eq!("2d:6x6".parse(), Ok(FecMode::Fixed(Code::TwoD { l: 6, d: 6 })));
    }

    #[test]
    fn what_is_no_mode_is_told_what_would_be() {
        for text in
            ["", "on", "rows 10+2", "rows 10", "dense 40x5", "columns 5+10", "interleaved 400+5", "x 1+1"]
        {
            assert!(text.parse::<FecMode>().unwrap_err().contains("interleaved 40+5"), "{text}");
        }
    }
}
