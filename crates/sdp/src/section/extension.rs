//! One header extension (RFC 8285 §5).

use std::fmt;

use sdp_types::Direction;

/// The numbers that an offer gives to extensions for which it has no identifier left (RFC 8285 §6).
const PLACEHOLDERS: std::ops::RangeInclusive<u16> = 4096..=4351;

/// A line `a=extmap`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension {
    /// The identifier on the wire, 1..=255; 4096..=4351 in an offer that has too many, which nothing can be sent with.
    pub id: u16,
    /// Who sends it, as seen by the description's author; without it the section's direction counts.
    pub direction: Option<Direction>,
    /// What it carries.
    pub uri: String,
    /// What else is said of it; empty in all that are common.
    pub attributes: String,
}

impl Extension {
    /// An extension that both ends may send.
    #[must_use]
    pub fn new(id: u8, uri: impl Into<String>) -> Self {
        Self { id: u16::from(id), direction: None, uri: uri.into(), attributes: String::new() }
    }

    /// `4 URI`, `4/recvonly URI attributes`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let (head, rest) = value.trim().split_once(char::is_whitespace)?;
        let (id, direction) = match head.split_once('/') {
            Some((id, direction)) => (id, Some(direction.parse().ok()?)),
            None => (head, None),
        };
        let id = id.parse().ok().filter(|id| (1..=255).contains(id) || PLACEHOLDERS.contains(id))?;
        let rest = rest.trim();
        let (uri, attributes) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        (!uri.is_empty()).then(|| Self {
            id,
            direction,
            uri: uri.to_owned(),
            attributes: attributes.trim().to_owned(),
        })
    }

    /// The identifier that packets carry; `None` of a placeholder.
    #[must_use]
    pub fn wire_id(&self) -> Option<u8> {
        u8::try_from(self.id).ok()
    }

    /// May the description's author send it?
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.direction.is_none_or(Direction::has_send)
    }

    /// Does the description's author take it?
    #[must_use]
    pub fn is_received(&self) -> bool {
        self.direction.is_none_or(Direction::has_recv)
    }
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.id)?;
        if let Some(direction) = self.direction {
            write!(f, "/{direction}")?;
        }
        write!(f, " {}", self.uri)?;
        if self.attributes.is_empty() { Ok(()) } else { write!(f, " {}", self.attributes) }
    }
}
