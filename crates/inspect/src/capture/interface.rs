//! What a pcapng file says of an interface: its link type, and what its times mean.

use std::time::Duration;

use pcap_file::Endianness;

use super::fields::{half, word};

const END_OF_OPTIONS: u16 = 0;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
const NANOS: u128 = 1_000_000_000;

/// An interface, as far as its packets need it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) link: u16,
    /// 0: packets are whole.
    pub(super) snaplen: u32,
    /// `None`: the file does not say it in a way that can be read.
    clock: Option<Clock>,
}

/// What the time of a packet counts, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    resolution: Resolution,
    /// Seconds since 1970.
    offset: i64,
}

/// Units a second, as an exponent of 0..=127.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resolution {
    Decimal(u8),
    Binary(u8),
}

impl Interface {
    /// Reads the body of an interface's block, and says what is wrong with it. Only what is said of times is read: a name
    /// that is no text, for one, costs nothing.
    pub(super) fn parse(body: &[u8], order: Endianness) -> (Self, Option<&'static str>) {
        let link = half(body, 0, order).unwrap_or(0);
        let snaplen = word(body, 4, order).unwrap_or(0);
        let mut clock = Clock { resolution: Resolution::Decimal(6), offset: 0 };
        let fault = clock.read(body.get(8..).unwrap_or_default(), order).err();
        let clock = fault.is_none().then_some(clock);
        (Self { link, snaplen, clock }, fault)
    }

    /// When a packet came; `None`: nobody knows.
    pub(super) fn time(&self, units: u64) -> Option<Duration> {
        let Clock { resolution, offset } = self.clock?;
        let nanos = resolution.nanos(units);
        let seconds = i128::try_from(nanos / NANOS).ok()? + i128::from(offset);
        // A time before 1970 is none that a packet was captured at.
        let seconds = u64::try_from(seconds.max(0)).unwrap_or(u64::MAX);
        Some(Duration::new(seconds, (nanos % NANOS) as u32))
    }
}

impl Clock {
    /// Each option has a number, a length and a value that is filled up to four bytes.
    fn read(&mut self, mut options: &[u8], order: Endianness) -> Result<(), &'static str> {
        while let (Some(number), Some(len)) = (half(options, 0, order), half(options, 2, order)) {
            if number == END_OF_OPTIONS {
                break;
            }
            let len = usize::from(len);
            let value =
                options.get(4..4 + len).ok_or("an interface with an option that is longer than its block")?;
            match (number, value) {
                (IF_TSRESOL, [exponent]) => self.resolution = Resolution::new(*exponent),
                (IF_TSRESOL, _) => return Err("an interface whose if_tsresol does not have one byte"),
                (IF_TSOFFSET, value) => {
                    let value = <[u8; 8]>::try_from(value);
                    let value =
                        value.map_err(|_| "an interface whose if_tsoffset does not have eight bytes")?;
                    self.offset = if order == Endianness::Big {
                        i64::from_be_bytes(value)
                    } else {
                        i64::from_le_bytes(value)
                    };
                }
                _ => {}
            }
            options = options.get(4 + len.next_multiple_of(4)..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Resolution {
    const fn new(value: u8) -> Self {
        if value & 0x80 == 0 { Self::Decimal(value) } else { Self::Binary(value & 0x7f) }
    }

    /// Exact but for what is less than a nanosecond: that many seconds are 94 bits in nanoseconds.
    fn nanos(self, units: u64) -> u128 {
        let nanos = u128::from(units) * NANOS;
        match self {
            // A divisor beyond 128 bits leaves nothing of it.
            Self::Decimal(exponent) => {
                10_u128.checked_pow(exponent.into()).map_or(0, |divisor| nanos / divisor)
            }
            Self::Binary(exponent) => nanos >> exponent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(options: &[u8], units: u64) -> Option<Duration> {
        let body = [&[1, 0, 0, 0, 0, 0, 4, 0][..], options].concat();
        let (interface, fault) = Interface::parse(&body, Endianness::Little);
        assert_eq!((interface.link, interface.snaplen), (1, 0x4_0000));
        assert_eq!(fault.is_some(), interface.clock.is_none());
        interface.time(units)
    }

    fn resolution(value: u8, units: u64) -> Option<Duration> {
        time(&[9, 0, 1, 0, value, 0, 0, 0], units)
    }

    #[test]
    fn any_resolution_is_exact() {
        for exponent in 0..=19 {
            let second = 10_u64.pow(exponent);
            assert_eq!(resolution(exponent as u8, second), Some(Duration::from_secs(1)), "{exponent}");
        }
        for exponent in 0..=63 {
            let second = 1_u64 << exponent;
            assert_eq!(resolution(0x80 | exponent, second), Some(Duration::from_secs(1)), "{exponent}");
        }
        assert_eq!(resolution(0x80 | 30, 3 << 29), Some(Duration::from_millis(1500)));
        assert_eq!(resolution(12, 1_500_000_000_999), Some(Duration::from_nanos(1_500_000_000)));
        for value in 0..=255 {
            let time = resolution(value, u64::MAX).unwrap();
            assert_eq!(
                time > Duration::from_secs(1),
                matches!(value, 0..=19 | 0x80..=0xbf),
                "{value} {time:?}"
            );
        }
        assert_eq!(resolution(0, u64::MAX), Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn offsets_may_go_either_way_and_stay_within_clocks() {
        let offset = |seconds: i64| [&[14, 0, 8, 0][..], &seconds.to_le_bytes()].concat();
        assert_eq!(time(&offset(100), 1_500_000), Some(Duration::from_millis(101_500)));
        assert_eq!(time(&offset(-1), 3_500_000), Some(Duration::from_millis(2500)));
        assert_eq!(time(&offset(i64::MIN), 7_000_000), Some(Duration::ZERO));
        let latest = [&[9, 0, 1, 0, 0, 0, 0, 0][..], &offset(i64::MAX)].concat();
        assert_eq!(time(&latest, u64::MAX), Some(Duration::from_secs(u64::MAX)));
    }

    #[test]
    fn what_says_nothing_of_times_costs_nothing() {
        let name = [2, 0, 3, 0, 0xfc, 0xff, 0xdf, 0, 9, 0, 1, 0, 9, 0, 0, 0];
        assert_eq!(time(&name, 1_000_000_000), Some(Duration::from_secs(1)));
        // Behind the end of the options nothing is read.
        assert_eq!(time(&[0, 0, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0], 1_000_000), Some(Duration::from_secs(1)));
        assert_eq!(
            time(&[9, 0, 1, 0, 9], 1_000_000_000),
            Some(Duration::from_secs(1)),
            "without its padding"
        );
    }

    #[test]
    fn times_of_an_unknown_meaning_are_none() {
        assert_eq!(time(&[9, 0, 2, 0, 9, 9, 0, 0], 1), None);
        assert_eq!(time(&[9, 0, 0, 0], 1), None);
        assert_eq!(time(&[14, 0, 4, 0, 1, 0, 0, 0], 1), None);
        assert_eq!(time(&[2, 0, 200, 0, 1, 0, 0, 0], 1), None, "what stands behind may be a resolution");
    }
}
