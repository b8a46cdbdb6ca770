//! Which payload type protects which.

use std::str::FromStr;

use interceptor_core::FecScheme;
use serde::{Deserialize, Deserializer, de::Error};

use crate::relay::rules::parse_number;

/// Which payload type protects which, as `--fec 49=96` gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FecPair {
    /// The payload type of repair packets.
    pub fec: u8,
    /// The payload type of what they protect.
    pub media: u8,
    /// How they are written.
    pub scheme: FecScheme,
}

impl FromStr for FecPair {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (pair, name) = text.split_once('/').unwrap_or((text, "flexfec-03"));
        let Some((fec, media)) = pair.split_once('=') else {
            return Err(format!("{text:?} is not FEC=MEDIA, such as 49=96, or 49=96/flexfec for RFC 8627"));
        };
        Ok(Self { fec: parse_number(fec)?, media: parse_number(media)?, scheme: scheme(name)? })
    }
}

/// As `a=rtpmap` names it.
fn scheme(name: &str) -> Result<FecScheme, String> {
    match name {
        "flexfec-03" => Ok(FecScheme::FlexFec03),
        "flexfec" => Ok(FecScheme::FlexFec),
        _ => Err(format!("{name:?} is not flexfec-03, as browsers send it, or flexfec, as RFC 8627 says it")),
    }
}

/// `flexfec-03` or `flexfec`, in the configuration file.
pub(in crate::relay) fn read_scheme<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<FecScheme>, D::Error> {
    scheme(&String::deserialize(deserializer)?).map(Some).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_with_the_scheme_that_sdp_names() {
        let pair = |scheme| Ok(FecPair { fec: 49, media: 96, scheme });
        assert_eq!("49=96".parse(), pair(FecScheme::FlexFec03));
        assert_eq!("49=96/flexfec".parse(), pair(FecScheme::FlexFec));
        for (text, complaint) in [("49", "49=96"), ("128=96", "0..=127"), ("49=96/ulpfec", "flexfec-03")] {
            assert!(text.parse::<FecPair>().unwrap_err().contains(complaint), "{text}");
        }
    }
}
