//! How repair packets are made of media packets: the code, as it is chosen.

use std::fmt;

/// Which packets of a block a repair packet covers.
///
/// A block is the media packets of a stream between two groups of repair packets. All codes are written with masks, so that every receiver
/// of FlexFEC reads all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// What the loss asks for: none, [`Interleaved`](Self::Interleaved), [`TwoD`](Self::TwoD) or [`Dense`](Self::Dense).
    #[default]
    Adaptive,
    /// A repair packet for each `l` packets in a row. Brings back one of them; least delay, no help against bursts.
    Rows {
        /// Packets of a row, 1..=109.
        l: u8,
    },
    /// `l` repair packets for `l · d` packets, each over every `l`-th of them. Brings back a burst of up to `l` packets.
    Columns {
        /// Columns, so repair packets, 1..=48.
        l: u8,
        /// Packets of a column, 1..=109.
        d: u8,
    },
    /// A repair packet for each row and each column of `l · d` packets. What a row cannot bring back a column may, and the other way round.
    TwoD {
        /// Packets of a row, so columns, 2..=47.
        l: u8,
        /// Rows, 2..=47.
        d: u8,
    },
    /// Packet *i* of `n` in repair packet *i* mod `f`: columns of any number of packets.
    Interleaved {
        /// Packets of a block, 1..=109.
        n: u8,
        /// Repair packets, 1..=48.
        f: u8,
    },
    /// `f` repair packets, each over a half of `n` packets that is drawn from the connection's seed. A receiver that eliminates brings back
    /// nearly as many packets as repair packets come; one that only peels brings back less than with the other codes.
    Dense {
        /// Packets of a block, 1..=109.
        n: u8,
        /// Repair packets, 1..=48.
        f: u8,
    },
}

/// The most packets that a block has: what a mask of the draft reaches over. One less than RFC 8627's.
pub(crate) const MAX_PACKETS: usize = 109;
/// The most repair packets that are open at a time.
pub(crate) const MAX_REPAIRS: usize = 48;

impl Code {
    /// Media packets of a whole block; 0 of [`Adaptive`](Self::Adaptive).
    #[must_use]
    pub const fn packets(self) -> usize {
        match self {
            Self::Adaptive => 0,
            Self::Rows { l } => l as usize,
            Self::Columns { l, d } | Self::TwoD { l, d } => l as usize * d as usize,
            Self::Interleaved { n, .. } | Self::Dense { n, .. } => n as usize,
        }
    }

    /// Repair packets of a whole block; 0 of [`Adaptive`](Self::Adaptive).
    #[must_use]
    pub const fn repairs(self) -> usize {
        match self {
            Self::Adaptive => 0,
            Self::Rows { .. } => 1,
            Self::Columns { l, .. } => l as usize,
            Self::TwoD { l, d } => l as usize + d as usize,
            Self::Interleaved { f, .. } | Self::Dense { f, .. } => f as usize,
        }
    }

    /// Repair packets in a million media packets.
    #[must_use]
    pub const fn overhead_ppm(self) -> u32 {
        match self.packets() {
            0 => 0,
            packets => (self.repairs() * 1_000_000 / packets) as u32,
        }
    }

    /// Are block and repair packets of a size that masks and memory allow?
    pub(crate) const fn is_possible(self) -> bool {
        let (packets, repairs) = (self.packets(), self.repairs());
        match self {
            Self::Adaptive => true,
            Self::TwoD { l, d } if l < 2 || d < 2 => false,
            Self::TwoD { .. } => packets <= MAX_PACKETS && repairs <= MAX_REPAIRS,
            _ => 1 <= repairs && repairs <= packets && packets <= MAX_PACKETS && repairs <= MAX_REPAIRS,
        }
    }

    /// In one number, to be told across threads.
    pub(crate) const fn pack(self) -> u64 {
        let (kind, a, b) = match self {
            Self::Adaptive => (0, 0, 0),
            Self::Rows { l } => (1, l, 0),
            Self::Columns { l, d } => (2, l, d),
            Self::TwoD { l, d } => (3, l, d),
            Self::Interleaved { n, f } => (4, n, f),
            Self::Dense { n, f } => (5, n, f),
        };
        kind << 16 | (a as u64) << 8 | b as u64
    }

    /// The opposite of [`pack`](Self::pack).
    pub(crate) const fn unpack(packed: u64) -> Self {
        let (a, b) = ((packed >> 8) as u8, packed as u8);
        match packed >> 16 {
            1 => Self::Rows { l: a },
            2 => Self::Columns { l: a, d: b },
            3 => Self::TwoD { l: a, d: b },
            4 => Self::Interleaved { n: a, f: b },
            5 => Self::Dense { n: a, f: b },
            _ => Self::Adaptive,
        }
    }
}

impl fmt::Display for Code {
    /// `interleaved 40+5`, `2-D 6x6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Adaptive => write!(f, "adaptive"),
            Self::Rows { l } => write!(f, "rows {l}+1"),
            Self::Columns { l, d } => write!(f, "columns {l}x{d}"),
            Self::TwoD { l, d } => write!(f, "2-D {l}x{d}"),
            Self::Interleaved { n, f: repairs } => write!(f, "interleaved {n}+{repairs}"),
            Self::Dense { n, f: repairs } => write!(f, "dense {n}+{repairs}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Code; 6] = [
        Code::Adaptive,
        Code::Rows { l: 10 },
        Code::Columns { l: 5, d: 4 },
        Code::TwoD { l: 5, d: 4 },
        Code::Interleaved { n: 48, f: 5 },
        Code::Dense { n: 40, f: 14 },
    ];

    #[test]
    fn overheads_are_those_of_the_literature() {
        // Rows 1/L, columns 1/D, both (L + D) / (L · D).
        assert_eq!(ALL.map(Code::overhead_ppm), [0, 100_000, 250_000, 450_000, 104_166, 350_000]);
        assert_eq!(ALL.map(Code::repairs), [0, 1, 5, 9, 5, 14]);
        assert_eq!(ALL.map(Code::packets), [0, 10, 20, 20, 48, 40]);
    }

    #[test]
    fn a_code_comes_back_from_its_number() {
        assert_eq!(ALL.map(|code| Code::unpack(code.pack())), ALL);
    }

    #[test]
    fn blocks_fit_masks_and_memory() {
        assert!(ALL.into_iter().all(Code::is_possible));
        let impossible = [
            Code::Rows { l: 0 },
            Code::Rows { l: 110 },
            Code::Columns { l: 10, d: 11 },
            Code::Columns { l: 0, d: 3 },
            Code::TwoD { l: 1, d: 5 },
            Code::TwoD { l: 47, d: 2 },
            Code::TwoD { l: 11, d: 10 },
            Code::Interleaved { n: 0, f: 0 },
            Code::Interleaved { n: 4, f: 5 },
            Code::Dense { n: 109, f: 49 },
            Code::Dense { n: 110, f: 4 },
        ];
        impossible.into_iter().for_each(|code| assert!(!code.is_possible(), "{code}"));
    }
}
