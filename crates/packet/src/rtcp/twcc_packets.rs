//! What transport-wide feedback says of each packet (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.1–§3.1.5).

/// What a receive delta counts in: 250 µs.
const MICROS_PER_UNIT: i64 = 250;
/// Set in a chunk that is a vector of symbols; a run length otherwise.
const VECTOR_BIT: u16 = 0x8000;
/// Set in a vector whose symbols have two bits.
const TWO_BIT: u16 = 0x4000;
const MAX_RUN: u16 = 0x1fff;

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TwccStatus {
    /// It had not arrived when the feedback was made.
    NotReceived,
    /// It arrived so many microseconds after the feedback's reference time, in steps of 250; before it, if negative.
    Received {
        /// Since [`Twcc::reference_time`](super::Twcc::reference_time), which counts in 64 ms.
        micros: i64,
    },
    /// It arrived, and nobody says when: a symbol that the draft reserves and libwebrtc reads so.
    ReceivedUntimed,
}

impl TwccStatus {
    /// Whether the packet arrived.
    #[must_use]
    pub const fn is_received(self) -> bool {
        !matches!(self, Self::NotReceived)
    }
}

/// The packets of a feedback message in order: transport-wide sequence number and what became of it.
#[derive(Clone, Debug)]
pub struct TwccPackets<'a> {
    chunks: std::slice::Iter<'a, [u8; 2]>,
    chunk: Chunk,
    deltas: &'a [u8],
    number: u16,
    left: u16,
    micros: i64,
}

impl<'a> TwccPackets<'a> {
    /// `None` when nothing is reported, or when chunks or deltas end before the packets do.
    pub(super) fn of(base: u16, count: u16, payload: &'a [u8]) -> Option<Self> {
        let (mut left, mut rest, mut delta_bytes) = (count, payload, 0);
        while left > 0 {
            let (chunk, after) = rest.split_first_chunk()?;
            let chunk = Chunk::of(u16::from_be_bytes(*chunk)).cut(left);
            left -= chunk.left;
            delta_bytes += chunk.delta_bytes();
            rest = after;
        }
        let chunks = payload.get(..payload.len() - rest.len())?.as_chunks().0.iter();
        let deltas = rest.get(..delta_bytes)?;
        let packets = Self { chunks, chunk: Chunk::default(), deltas, number: base, left: count, micros: 0 };
        (count > 0).then_some(packets)
    }

    fn symbol(&mut self) -> Option<u16> {
        while self.chunk.left == 0 {
            self.chunk = Chunk::of(u16::from_be_bytes(*self.chunks.next()?));
        }
        self.chunk.next()
    }

    fn delta<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (delta, rest) = self.deltas.split_first_chunk()?;
        self.deltas = rest;
        Some(*delta)
    }

    fn received(&mut self, units: i64) -> TwccStatus {
        self.micros += MICROS_PER_UNIT * units;
        TwccStatus::Received { micros: self.micros }
    }
}

impl Iterator for TwccPackets<'_> {
    type Item = (u16, TwccStatus);

    fn next(&mut self) -> Option<(u16, TwccStatus)> {
        self.left = self.left.checked_sub(1)?;
        let status = match self.symbol()? {
            0 => TwccStatus::NotReceived,
            1 => {
                let [units] = self.delta()?;
                self.received(units.into())
            }
            2 => {
                let units = i16::from_be_bytes(self.delta()?);
                self.received(units.into())
            }
            _ => TwccStatus::ReceivedUntimed,
        };
        let number = self.number;
        self.number = number.wrapping_add(1);
        Some((number, status))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

impl ExactSizeIterator for TwccPackets<'_> {}

/// The symbols of a chunk that are still to come.
#[derive(Clone, Copy, Debug, Default)]
struct Chunk {
    /// The next symbol in the highest bits; a run has only the one.
    symbols: u16,
    /// Bits of a symbol: 1 or 2; 0 for a run, whose symbol does not move on.
    bits: u32,
    left: u16,
}

impl Chunk {
    const fn of(word: u16) -> Self {
        if word & VECTOR_BIT == 0 {
            return Self { symbols: word << 1 & 0xc000, bits: 0, left: word & MAX_RUN };
        }
        match word & TWO_BIT {
            0 => Self { symbols: word << 2, bits: 1, left: 14 },
            _ => Self { symbols: word << 2, bits: 2, left: 7 },
        }
    }

    /// With no more than so many symbols: what is beyond the last packet says nothing.
    fn cut(self, most: u16) -> Self {
        Self { left: self.left.min(most), ..self }
    }

    const fn next(&mut self) -> Option<u16> {
        let Some(left) = self.left.checked_sub(1) else { return None };
        let symbol = if self.bits == 1 { self.symbols >> 15 } else { self.symbols >> 14 };
        self.symbols <<= self.bits;
        self.left = left;
        Some(symbol)
    }

    fn delta_bytes(mut self) -> usize {
        if self.bits == 0 {
            let each = delta_len(self.symbols >> 14);
            return each * usize::from(self.left);
        }
        std::iter::from_fn(|| self.next()).map(delta_len).sum()
    }
}

/// Bytes of the delta that comes with a symbol.
const fn delta_len(symbol: u16) -> usize {
    match symbol {
        1 => 1,
        2 => 2,
        _ => 0,
    }
}
