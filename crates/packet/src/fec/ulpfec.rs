//! ULPFEC: RFC 5109 §7.3 and §7.4, whose repair packets travel inside RED.

use super::check::{check_len, check_mask};
use super::cursor::{Reader, Writer};
use super::{FecError, Mask, Pattern, RecoveryFields, Span};
use crate::BuildError;

/// The payload of a repair packet of ULPFEC, of which level 0 is seen: what libwebrtc and GStreamer write.
///
/// ```text
///  0                   1                   2                   3
/// |E|L|P|X|  CC   |M| PT recovery |            SN base            |
/// |                          TS recovery                          |
/// |        length recovery        |       protection length       |
/// |             mask              |      mask, L = 1 only ...     |
/// |                          ... mask     |
/// ```
#[derive(Clone, Copy, Debug)]
pub struct UlpFec<'a> {
    fields: RecoveryFields,
    base: u16,
    is_long: bool,
    level: UlpLevel<'a>,
}

/// One level of protection: how many bytes of which packets (RFC 5109 §7.4).
#[derive(Clone, Copy, Debug)]
pub struct UlpLevel<'a> {
    /// Which packets.
    pub mask: Mask,
    /// How many bytes behind the fixed header of each are protected.
    pub protection_len: u16,
    /// The sum over these bytes, and what follows it: levels, if there are more. Shorter than `protection_len` where a
    /// capture was cut.
    pub rest: &'a [u8],
}

impl<'a> UlpFec<'a> {
    /// Offsets that its masks can say: 0..48.
    pub const MASK_BITS: u8 = 48;
    /// The longest header.
    pub const MAX_HEADER_LEN: usize = 18;

    /// Reads a repair packet's payload, without that of RED.
    ///
    /// # Errors
    /// [`FecError`] when it ends within its header, has the E bit, or protects nothing.
    pub fn read(payload: &'a [u8]) -> Result<Self, FecError> {
        let mut from = Reader(payload);
        let [a, b, s0, s1, t0, t1, t2, t3, l0, l1] = from.take()?;
        // §7.3: E is 0, another value is for a header that is extended in a way nobody has defined.
        if a >> 7 == 1 {
            return Err(FecError::Reserved("E"));
        }
        let fields = RecoveryFields {
            first: [a & RecoveryFields::FIRST_BITS, b],
            length: u16::from_be_bytes([l0, l1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
        };
        let is_long = a >> 6 & 1 == 1;
        let level = UlpLevel::read(is_long, from.0)?;
        Ok(Self { fields, base: u16::from_be_bytes([s0, s1]), is_long, level })
    }

    /// The sums over the fixed headers.
    #[inline]
    #[must_use]
    pub const fn fields(&self) -> RecoveryFields {
        self.fields
    }

    /// L: are masks of 48 bits?
    #[inline]
    #[must_use]
    pub const fn is_long(&self) -> bool {
        self.is_long
    }

    /// What level 0 protects.
    #[inline]
    #[must_use]
    pub const fn protected(&self) -> Span {
        Span { base: self.base, pattern: Pattern::Mask(self.level.mask) }
    }

    /// Level 0, which all others refine.
    #[inline]
    #[must_use]
    pub const fn level(&self) -> UlpLevel<'a> {
        self.level
    }

    /// The sum of level 0, over the first bytes behind the fixed headers. `None` when it is cut.
    #[inline]
    #[must_use]
    pub fn body(&self) -> Option<&'a [u8]> {
        self.level.rest.get(..self.level.protection_len.into())
    }

    /// The length of a header with this mask: 14, or 18 for offsets over 15.
    #[must_use]
    pub const fn header_len(mask: Mask) -> usize {
        if matches!(mask.max(), Some(16..)) { Self::MAX_HEADER_LEN } else { 14 }
    }

    /// Writes the header in front of a body of `protection_len` bytes. `header` has to be of
    /// [`header_len`](Self::header_len).
    ///
    /// # Errors
    /// [`BuildError`] when the mask is empty or has offsets over 47, and when `header` is of another length.
    pub fn write(
        fields: &RecoveryFields,
        base: u16,
        mask: Mask,
        protection_len: u16,
        header: &mut [u8],
    ) -> Result<(), BuildError> {
        check_mask(&Span { base, pattern: Pattern::Mask(mask) }, Self::MASK_BITS)?;
        check_len(header, Self::header_len(mask))?;
        let is_long = header.len() == Self::MAX_HEADER_LEN;
        let [a, b] = fields.first;
        let mut to = Writer(header);
        to.put([a & RecoveryFields::FIRST_BITS | u8::from(is_long) << 6, b]);
        to.put(base.to_be_bytes());
        to.put(fields.timestamp.to_be_bytes());
        to.put(fields.length.to_be_bytes());
        to.put(protection_len.to_be_bytes());
        to.put((mask.part(0, 16) as u16).to_be_bytes());
        if is_long {
            to.put((mask.part(16, 32) as u32).to_be_bytes());
        }
        Ok(())
    }
}

impl<'a> UlpLevel<'a> {
    /// Reads the header of a level: the first in [`UlpFec::read`], others behind the bytes of the one before.
    ///
    /// # Errors
    /// [`FecError`] when it is cut, or protects no packet or no byte.
    pub fn read(is_long: bool, from: &'a [u8]) -> Result<Self, FecError> {
        let mut from = Reader(from);
        let protection_len = from.u16()?;
        let mut mask = Mask::EMPTY.with_part(0, 16, from.u16()?.into());
        if is_long {
            mask = mask.with_part(16, 32, from.u32()?.into());
        }
        match mask.is_empty() || protection_len == 0 {
            true => Err(FecError::Empty),
            false => Ok(Self { mask, protection_len, rest: from.0 }),
        }
    }

    /// The length of a level's header: 4 bytes, 8 with masks of 48 bits.
    #[must_use]
    pub const fn header_len(is_long: bool) -> usize {
        if is_long { 8 } else { 4 }
    }
}
