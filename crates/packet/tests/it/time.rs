//! NTP time, its short format, media clocks.

use std::time::Duration;

use interceptor_packet::{NtpTime, RtpClock, duration_to_short, round_trip_time, short_to_duration};
use proptest::prelude::*;

const fn unix(seconds: u64, nanos: u32) -> NtpTime {
    NtpTime::from_unix(Duration::new(seconds, nanos))
}

#[test]
fn converts_unix_time() {
    assert_eq!(unix(0, 0), NtpTime(0x83aa_7e80_0000_0000));
    assert_eq!(unix(0, 0).middle_32(), 0x7e80_0000);
    assert_eq!(unix(0, 500_000_000), NtpTime(0x83aa_7e80_8000_0000));
    assert_eq!(unix(0, 500_000_000).middle_32(), 0x7e80_8000);
    assert_eq!(unix(1_700_000_000, 123_456_789), NtpTime(0xe8fe_6f80_1f9a_dd37));
    assert_eq!(unix(1_700_000_000, 123_456_789).middle_32(), 0x6f80_1f9a);
    assert_eq!(NtpTime(0x1234_5678_2345_6789).middle_32(), 0x5678_2345);
}

#[test]
fn era_ends_in_2036_without_a_jump() {
    let last = unix(2_085_978_495, 999_999_999);
    let first = unix(2_085_978_496, 0);
    assert_eq!(last.to_bits(), 0xffff_ffff_ffff_fffb);
    assert_eq!(first, NtpTime::from_bits(0));
    assert_eq!(first.difference(last), 5);
    assert_eq!(last.difference(first), -5);
    assert_eq!(last + Duration::from_secs(1), unix(2_085_978_496, 999_999_999));
    assert_eq!(unix(2_085_978_496, 500_000_000) - Duration::from_secs(1), unix(2_085_978_495, 500_000_000));
    assert_eq!(first.to_unix(), Duration::from_secs(2_085_978_496));
    assert_eq!(last.to_unix(), Duration::new(2_085_978_495, 999_999_999));
}

#[test]
fn instants_before_1970_are_zero_in_unix_time() {
    assert_eq!(NtpTime(0x83aa_7e7f_ffff_ffff).to_unix(), Duration::ZERO);
    assert_eq!(NtpTime(0x8000_0000_0000_0000).to_unix(), Duration::ZERO);
    assert_eq!(NtpTime(0x83aa_7e80_0000_0000).to_unix(), Duration::ZERO);
}

#[test]
fn time_since_a_later_instant_is_none() {
    let (early, late) = (unix(100, 0), unix(102, 250_000_000));
    assert_eq!(late.checked_duration_since(early), Some(Duration::from_millis(2250)));
    assert_eq!(early.checked_duration_since(early), Some(Duration::ZERO));
    assert_eq!(early.checked_duration_since(late), None);
}

#[test]
fn converts_to_abs_send_time() {
    assert_eq!(unix(0, 500_000_000).abs_send_time(), 0x02_0000);
    assert_eq!(unix(1, 250_000_000).abs_send_time(), 0x05_0000);
    assert_eq!(unix(63, 999_999_000).abs_send_time(), 0xff_ffff);
    assert_eq!(unix(64, 0).abs_send_time(), 0);
}

#[test]
fn short_format_rounds_down_and_saturates() {
    let cases = [
        (Duration::from_millis(500), 0x0000_8000),
        (Duration::from_secs(1), 0x0001_0000),
        (Duration::from_millis(1500), 0x0001_8000),
        (Duration::from_millis(5250), 0x0005_4000),
        (Duration::from_millis(1), 0x0000_0041),
        (Duration::ZERO, 0),
        (Duration::from_secs(65_536), u32::MAX),
        (Duration::MAX, u32::MAX),
    ];
    for (duration, short) in cases {
        assert_eq!(duration_to_short(duration), short, "{duration:?}");
    }
    assert_eq!(short_to_duration(0x0005_4000), Duration::from_millis(5250));
    assert_eq!(short_to_duration(u32::MAX), Duration::new(65_535, 999_984_741));
}

#[test]
fn round_trip_time_of_rfc_3550_figure_2() {
    let round_trip = round_trip_time(0xb710_8000, 0xb705_2000, 0x0005_4000);
    assert_eq!(round_trip, Some(Duration::from_millis(6125)));
}

