//! NTP timestamps in integer arithmetic, and their short form.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// Seconds from 1900-01-01, where NTP starts, to 1970-01-01, where Unix time starts.
const UNIX_OFFSET: u64 = 2_208_988_800;
const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A 64-bit NTP timestamp: 32 bits of seconds since 1900, 32 bits of fraction (RFC 5905 §6; RFC 3550 §4).
///
/// The seconds wrap on 2036-02-07; sums and differences are taken modulo 2^64, so they hold across the wrap for
/// instants less than 68 years apart. For the same reason there is no `Ord`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NtpTime(
    /// The timestamp as it stands on the wire.
    pub u64,
);

impl NtpTime {
    /// The instant `since_epoch` after 1970-01-01 00:00 UTC, rounded down to 2^-32 s.
    ///
    /// Beyond 2036 the era is lost, as on the wire.
    #[must_use]
    pub const fn from_unix(since_epoch: Duration) -> Self {
        let era_start = Self(UNIX_OFFSET << 32);
        Self(era_start.0.wrapping_add(to_fixed(since_epoch)))
    }

    /// Time since 1970-01-01 00:00 UTC, rounded to the nearest nanosecond.
    ///
    /// A set top bit means 1968 to 2036, a clear one 2036 to 2104 (RFC 4330 §3); instants before 1970 give zero.
    #[must_use]
    pub const fn to_unix(self) -> Duration {
        let seconds_since_1900 = if self.0 >> 63 == 1 { self.0 >> 32 } else { (self.0 >> 32) + (1 << 32) };
        let Some(seconds) = seconds_since_1900.checked_sub(UNIX_OFFSET) else { return Duration::ZERO };
        let nanos = ((self.0 & 0xffff_ffff) * NANOS_PER_SECOND + (1 << 31)) >> 32;
        Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos))
    }

    /// From the 64 bits on the wire.
    #[inline]
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The 64 bits on the wire.
    #[inline]
    #[must_use]
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// The middle 32 bits: seconds modulo 65 536 and 1/65 536 s, as in LSR and LRR (RFC 3550 §6.4.1).
    #[inline]
    #[must_use]
    pub const fn middle_32(self) -> u32 {
        (self.0 >> 16) as u32
    }

    /// 24 bits of 6.18 fixed-point seconds, as in the abs-send-time header extension.
    #[inline]
    #[must_use]
    pub const fn abs_send_time(self) -> u32 {
        ((self.0 >> 14) & 0xff_ffff) as u32
    }

    /// `self - earlier` in units of 2^-32 s; negative when `earlier` is later. Right for less than 68 years.
    #[inline]
    #[must_use]
    pub const fn difference(self, earlier: Self) -> i64 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// Time from `earlier` to `self` to the nearest nanosecond, `None` when `earlier` is later.
    #[must_use]
    pub const fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
        let difference = self.difference(earlier);
        if difference < 0 {
            return None;
        }
        let difference = difference.cast_unsigned();
        let nanos = ((difference & 0xffff_ffff) * NANOS_PER_SECOND + (1 << 31)) >> 32;
        Some(Duration::from_secs(difference >> 32).saturating_add(Duration::from_nanos(nanos)))
    }
}

impl fmt::Display for NtpTime {
    /// Seconds and fraction in hexadecimal digits, as packets have them: `e8fe6f80.1f9add37`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}.{:08x}", self.0 >> 32, self.0 & 0xffff_ffff)
    }
}

impl fmt::Debug for NtpTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NtpTime({self})")
    }
}

impl Add<Duration> for NtpTime {
    type Output = Self;

    /// Later by `duration` rounded down to 2^-32 s, modulo one era (136 years).
    #[inline]
    fn add(self, duration: Duration) -> Self {
        Self(self.0.wrapping_add(to_fixed(duration)))
    }
}

impl Sub<Duration> for NtpTime {
    type Output = Self;

    /// Earlier by `duration` rounded down to 2^-32 s, modulo one era (136 years).
    #[inline]
    fn sub(self, duration: Duration) -> Self {
        Self(self.0.wrapping_sub(to_fixed(duration)))
    }
}

impl From<u64> for NtpTime {
    #[inline]
    fn from(bits: u64) -> Self {
        Self(bits)
    }
}

/// A duration in the short format (16 bits of seconds, 16 of fraction) as in DLSR and DLRR, rounded down.
///
/// 65 536 s and more saturate to `0xffff_ffff`.
#[must_use]
pub const fn duration_to_short(duration: Duration) -> u32 {
    if duration.as_secs() > 0xffff {
        return u32::MAX;
    }
    (to_fixed(duration) >> 16) as u32
}

/// The duration that a short-format value (16 bits of seconds, 16 of fraction) stands for, to the nearest nanosecond.
#[must_use]
pub const fn short_to_duration(short: u32) -> Duration {
    let nanos = (short as u64 * NANOS_PER_SECOND + (1 << 15)) >> 16;
    Duration::from_nanos(nanos)
}

/// The round-trip time that a report block or DLRR entry implies (RFC 3550 §6.4.1): `now - last - delay`.
///
/// `now` is the [`middle_32`](NtpTime::middle_32) of the arrival, `last` the LSR or LRR field, `delay` the DLSR
/// or DLRR field. `None` when `last` is 0: the peer has not heard a report yet. A negative result (clocks that
/// step, a peer that lies) is zero, never 18 hours.
#[must_use]
pub const fn round_trip_time(now: u32, last: u32, delay: u32) -> Option<Duration> {
    if last == 0 {
        return None;
    }
    let short = now.wrapping_sub(last).wrapping_sub(delay);
    if short.cast_signed() < 0 {
        return Some(Duration::ZERO);
    }
    Some(short_to_duration(short))
}

/// 32.32 fixed-point seconds, rounded down; the seconds wrap.
const fn to_fixed(duration: Duration) -> u64 {
    let fraction = ((duration.subsec_nanos() as u64) << 32) / NANOS_PER_SECOND;
    (duration.as_secs() << 32) | fraction
}
