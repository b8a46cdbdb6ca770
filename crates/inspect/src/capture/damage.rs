//! What is wrong with a file, and where.

use std::fmt;

/// Damage of one file that is described in detail; the rest is only counted.
pub(crate) const MAX_DESCRIBED: usize = 32;

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Bytes from the start of the file; of a gzip file, of what is in it.
    pub offset: u64,
    /// What kind of damage.
    pub kind: DamageKind,
    /// What was found there, for a person.
    pub what: String,
}

/// The kinds of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageKind {
    /// The file ends within a record.
    Truncated,
    /// Bytes that make no sense; what could be skipped was skipped.
    Damaged,
    /// The file is neither pcap, pcapng nor rtpdump.
    NotACapture,
    /// Reading failed.
    Unreadable,
}

impl DamageKind {
    /// A word for programs: `truncated`, `damaged`, `not-a-capture`, `unreadable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::Damaged => "damaged",
            Self::NotACapture => "not-a-capture",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.offset)
    }
}

/// All that is wrong with one file.
#[derive(Debug, Default)]
pub(super) struct Damages {
    pub(super) described: Vec<Damage>,
    pub(super) more: u64,
}

impl Damages {
    pub(super) fn add(&mut self, offset: u64, kind: DamageKind, what: impl Into<String>) {
        if self.described.len() < MAX_DESCRIBED {
            self.described.push(Damage { offset, kind, what: what.into() });
        } else {
            self.more += 1;
        }
    }
}
