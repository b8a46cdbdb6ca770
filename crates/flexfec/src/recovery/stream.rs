//! What is kept of a recovered stream.

use interceptor_core::{FecScheme, StreamInfo};

/// A remote stream whose losses are recovered.
#[derive(Debug)]
pub struct RecoveredStream {
    ssrc: u32,
    pub(super) source: Source,
    /// Its group's place.
    pub(super) group: usize,
}

/// Where a stream's repair packets come from, and how they are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) ssrc: u32,
    pub(super) format: Format,
}

/// The formats of repair packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Draft03,
    Rfc8627,
    St2022,
}

impl RecoveredStream {
    pub(super) const fn new(ssrc: u32, source: Source, group: usize) -> Self {
        Self { ssrc, source, group }
    }

    /// Its media SSRC.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }
}

impl Source {
    pub(super) fn of(info: &StreamInfo) -> Option<Self> {
        let fec = info.fec.as_ref()?;
        let format = match fec.scheme {
            FecScheme::FlexFec03 => Format::Draft03,
            FecScheme::FlexFec => Format::Rfc8627,
            FecScheme::St2022_1 => Format::St2022,
            _ => return None,
        };
        Some(Self { ssrc: fec.ssrc.filter(|ssrc| *ssrc != info.ssrc)?, format })
    }
}