#[test]
fn round_trip_time_across_the_wrap() {
    assert_eq!(round_trip_time(0x0001_0000, 0xffff_8000, 0x8000), Some(Duration::from_secs(1)));
}

#[test]
fn negative_round_trip_time_is_zero_and_not_hours() {
    assert_eq!(round_trip_time(0x1000_0000, 0x0fff_0000, 0x0001_0001), Some(Duration::ZERO));
}

#[test]
fn no_round_trip_time_without_a_report() {
    assert_eq!(round_trip_time(0x1000_0000, 0, 0), None);
}

#[test]
fn media_clock_counts_whole_units() {
    let video = RtpClock::new(90_000);
    assert_eq!(video.units(Duration::from_millis(40)), 3600);
    assert_eq!(video.units(Duration::from_nanos(11_111)), 0);
    assert_eq!(video.units(Duration::from_nanos(11_112)), 1);
    assert_eq!(video.duration(3600), Duration::from_millis(40));
    assert_eq!(video.advance(u32::MAX, Duration::from_millis(1)), 89);
    assert_eq!(RtpClock::difference(5, u32::MAX), 6);
    assert_eq!(RtpClock::difference(u32::MAX, 5), -6);
    assert_eq!(video.rate(), 90_000);
}

#[test]
fn media_clock_survives_its_limits() {
    let fastest = RtpClock::new(u32::MAX);
    assert_eq!(fastest.units(Duration::MAX), u64::MAX);
    assert_eq!(RtpClock::new(1).duration(u64::MAX), Duration::from_secs(u64::MAX));
    let unknown = RtpClock::new(0);
    assert_eq!(unknown.units(Duration::MAX), 0);
    assert_eq!(unknown.duration(u64::MAX), Duration::ZERO);
    assert_eq!(unknown.advance(7, Duration::MAX), 7);
}

proptest! {
    #[test]
    fn unix_time_comes_back_to_the_nanosecond(seconds in 0_u64..4_200_000_000, nanos in 0_u32..1_000_000_000) {
        let time = Duration::new(seconds, nanos);
        prop_assert_eq!(NtpTime::from_unix(time).to_unix(), time);
    }

    #[test]
    fn adding_and_taking_away_cancel(bits: u64, seconds in 0_u64..1_000_000_000, nanos in 0_u32..1_000_000_000) {
        let (time, step) = (NtpTime(bits), Duration::new(seconds, nanos));
        prop_assert_eq!(time + step - step, time);
        prop_assert_eq!((time + step).checked_duration_since(time), Some(step));
    }

    #[test]
    fn short_format_is_the_middle_of_the_long_one(bits: u64, seconds in 0_u64..65_536, nanos in 0_u32..1_000_000_000) {
        let step = Duration::new(seconds, nanos);
        let moved = (NtpTime(bits & !0xffff) + step).middle_32();
        prop_assert_eq!(moved.wrapping_sub(NtpTime(bits).middle_32()), duration_to_short(step));
    }

    #[test]
    fn nothing_overflows(now: u32, last: u32, delay: u32, bits: u64, other: u64, seconds: u64, nanos in 0_u32..1_000_000_000, rate: u32) {
        let (time, step) = (NtpTime(bits), Duration::new(seconds, nanos));
        let _ = (time + step - step).difference(NtpTime(other));
        let _ = (time.to_unix(), time.checked_duration_since(NtpTime(other)), NtpTime::from_unix(step));
        if let Some(round_trip) = round_trip_time(now, last, delay) {
            prop_assert!(round_trip <= Duration::from_secs(32_768));
        }
        let clock = RtpClock::new(rate);
        let _ = (clock.units(step), clock.duration(seconds), clock.advance(now, step));
    }

    #[test]
    fn units_agree_with_exact_arithmetic(rate in 1_u32..200_000, units in 0_u64..1_u64 << 40) {
        let clock = RtpClock::new(rate);
        // A unit's time rounded down to the nanosecond is in the unit before or at its start.
        let back = clock.units(clock.duration(units));
        prop_assert!(back == units || back + 1 == units);
        let nanos = u128::from(units) * 1_000_000_000 / u128::from(rate);
        prop_assert_eq!(clock.duration(units).as_nanos(), nanos);
    }
}
