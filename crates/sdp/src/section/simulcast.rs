//! The encodings of one source that a section names (RFC 8851), and how they are sent side by side (RFC 8853).

use std::fmt;

use sdp_types::{Rid as RidLine, RidDirection};

use super::format::payload_type;

/// A line `a=rid`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rid {
    /// The identifier: letters, digits, `-` and `_`.
    pub id: String,
    /// Does the description's author send it, rather than take it?
    pub sends: bool,
    /// The payload types it is bound to; empty for all of the section.
    pub numbers: Vec<u8>,
    /// Restrictions such as `max-width=1280`, verbatim and in order.
    pub restrictions: Vec<String>,
}

/// A line `a=simulcast`: the streams that its author sends or takes at the same time, each with its alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Simulcast {
    /// What it sends.
    pub send: Vec<Vec<Alternative>>,
    /// What it takes.
    pub recv: Vec<Vec<Alternative>>,
}

/// One of the encodings that a simulcast stream may have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alternative {
    /// The identifier of an `a=rid`.
    pub rid: String,
    /// Does it begin paused, `~`?
    pub paused: bool,
}

impl Rid {
    /// `hi send pt=96;max-br=1000000`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let line: RidLine = value.trim().parse().ok()?;
        let mut rid = Self {
            id: line.id,
            sends: line.direction == RidDirection::Send,
            numbers: Vec::new(),
            restrictions: Vec::new(),
        };
        for parameter in line.params {
            match parameter.strip_prefix("pt=") {
                Some(list) => rid.numbers = list.split(',').map(payload_type).collect::<Option<_>>()?,
                None => rid.restrictions.push(parameter),
            }
        }
        Some(rid)
    }

    /// `max-br`: its highest bit rate, in bits per second (RFC 8851 §5).
    #[must_use]
    pub fn max_bitrate(&self) -> Option<u64> {
        let mut values = self.restrictions.iter().filter_map(|text| text.strip_prefix("max-br="));
        values.next()?.parse().ok()
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.id, if self.sends { "send" } else { "recv" })?;
        let numbers: Vec<_> = self.numbers.iter().map(u8::to_string).collect();
        let numbers = (!numbers.is_empty()).then(|| format!("pt={}", numbers.join(",")));
        let parameters: Vec<_> = numbers.into_iter().chain(self.restrictions.iter().cloned()).collect();
        if parameters.is_empty() { Ok(()) } else { write!(f, " {}", parameters.join(";")) }
    }
}

impl Simulcast {
    /// `send hi;~mid,low recv a`.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut simulcast = Self::default();
        let mut words = value.split_whitespace();
        while let Some(direction) = words.next() {
            let streams = match direction {
                "send" => &mut simulcast.send,
                "recv" => &mut simulcast.recv,
                _ => return None,
            };
            if !streams.is_empty() {
                return None;
            }
            *streams = words.next()?.split(';').map(alternatives).collect::<Option<_>>()?;
        }
        (!simulcast.is_empty()).then_some(simulcast)
    }

    /// All encodings that it names, both ways.
    pub(crate) fn encodings(&self) -> impl Iterator<Item = &Alternative> {
        self.send.iter().chain(&self.recv).flatten()
    }

    /// Does it name no stream?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.send.is_empty() && self.recv.is_empty()
    }
}

fn alternatives(text: &str) -> Option<Vec<Alternative>> {
    text.split(',').map(Alternative::parse).collect()
}

impl Alternative {
    fn parse(text: &str) -> Option<Self> {
        let (paused, rid) = text.strip_prefix('~').map_or((false, text), |rid| (true, rid));
        let is_id = rid.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        (is_id && !rid.is_empty()).then(|| Self { rid: rid.to_owned(), paused })
    }
}

impl fmt::Display for Simulcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |streams: &[Vec<Alternative>]| {
            let streams = streams.iter().map(|stream| {
                let stream: Vec<_> = stream.iter().map(Alternative::to_string).collect();
                stream.join(",")
            });
            streams.collect::<Vec<_>>().join(";")
        };
        let parts = [("send", &self.send), ("recv", &self.recv)].into_iter();
        let parts = parts.filter(|(_, streams)| !streams.is_empty());
        let parts: Vec<_> = parts.map(|(word, streams)| format!("{word} {}", list(streams))).collect();
        f.write_str(&parts.join(" "))
    }
}

impl fmt::Display for Alternative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.paused { "~" } else { "" }, self.rid)
    }
}
