//! One RTCP feedback mechanism (RFC 4585 §4.2).

use std::fmt;

use super::format::payload_type;

/// A line `a=rtcp-fb`: which payload type may be answered with what.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Feedback {
    /// The payload type; `None` stands for all of the section, `*`.
    pub number: Option<u8>,
    /// `nack`, `ccm`, `transport-cc`, …
    pub kind: String,
    /// `pli`, `fir`, … or empty; more than one word where more follows.
    pub parameter: String,
}

impl Feedback {
    /// `96 nack pli`, `* nack`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let number = match words.next()? {
            "*" => None,
            number => Some(payload_type(number)?),
        };
        let kind = words.next()?.to_owned();
        Some(Self { number, kind, parameter: words.collect::<Vec<_>>().join(" ") })
    }

    /// Is it for packets of this type?
    #[must_use]
    pub fn is_for(&self, number: u8) -> bool {
        self.number.is_none_or(|own| own == number)
    }

    /// Is it this mechanism? Compared without case; what follows the parameter's first word, such as the limit of
    /// `ccm tmmbr smaxpr=120`, is a detail of it.
    #[must_use]
    pub fn is(&self, kind: &str, parameter: &str) -> bool {
        let own = self.parameter.split(' ').next().unwrap_or_default();
        self.kind.eq_ignore_ascii_case(kind)
            && (own.eq_ignore_ascii_case(parameter) || self.parameter.eq_ignore_ascii_case(parameter))
    }
}

impl fmt::Display for Feedback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "{number} {}", self.kind)?,
            None => write!(f, "* {}", self.kind)?,
        }
        if self.parameter.is_empty() { Ok(()) } else { write!(f, " {}", self.parameter) }
    }
}
