//! Which packets of a source count, and how many were expected (RFC 3550 A.1, A.3).

use super::loss::{Interval, Mark, clamp_cumulative};

/// A number this many or more ahead of the highest is no gap but a jump (RFC 3550 A.1).
pub const MAX_DROPOUT: u16 = 3000;
/// A number less than this many behind the highest is late or a duplicate, not a jump (RFC 3550 A.1).
pub const MAX_MISORDER: u16 = 100;
/// Packets in sequence that make a source valid, where probation is wanted (RFC 3550 A.1).
pub const MIN_SEQUENTIAL: u8 = 2;

/// What RFC 3550 A.1 makes of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The first packet that counts. Every sum starts with it.
    First,
    /// Ahead of all before it. `skipped` numbers lie between; they are lost unless they come late.
    Newest {
        /// 0 for the very next number, at most 2998.
        skipped: u16,
    },
    /// Behind the highest by less than [`MAX_MISORDER`], or equal to it: late or a duplicate. It counts as received all the same.
    Late,
    /// Far from all before it, and alone so far. It does not count.
    Stray,
    /// The second in sequence after a jump: the sender has restarted. Every sum starts again with it.
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
        matches!(self, Self::First | Self::Newest { .. } | Self::Restarted)
    }
}

/// Sequence number state of one source, RFC 3550 A.1, with the sums of A.3.
///
/// Late packets and duplicates count as received, so the loss may be negative. A number that lies [`MAX_DROPOUT`] or
/// more ahead, or [`MAX_MISORDER`] or more behind, is dropped unless the number after it follows it: then the
/// sender has restarted and every sum starts again. As in A.1, what comes between the two does not matter.
///
/// Sums are 64 bits wide, so they hold for the life of any stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceState {
    /// Extended highest number; its low 16 bits are the number on the wire.
    highest: u64,
    received: u64,
    restarts: u32,
    /// The first number that counted.
    base: u16,
    /// The number after the last stray: when it comes, the sender has restarted.
    bad_seq: Option<u16>,
    /// Packets in sequence that it takes to count.
    min_sequential: u8,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    /// Nothing has come.
    #[default]
    Unheard,
    /// This many more in sequence and the source counts.
    Probation(u8),
    Valid,
}

impl SourceState {
    /// A source of which nothing has been heard, that counts from its `min_sequential`-th packet in sequence on.
    ///
    /// 0 and 1 (the default) count from the first packet; [`MIN_SEQUENTIAL`] is the probation of RFC 3550 A.1, which
    /// protects from strays where SSRCs are not announced by signalling.
    #[must_use]
    pub const fn with_probation(min_sequential: u8) -> Self {
        Self {
            highest: 0,
            received: 0,
            restarts: 0,
            base: 0,
            bad_seq: None,
            min_sequential,
            progress: Progress::Unheard,
        }
    }

    /// Takes in the sequence number of a packet that has arrived. No number panics or overflows.
    #[inline]
    pub fn update(&mut self, seq: u16) -> Arrival {
        if self.progress != Progress::Valid {
            return self.start(seq);
        }
        let ahead = seq.wrapping_sub(self.highest as u16);
        if ahead == 0 || ahead > MAX_MISORDER.wrapping_neg() {
            self.received += 1;
            return Arrival::Late;
        }
        if ahead < MAX_DROPOUT {
            self.received += 1;
            self.highest += u64::from(ahead);
            return Arrival::Newest { skipped: ahead - 1 };
        }
        self.jump(seq)
    }

    /// RFC 3550 A.1, "the sequence number made a very large jump".
    #[cold]
    fn jump(&mut self, seq: u16) -> Arrival {
        if self.bad_seq == Some(seq) {
            self.init(seq);
            self.restarts = self.restarts.wrapping_add(1);
            return Arrival::Restarted;
        }
        self.bad_seq = Some(seq.wrapping_add(1));
        Arrival::Stray
    }

    /// RFC 3550 A.1, "source is not valid until MIN_SEQUENTIAL packets with sequential sequence numbers".
    #[cold]
    fn start(&mut self, seq: u16) -> Arrival {
        let follows = seq == (self.highest as u16).wrapping_add(1);
        let missing = match self.progress {
            Progress::Probation(missing) if follows => missing.saturating_sub(1),
            _ => self.min_sequential.saturating_sub(1),
        };
        if missing == 0 {
            self.init(seq);
            return Arrival::First;
        }
        self.highest = u64::from(seq);
        self.progress = Progress::Probation(missing);
        Arrival::Probation
    }

    /// RFC 3550 A.1, `init_seq`, with the packet itself counted.
    const fn init(&mut self, seq: u16) {
        self.highest = seq as u64;
        self.base = seq;
        self.bad_seq = None;
        self.received = 1;
        self.progress = Progress::Valid;
    }

    /// Whether any packet has counted.
    #[inline]
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.progress == Progress::Valid
    }

    /// The extended highest sequence number as report blocks carry it: 16 bits of cycles (modulo 65 536), 16 bits of
    /// sequence number. 0 before the first packet that counts.
    #[inline]
    #[must_use]
    pub fn extended_highest(&self) -> u32 {
        if self.is_valid() { self.highest as u32 } else { 0 }
    }

    /// Packets that counted since the first or the last restart, late ones and duplicates included.
    #[inline]
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Packets that the sender has sent, by its sequence numbers: highest − first + 1 (RFC 3550 A.3).
    #[inline]
    #[must_use]
    pub fn expected(&self) -> u64 {
        if self.is_valid() { self.highest - u64::from(self.base) + 1 } else { 0 }
    }

    /// Expected less received: negative when duplicates outnumber losses. Not clamped.
    #[inline]
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.expected().wrapping_sub(self.received).cast_signed()
    }

    /// [`lost`](Self::lost) as report blocks carry it, clamped to 24 bits with sign (RFC 3550 §6.4.1).
    #[must_use]
    pub fn cumulative_lost(&self) -> i32 {
        clamp_cumulative(self.lost())
    }

    /// How often the sender has restarted.
    #[inline]
    #[must_use]
    pub const fn restarts(&self) -> u32 {
        self.restarts
    }

    /// The present sums, to ask later what happened [`since`](Self::since). [`Mark::default`] stands for the beginning.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { expected: self.expected(), received: self.received, restarts: self.restarts }
    }

    /// What was expected and received since `mark`; since the last restart if there was one after it.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Interval {
        let mark = if mark.restarts == self.restarts { mark } else { Mark::default() };
        Interval {
            expected: self.expected().saturating_sub(mark.expected),
            received: self.received.saturating_sub(mark.received),
        }
    }
}
