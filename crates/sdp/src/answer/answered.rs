//! An answer, and what travels when both ends keep to it.

use interceptor_core::{ChainConfig, StreamInfo};

use super::Refusal;
use crate::{Demux, Description, MediaStreams};

/// An answer, and what both ends have agreed on by it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answered {
    /// The answer: its text is what [`Display`](std::fmt::Display) writes.
    pub description: Description,
    /// What the offering end sends, with what was accepted of it.
    pub remote: Vec<MediaStreams>,
    /// What this end sends: each [`LocalSource`](crate::LocalSource) that the offer takes, ready to be bound.
    pub local: Vec<StreamInfo>,
    /// The sections that are refused.
    pub refused: Vec<Refusal>,
    /// The SSRCs of local sources that are not sent: their section is refused, takes nothing, or knows no encoding of this name.
    pub unsent: Vec<u32>,
}

impl Answered {
    /// Finds the streams of what comes in.
    #[must_use]
    pub fn demux(&self) -> Demux {
        Demux::new(&self.remote)
    }

    /// A connection's configuration with what was agreed; see [`Description::configure`].
    #[must_use]
    pub fn configure(&self, config: ChainConfig) -> ChainConfig {
        self.description.configure(config)
    }
}
