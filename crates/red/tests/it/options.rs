//! Options are checked once, with an error that says what is wrong.

use std::time::Duration;

use interceptor_core::{Factory, Need};
use interceptor_red::{Mode, RedReceiverFactory, RedSenderFactory, RedSenderOptions, Redundancy};

#[test]
fn the_defaults_are_in_range() {
    let factory = RedSenderFactory::new(RedSenderOptions::default()).unwrap();
    assert_eq!(factory.options(), RedSenderFactory::default().options());
    assert_eq!(factory.options().redundancy, Redundancy::Adaptive);
    assert_eq!(RedReceiverFactory::default().options().mode, Mode::Decode);
}

#[test]
fn an_option_outside_its_range_is_named() {
    let ms = Duration::from_millis;
    let error = |options| RedSenderFactory::new(options).unwrap_err().to_string();
    for age in [ms(9), ms(2001)] {
        let expected = format!("RedSenderOptions::max_age is {age:?}, it has to be in 10ms..=2s");
        assert_eq!(error(RedSenderOptions::default().with_max_age(age)), expected);
    }
    for bytes in [2047, (1 << 20) + 1] {
        let expected = format!("RedSenderOptions::buffer_bytes is {bytes}, it has to be in 2048..=1048576");
        assert_eq!(error(RedSenderOptions::default().with_buffer_bytes(bytes)), expected);
    }
}

#[test]
fn both_want_red_to_be_negotiated() {
    let words = |needs: Vec<Need>| needs.iter().map(Need::to_string).collect::<Vec<_>>();
    assert_eq!(words(RedReceiverFactory::default().needs()), ["audio: a=rtpmap red"]);
    assert_eq!(words(RedSenderFactory::default().needs()), ["audio: a=rtpmap red"]);
}
