//! Redundant payloads (RED, RFC 2198): older blocks in front of a primary one, read by ranges and written by appending.
//!
//! ```
//! use interceptor_packet::red::{Red, Redundant, write};
//!
//! // What was sent 960 ticks ago, in front of what is sent now.
//! let mut payload = Vec::new();
//! let older = Redundant::new(111, 960, &[0xaa, 0xbb]).expect("it fits a block");
//! write(&[older], 111, &[0xcc, 0xdd, 0xee], &mut payload);
//! assert_eq!(payload, [0xef, 0x0f, 0x00, 0x02, 0x6f, 0xaa, 0xbb, 0xcc, 0xdd, 0xee]);
//!
//! let red = Red::parse(&payload)?;
//! assert_eq!((red.primary_type(), &payload[red.primary()]), (111, &[0xcc, 0xdd, 0xee][..]));
//! let block = red.redundant().next().expect("one");
//! assert_eq!((block.payload_type, block.timestamp_offset, &payload[block.range]), (111, 960, &[0xaa, 0xbb][..]));
//! # Ok::<(), interceptor_packet::red::RedError>(())
//! ```

use std::ops::Range;

use bytes::BufMut;

/// The largest timestamp offset of a block: 14 bits.
pub const MAX_OFFSET: u16 = 0x3fff;
/// The longest block, in bytes: 10 bits.
pub const MAX_BLOCK_LEN: usize = 0x3ff;
/// More redundant blocks make a payload malformed. The format has no limit; libwebrtc's is the same.
pub const MAX_BLOCKS: usize = 32;
/// Bytes in front of each redundant block's payload.
pub const BLOCK_HEADER_LEN: usize = 4;
/// Bytes in front of the primary block's payload.
pub const PRIMARY_HEADER_LEN: usize = 1;

/// In front of every block but the last.
const MORE: u8 = 0x80;

/// A payload of redundant blocks, oldest first, and a primary one, checked once: every range it gives lies inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Red<'a> {
    /// The headers of the redundant blocks.
    headers: &'a [[u8; BLOCK_HEADER_LEN]],
    primary_type: u8,
    /// Where the primary block begins.
    primary: usize,
    /// Where it ends.
    len: usize,
}

/// A redundant block: what the packet so many ticks ago carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its payload type.
    pub payload_type: u8,
    /// So many ticks of the clock before the packet's timestamp, 0..=16 383.
    pub timestamp_offset: u16,
    /// Where it is in the payload.
    pub range: Range<usize>,
}

/// Why a payload is none of RFC 2198.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedError {
    /// It ends before the header of the primary block.
    #[error("the payload ends inside the headers of its blocks")]
    Truncated,
    /// The blocks are longer than what there is.
    #[error("blocks of {needed} bytes in {available}")]
    BlocksTooLong {
        /// The sum of the lengths that the headers name.
        needed: usize,
        /// Bytes behind the headers.
        available: usize,
    },
    /// More than [`MAX_BLOCKS`] redundant blocks.
    #[error("more than {MAX_BLOCKS} blocks")]
    TooManyBlocks,
}

impl<'a> Red<'a> {
    /// Checks a payload. Costs a look at each block's header.
    ///
    /// # Errors
    /// [`RedError`]: it is cut off, or promises more than there is.
    #[inline]
    pub fn parse(payload: &'a [u8]) -> Result<Self, RedError> {
        // What browsers send in most packets: one block, or none.
        let (chunks, _) = payload.as_chunks::<BLOCK_HEADER_LEN>();
        let (mut count, mut blocks) = (0, 0);
        for header in chunks {
            if header[0] & MORE == 0 {
                break;
            }
            if count == MAX_BLOCKS {
                return Err(RedError::TooManyBlocks);
            }
            count += 1;
            blocks += block_len(*header);
        }
        let behind = count * BLOCK_HEADER_LEN;
        let primary_type = *payload.get(behind).ok_or(RedError::Truncated)?;
        if primary_type & MORE != 0 {
            return Err(RedError::Truncated);
        }
        let start = behind + PRIMARY_HEADER_LEN;
        let available = payload.len() - start;
        if blocks > available {
            return Err(RedError::BlocksTooLong { needed: blocks, available });
        }
        let headers = chunks.get(..count).unwrap_or_default();
        Ok(Self { headers, primary_type, primary: start + blocks, len: payload.len() })
    }

    /// The payload type of the primary block.
    #[inline]
    #[must_use]
    pub const fn primary_type(&self) -> u8 {
        self.primary_type
    }

    /// Where the primary block is in the payload.
    #[inline]
    #[must_use]
    pub const fn primary(&self) -> Range<usize> {
        self.primary..self.len
    }

    /// How many redundant blocks there are.
    #[inline]
    #[must_use]
    pub const fn redundant_count(&self) -> usize {
        self.headers.len()
    }

    /// The redundant blocks in the order of the payload, which is from the oldest on.
    #[inline]
    pub fn redundant(&self) -> impl Iterator<Item = Block> + use<'a> {
        let mut at = self.headers.len() * BLOCK_HEADER_LEN + PRIMARY_HEADER_LEN;
        self.headers.iter().map(move |header| {
            let [first, a, b, _] = *header;
            let range = at..at + block_len(*header);
            at = range.end;
            let timestamp_offset = u16::from_be_bytes([a, b]) >> 2;
            Block { payload_type: first & !MORE, timestamp_offset, range }
        })
    }
}

const fn block_len([_, _, b, c]: [u8; BLOCK_HEADER_LEN]) -> usize {
    (u16::from_be_bytes([b, c]) & MAX_BLOCK_LEN as u16) as usize
}

/// A redundant block to write: one that its header has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Redundant<'a> {
    payload_type: u8,
    timestamp_offset: u16,
    payload: &'a [u8],
}

impl<'a> Redundant<'a> {
    /// What was sent `timestamp_offset` ticks ago with this payload type (of which seven bits count). `None`: an offset over
    /// [`MAX_OFFSET`] or a payload over [`MAX_BLOCK_LEN`].
    #[inline]
    #[must_use]
    pub fn new(payload_type: u8, timestamp_offset: u32, payload: &'a [u8]) -> Option<Self> {
        let timestamp_offset = u16::try_from(timestamp_offset).ok().filter(|offset| *offset <= MAX_OFFSET)?;
        (payload.len() <= MAX_BLOCK_LEN).then_some(Self { payload_type, timestamp_offset, payload })
    }

    /// Bytes that it takes: its header and its payload.
    #[inline]
    #[must_use]
    pub const fn written_len(&self) -> usize {
        BLOCK_HEADER_LEN + self.payload.len()
    }

    const fn header(&self) -> [u8; BLOCK_HEADER_LEN] {
        let word = (self.timestamp_offset as u32) << 10 | self.payload.len() as u32;
        let [_, a, b, c] = word.to_be_bytes();
        [self.payload_type | MORE, a, b, c]
    }
}

/// Appends a payload: the redundant blocks, which are to come oldest first, and the primary one of this payload type (of which
/// seven bits count).
#[inline]
pub fn write(redundant: &[Redundant<'_>], primary_type: u8, primary: &[u8], out: &mut impl BufMut) {
    for block in redundant {
        out.put_slice(&block.header());
    }
    out.put_u8(primary_type & !MORE);
    for block in redundant {
        out.put_slice(block.payload);
    }
    out.put_slice(primary);
}
