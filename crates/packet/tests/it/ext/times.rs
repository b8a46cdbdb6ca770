//! Absolute send times on their circle of 64 s.

use std::time::Duration;

use interceptor_packet::NtpTime;
use interceptor_packet::ext::AbsSendTime;
use proptest::prelude::*;

/// A whole number of circles, so that only `after` counts.
fn at(after: Duration) -> AbsSendTime {
    AbsSendTime::from_ntp(NtpTime(0xe8fe_6f80 << 32) + after)
}

#[test]
fn the_middle_of_an_ntp_time_rounded_down() {
    let cases = [
        (Duration::from_millis(500), 0x02_0000),
        (Duration::from_millis(1250), 0x05_0000),
        (Duration::from_micros(63_999_999), 0xff_ffff),
        (Duration::from_secs(64), 0),
    ];
    for (after, bits) in cases {
        assert_eq!(at(after).to_bits(), bits, "{after:?}");
    }
}

#[test]
fn differences_go_the_short_way_round() {
    let (before, after) = (at(Duration::from_millis(63_750)), at(Duration::from_millis(64_250)));
    assert_eq!((after.difference(before), before.difference(after)), (1 << 17, -(1 << 17)));
    assert_eq!((after.nanos_since(before), before.nanos_since(after)), (500_000_000, -500_000_000));
    assert_eq!(after.difference(after), 0);
    // Opposite each other: no way is shorter.
    let (here, there) = (at(Duration::ZERO), at(Duration::from_secs(32)));
    assert_eq!((there.difference(here), here.difference(there)), (-(1 << 23), -(1 << 23)));
}

proptest! {
    #[test]
    fn the_time_near_a_known_one_comes_back(ntp: u64, skew in -0x1f_ffff_ffff_i64..0x1f_ffff_ffff) {
        let sent = NtpTime(ntp);
        let near = NtpTime(ntp.wrapping_add_signed(skew));
        let unit = 1 << 14;
        prop_assert_eq!(AbsSendTime::from_ntp(sent).to_ntp(near), NtpTime(ntp / unit * unit));
    }

    #[test]
    fn differences_agree_with_those_of_the_clock(ntp: u64, step in 0_u64..0x1f_ffff_ffff) {
        let (earlier, later) = (NtpTime(ntp), NtpTime(ntp.wrapping_add(step)));
        let units = AbsSendTime::from_ntp(later).difference(AbsSendTime::from_ntp(earlier));
        prop_assert!((i64::from(units) - (step >> 14) as i64).abs() <= 1);
    }
}
