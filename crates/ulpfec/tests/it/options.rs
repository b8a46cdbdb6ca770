//! Options are checked once, with an error that says what is wrong.

use std::time::Duration;

use interceptor_core::{Factory, Need, Stage};
use interceptor_ulpfec::{DecoderLimits, Protection, UlpfecFactory, UlpfecOptions, UlpfecUpperFactory};

#[test]
fn the_defaults_are_in_range() {
    let factory = UlpfecFactory::new(UlpfecOptions::default()).unwrap();
    assert_eq!(factory.options(), UlpfecFactory::default().options());
    assert_eq!(factory.upper().options(), UlpfecUpperFactory::default().options());
    assert_eq!((factory.stage(), factory.upper().stage()), (Stage::FEC, Stage::NACK.above()));
    assert_eq!(factory.options().sending, None);
}

#[test]
fn an_option_outside_its_range_is_named() {
    let options = UlpfecOptions::default;
    let limits = |limits| options().with_limits(limits);
    let default = DecoderLimits::default;
    let ms = Duration::from_millis;
    let sending = |packets, repairs| options().with_sending(Some(Protection::new(packets, repairs)));
    let cases = [
        (sending(0, 1), "sending.packets is 0, it has to be in 1..=48"),
        (sending(49, 1), "sending.packets is 49, it has to be in 1..=48"),
        (sending(5, 0), "sending.repairs is 0, it has to be in 1..=packets"),
        (sending(5, 6), "sending.repairs is 6, it has to be in 1..=packets"),
        (options().with_max_block_time(ms(4)), "max_block_time is 4ms, it has to be in 5ms..=1s"),
        (options().with_max_block_time(ms(1001)), "max_block_time is 1.001s, it has to be in 5ms..=1s"),
        (limits(default().with_packets(63)), "limits.packets is 63, it has to be in 64..=4096"),
        (limits(default().with_packet_bytes(0)), "limits.packet_bytes is 0, it has to be in 1500..=67108864"),
        (limits(default().with_repairs(0)), "limits.repairs is 0, it has to be in 1..=1024"),
        (limits(default().with_repair_bytes(0)), "limits.repair_bytes is 0, it has to be in 1500..=16777216"),
        (limits(default().with_wait(ms(9))), "limits.wait is 9ms, it has to be in 10ms..=60s"),
    ];
    for (options, error) in cases {
        assert_eq!(UlpfecFactory::new(options).unwrap_err().to_string(), format!("UlpfecOptions::{error}"));
    }
}

#[test]
fn both_want_red_and_ulpfec_to_be_negotiated() {
    let words = |needs: Vec<Need>| needs.iter().map(Need::to_string).collect::<Vec<_>>();
    let expected = ["video: a=rtpmap red", "video: a=rtpmap ulpfec"];
    assert_eq!(words(UlpfecFactory::default().needs()), expected);
    assert_eq!(words(UlpfecUpperFactory::default().needs()), expected);
}
