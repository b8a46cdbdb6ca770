//! The SSRCs that a section announces, and what belongs together (RFC 5576).

use std::fmt;

/// An SSRC that the section's author sends with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// The SSRC.
    pub ssrc: u32,
    /// The canonical name; empty when it is not said.
    pub cname: String,
    /// The MediaStream and track it belongs to, if its own lines say so.
    pub msid: Option<Msid>,
    /// All other attributes, with their values.
    pub attributes: Vec<(String, String)>,
}

/// Which MediaStream and track something belongs to (RFC 8830 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msid {
    /// The MediaStream; `-` for none.
    pub stream: String,
    /// The track; empty when it is not said.
    pub track: String,
}

/// A line `a=ssrc-group`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceGroup {
    /// `FID` (media, RTX), `FEC-FR` (media, repair), `SIM` (layers), …
    pub semantics: String,
    /// The SSRCs in their order.
    pub ssrcs: Vec<u32>,
}

impl Source {
    pub(crate) fn new(ssrc: u32) -> Self {
        Self { ssrc, ..Self::default() }
    }

    /// `10 cname:x`, `10 msid:stream track`, `10 attribute`.
    pub(crate) fn split(value: &str) -> Option<(u32, &str, &str)> {
        let (ssrc, attribute) = value.trim().split_once(char::is_whitespace)?;
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        Some((ssrc.parse().ok()?, name.trim(), value.trim()))
    }

    pub(crate) fn add(&mut self, name: &str, value: &str) {
        match name {
            "cname" => value.clone_into(&mut self.cname),
            "msid" => self.msid = Msid::parse(value),
            _ => self.attributes.push((name.to_owned(), value.to_owned())),
        }
    }
}

impl Msid {
    /// Of a MediaStream and a track.
    #[must_use]
    pub fn new(stream: impl Into<String>, track: impl Into<String>) -> Self {
        Self { stream: stream.into(), track: track.into() }
    }

    /// `stream track`, `stream`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        Some(Self::new(words.next()?, words.next().unwrap_or_default()))
    }
}

impl fmt::Display for Msid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stream)?;
        if self.track.is_empty() { Ok(()) } else { write!(f, " {}", self.track) }
    }
}

impl SourceGroup {
    /// Of this kind, with these SSRCs.
    #[must_use]
    pub fn new(semantics: impl Into<String>, ssrcs: impl Into<Vec<u32>>) -> Self {
        Self { semantics: semantics.into(), ssrcs: ssrcs.into() }
    }

    /// `FID 10 11`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_whitespace();
        let semantics = words.next()?.to_owned();
        let ssrcs = words.map(str::parse).collect::<Result<Vec<u32>, _>>().ok()?;
        (!ssrcs.is_empty()).then_some(Self { semantics, ssrcs })
    }

    /// Is it a group of this kind? Compared without case.
    #[must_use]
    pub fn is(&self, semantics: &str) -> bool {
        self.semantics.eq_ignore_ascii_case(semantics)
    }
}
