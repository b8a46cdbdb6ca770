//! Options are checked once, with an error that says what is wrong.

use interceptor_core::{Factory, Stage};
use interceptor_keyframe::{KeyframeFactory, KeyframeOptions, Method};

use crate::kit::{ms, options};

#[test]
fn values_out_of_range_are_refused_by_name() {
    let (minute, hour) = (ms(60_000), ms(3_600_000));
    let over = ms(1);
    for (options, field) in [
        (options().with_interval(Some(ms(99))), "interval"),
        (options().with_interval(Some(hour + over)), "interval"),
        (options().with_on_silence(Some(ms(99))), "on_silence"),
        (options().with_on_silence(Some(minute + over)), "on_silence"),
        (options().with_min_interval(minute + over), "min_interval"),
        (options().with_max_repeat(ms(99)), "max_repeat"),
        (options().with_max_repeat(10 * minute + over), "max_repeat"),
        (options().with_max_unanswered(0), "max_unanswered"),
        (options().with_max_unanswered(1001), "max_unanswered"),
        (options().with_unanswered_interval(ms(999)), "unanswered_interval"),
        (options().with_unanswered_interval(hour + over), "unanswered_interval"),
        (options().with_assume_answered(minute + over), "assume_answered"),
        (options().with_coalesce(minute + over), "coalesce"),
        (options().with_fir_memory(minute + over), "fir_memory"),
        (options().with_fir_senders(0), "fir_senders"),
        (options().with_fir_senders(1025), "fir_senders"),
    ] {
        let error = KeyframeFactory::new(options.clone()).unwrap_err();
        assert_eq!((error.options, error.field), ("KeyframeOptions", field), "{options:?}");
    }
}

#[test]
fn the_ends_of_the_ranges_are_in_them() {
    for options in [
        options(),
        options()
            .with_interval(Some(ms(100)))
            .with_on_silence(Some(ms(100)))
            .with_min_interval(ms(0))
            .with_max_repeat(ms(100))
            .with_max_unanswered(1)
            .with_unanswered_interval(ms(1000))
            .with_assume_answered(ms(0))
            .with_coalesce(ms(0))
            .with_fir_memory(ms(0))
            .with_fir_senders(1),
        options()
            .with_method(Method::pli_then_fir())
            .with_max_unanswered(1000)
            .with_min_interval(ms(60_000))
            .with_fir_senders(1024),
    ] {
        assert!(KeyframeFactory::new(options.clone()).is_ok(), "{options:?}");
    }
}

#[test]
fn it_stands_above_nack_and_what_nack_is_limited_by() {
    let factory = KeyframeFactory::default();
    assert_eq!((factory.name(), factory.stage()), ("keyframe", Stage::NACK.above().above()));
    let needs: Vec<_> = factory.needs().iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["video: a=rtcp-fb nack pli", "video: a=rtcp-fb ccm fir"]);
    assert_eq!(factory.options().min_interval, KeyframeOptions::default().min_interval);
}
