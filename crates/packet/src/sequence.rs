//! RTP sequence numbers: comparing on the circle, and unwrapping to a line that does not end.

use std::fmt;
use std::ops::{Add, Sub};

/// A 16-bit sequence number with the serial arithmetic of RFC 1982.
///
/// It has no `Ord`: on a circle "newer" is not transitive, so sorting by it would be wrong. Unwrap first
/// ([`Unwrapper`]) and sort the result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SequenceNumber(
    /// The number as it stands on the wire.
    pub u16,
);

impl SequenceNumber {
    /// Whether `self` comes after `other`, i.e. is 1 to 32 767 steps ahead.
    ///
    /// Numbers exactly 32 768 apart are neither newer nor older than each other (RFC 1982 §3.2 leaves it open).
    #[inline]
    #[must_use]
    pub const fn newer_than(self, other: Self) -> bool {
        self.distance(other) > 0
    }

    /// Steps from `other` to `self` the short way round: positive when `self` is ahead, -32 768 when opposite.
    #[inline]
    #[must_use]
    pub const fn distance(self, other: Self) -> i16 {
        self.0.wrapping_sub(other.0).cast_signed()
    }

    /// The number after this one; 65 535 is followed by 0.
    #[inline]
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

impl From<u16> for SequenceNumber {
    #[inline]
    fn from(value: u16) -> Self {
        Self(value)
    }
}

impl From<SequenceNumber> for u16 {
    #[inline]
    fn from(value: SequenceNumber) -> Self {
        value.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Add<u16> for SequenceNumber {
    type Output = Self;

    /// Steps forward, wrapping.
    #[inline]
    fn add(self, steps: u16) -> Self {
        Self(self.0.wrapping_add(steps))
    }
}

impl Sub<u16> for SequenceNumber {
    type Output = Self;

    /// Steps back, wrapping.
    #[inline]
    fn sub(self, steps: u16) -> Self {
        Self(self.0.wrapping_sub(steps))
    }
}

/// Turns 16-bit sequence numbers into `i64` that neither wrap nor end.
///
/// The first number is taken as it is; each later one is placed at most 32 767 ahead of, or 32 768 behind, the one
/// before it. So a stream that starts reordered around 0 goes below zero instead of jumping by 65 536, and
/// the low 16 bits of the result are always the number on the wire.
///
/// ```
/// # use interceptor_packet::Unwrapper;
/// let mut unwrapper = Unwrapper::default();
/// assert_eq!([0, 65_535, 1, 65_534].map(|seq| unwrapper.unwrap(seq)), [0, -1, 1, -2]);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unwrapper {
    last: Option<i64>,
}

impl Unwrapper {
    /// An unwrapper that has seen nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Places `seq` next to the number before it, and remembers it.
    #[inline]
    pub fn unwrap(&mut self, seq: u16) -> i64 {
        let unwrapped = self.peek(seq);
        self.last = Some(unwrapped);
        unwrapped
    }

    /// What [`unwrap`](Self::unwrap) would answer, without remembering it.
    #[inline]
    #[must_use]
    pub fn peek(&self, seq: u16) -> i64 {
        let Some(last) = self.last else { return i64::from(seq) };
        last.saturating_add(i64::from(seq.wrapping_sub(last as u16).cast_signed()))
    }

    /// The last answer of [`unwrap`](Self::unwrap), `None` before the first.
    #[inline]
    #[must_use]
    pub const fn last(&self) -> Option<i64> {
        self.last
    }
}
