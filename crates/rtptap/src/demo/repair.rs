//! What mends the losses of a run.

use serde::{Deserialize, Serialize};

/// What mends the losses of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Repair {
    /// Nothing.
    #[default]
    Off,
    /// The receiver asks (RFC 4585), the sender sends again (RFC 4588).
    Nack,
    /// The sender protects what it sends (FlexFEC), the receiver recovers without asking.
    Fec,
    /// The receiver recovers what it can and asks for the rest.
    Both,
}

impl Repair {
    /// Does the receiver ask for what is missing?
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(self, Self::Nack | Self::Both)
    }

    /// Does the sender protect what it sends?
    #[must_use]
    pub const fn protects(self) -> bool {
        matches!(self, Self::Fec | Self::Both)
    }

    /// As JSON, sessions and the page's style call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Nack => "nack",
            Self::Fec => "fec",
            Self::Both => "both",
        }
    }

    /// At the head of a column.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Off => "repair off",
            Self::Nack => "NACK",
            Self::Fec => "FEC",
            Self::Both => "NACK + FEC",
        }
    }

    /// In a column of its own.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Nack => "NACK",
            Self::Fec => "FEC",
            Self::Both => "both",
        }
    }
}
