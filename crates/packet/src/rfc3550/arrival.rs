//! What one packet is to its source.

/// What RFC 3550 A.1 makes of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The first packet that counts. Every sum starts with it.
    First,
    /// Ahead of all before it. `skipped` numbers lie between; they are lost unless they come late.
    Newest {
        /// 0 for the very next number, at most 4094.
        skipped: u16,
    },
    /// The packet that shows what an earlier [`Stray`](Self::Stray) was: the first after an outage, in which the stream went
    /// on. Both count from now on, and so does what was lost.
    Resumed {
        /// Numbers between the newest before the outage and the first after it.
        lost: u16,
        /// Numbers between that one and the newest that has come since.
        skipped: u16,
    },
    /// Behind the newest, and had not come before: late, and lost no more. It counts as received.
    Late,
    /// It had come before. It counts as received all the same (RFC 3550 A.3).
    Duplicate,
    /// Far from all before it, and not explained so far. It does not count.
    Stray,
    /// One more in sequence after a jump that nothing but a restart of the sender explains. Every sum starts again with it.
    Restarted,
    /// The source has not yet sent enough packets in sequence. It does not count.
    Probation,
}

impl Arrival {
    /// Whether the packet counts as received.
    #[inline]
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Stray | Self::Probation)
    }

    /// Whether the packet counts and is the newest so far: neither late nor a duplicate.
    #[inline]
    #[must_use]
    pub const fn is_newest(self) -> bool {
        matches!(self, Self::First | Self::Newest { .. } | Self::Resumed { .. } | Self::Restarted)
    }
}
