//! Writes feedback messages: one for as many packets as fit.

use crate::arrivals::Arrival;
use crate::chunks::{Chunks, Symbol};

/// Ticks of 250 µs in a unit of the reference time, 64 ms.
const REFERENCE_TICKS: u64 = 256;
/// RTCP header, two SSRCs, base and count, reference time and feedback count.
const HEADER_LEN: usize = 20;
/// Packets that one message can be about.
const MAX_COUNT: i64 = 65_535;
/// No more numbers than these are said to be missing in a row: a sender that begins to count anew is put farther ahead.
const MAX_GAP: i64 = 32_767;
/// What a chunk more for the gap, one for the packet and one that gets ready before them take, and a delta.
const NEXT_PACKET: usize = 10;

/// Whom messages come from and whom they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) sender_ssrc: u32,
    pub(crate) media_ssrc: u32,
}

/// A message in the making, and the memory for it.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The first number and the one behind the last.
    base: i64,
    end: i64,
    /// In units of 64 ms.
    reference: u64,
    /// When the last packet came, in ticks.
    tick: u64,
    chunks: Chunks,
    deltas: Vec<u8>,
    bytes: Vec<u8>,
}

impl Message {
    /// Writes messages about all numbers from `from` to that of the last arrival, each message at most `room` bytes long, and
    /// hands them on. What a message cannot say any more, the next one begins with.
    pub(crate) fn write_all<E>(
        &mut self,
        (from, arrivals): (i64, impl Iterator<Item = Arrival>),
        header: Header,
        count: &mut u8,
        room: usize,
        mut send: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut begun = false;
        let mut next = from;
        for arrival in arrivals {
            if begun && !self.push(arrival, room) {
                send(self.finish(header, count))?;
                begun = false;
            }
            if !begun {
                self.begin(next, arrival);
                begun = self.push(arrival, usize::MAX);
            }
            next = self.end;
        }
        if begun {
            send(self.finish(header, count))?;
        }
        Ok(())
    }

    /// The reference time is that of the first packet, whose delta is small by that.
    fn begin(&mut self, from: i64, first: Arrival) {
        let base = if first.number - from > MAX_GAP { first.number } else { from };
        (self.base, self.end) = (base, base);
        self.reference = first.tick / REFERENCE_TICKS;
        self.tick = self.reference * REFERENCE_TICKS;
        self.chunks.clear();
        self.deltas.clear();
    }

    /// Adds a packet, and that those before it are missing; `false`: there is no room, or it came too long after or before
    /// the last one for a delta (±8.19 s).
    fn push(&mut self, arrival: Arrival, room: usize) -> bool {
        let gap = arrival.number - self.end;
        let delta = arrival.tick.wrapping_sub(self.tick).cast_signed();
        let Ok(delta) = i16::try_from(delta) else { return false };
        let long = arrival.number - self.base >= MAX_COUNT || gap > MAX_GAP;
        let len =
            HEADER_LEN + self.chunks.len() + self.deltas.len() + NEXT_PACKET + 2 * (gap as usize / 8191);
        if long || len.next_multiple_of(4) > room {
            return false;
        }
        self.chunks.push(Symbol::Lost, gap as u32);
        if let Ok(small) = u8::try_from(delta) {
            self.chunks.push(Symbol::Small, 1);
            self.deltas.push(small);
        } else {
            self.chunks.push(Symbol::Large, 1);
            self.deltas.extend_from_slice(&delta.to_be_bytes());
        }
        (self.end, self.tick) = (arrival.number + 1, arrival.tick);
        true
    }

    fn finish(&mut self, header: Header, count: &mut u8) -> &[u8] {
        let statuses = (self.end - self.base) as u16;
        let [_, r0, r1, r2] = (self.reference as u32).to_be_bytes();
        let chunks = self.chunks.finish();
        let content = HEADER_LEN + chunks.len() + self.deltas.len();
        let padding = content.next_multiple_of(4) - content;
        let words = (content + padding) / 4 - 1;
        let first = if padding > 0 { 0xaf } else { 0x8f };
        self.bytes.clear();
        self.bytes.extend_from_slice(&[first, 205]);
        self.bytes.extend_from_slice(&(words as u16).to_be_bytes());
        self.bytes.extend_from_slice(&header.sender_ssrc.to_be_bytes());
        self.bytes.extend_from_slice(&header.media_ssrc.to_be_bytes());
        self.bytes.extend_from_slice(&(self.base as u16).to_be_bytes());
        self.bytes.extend_from_slice(&statuses.to_be_bytes());
        self.bytes.extend_from_slice(&[r0, r1, r2, *count]);
        self.bytes.extend_from_slice(chunks);
        self.bytes.extend_from_slice(&self.deltas);
        if padding > 0 {
            self.bytes.resize(content + padding - 1, 0);
            self.bytes.push(padding as u8);
        }
        *count = count.wrapping_add(1);
        &self.bytes
    }
}
