//! Losses as report blocks state them: a fraction of 256 and 24 bits with sign (RFC 3550 §6.4.1, A.3).

/// The sums of a [`SourceState`](super::SourceState) at one moment; the default is before its first packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    pub(super) expected: u64,
    pub(super) received: u64,
    pub(super) restarts: u32,
}

/// What a source did between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// Packets sent, by the sequence numbers seen.
    pub expected: u64,
    /// Packets received, duplicates included.
    pub received: u64,
}

impl Interval {
    /// Expected less received; negative when late packets of earlier intervals or duplicates outnumber losses.
    #[must_use]
    pub const fn lost(self) -> i64 {
        self.expected.wrapping_sub(self.received).cast_signed()
    }

    /// The loss as report blocks carry it, see [`fraction_lost`].
    #[must_use]
    pub const fn fraction(self) -> u8 {
        fraction_lost(self.expected, self.lost())
    }
}

/// `lost` of `expected` packets in units of 1/256, rounded down (RFC 3550 A.3).
///
/// 0 when nothing was expected or nothing was lost. 255 when everything was: A.3's arithmetic gives 256 there, which
/// its eight bits would turn into "no loss".
///
/// ```
/// use interceptor_packet::rfc3550::fraction_lost;
/// assert_eq!([fraction_lost(100, 5), fraction_lost(100, 100), fraction_lost(100, -1)], [12, 255, 0]);
/// ```
#[must_use]
pub const fn fraction_lost(expected: u64, lost: i64) -> u8 {
    if expected == 0 || lost <= 0 {
        return 0;
    }
    let lost = lost.cast_unsigned();
    if lost >= expected {
        return u8::MAX;
    }
    // Only 2^56 lost packets overflow the left side; then the right side is just as good.
    let fraction = match lost.checked_mul(256) {
        Some(scaled) => scaled / expected,
        None => lost / (expected / 256),
    };
    if fraction > 255 { u8::MAX } else { fraction as u8 }
}

/// A loss clamped to the 24 bits with sign that report blocks have for it: −8 388 608..=8 388 607.
#[must_use]
pub const fn clamp_cumulative(lost: i64) -> i32 {
    const MAX: i64 = 0x7f_ffff;
    if lost > MAX {
        return MAX as i32;
    }
    if lost < -MAX - 1 {
        return (-MAX - 1) as i32;
    }
    lost as i32
}
