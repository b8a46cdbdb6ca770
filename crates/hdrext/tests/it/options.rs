//! Options are checked once, with an error that says what is wrong.

use std::time::Duration;

use interceptor_hdrext::{
    AbsCaptureTimeFactory, AbsCaptureTimeOptions, AbsSendTimeFactory, AbsSendTimeOptions, AudioLevelFactory,
    AudioLevelOptions, ForwardExtensionsFactory, ForwardOptions, IdentificationFactory,
    IdentificationOptions, OptionsError, PlayoutDelayFactory, PlayoutDelayOptions, StripExtensions,
};

use crate::kit::ms;

#[test]
fn the_defaults_are_in_range_and_those_of_the_factories() {
    assert_eq!(AbsSendTimeFactory::default().options(), &AbsSendTimeOptions::default());
    let capture = AbsCaptureTimeFactory::new(AbsCaptureTimeOptions::default()).unwrap();
    assert_eq!(capture.options(), AbsCaptureTimeFactory::default().options());
    let level = AudioLevelFactory::new(AudioLevelOptions::default()).unwrap();
    assert_eq!(level.options(), AudioLevelFactory::default().options());
    let forward = ForwardExtensionsFactory::new(ForwardOptions::default()).unwrap();
    assert_eq!(forward.options(), ForwardExtensionsFactory::default().options());
    let identification = IdentificationFactory::new(IdentificationOptions::default()).unwrap();
    assert_eq!(identification.options(), IdentificationFactory::default().options());
    let playout = PlayoutDelayFactory::new(PlayoutDelayOptions::default()).unwrap();
    assert_eq!(playout.options(), PlayoutDelayFactory::default().options());
}

#[test]
fn both_ends_of_each_range_are_accepted() {
    let seconds = Duration::from_secs;
    for interval in [seconds(0), seconds(5)] {
        let options =
            AbsCaptureTimeOptions::default().with_interval(interval).with_latency(Some(2 * interval));
        assert!(AbsCaptureTimeFactory::new(options).is_ok());
        let options = PlayoutDelayOptions::default().with_min_change_interval(2 * interval);
        assert!(PlayoutDelayFactory::new(options).is_ok());
    }
    for packets in [1, 64] {
        let options = AudioLevelOptions::default().with_smoothing_packets(packets);
        assert!(AudioLevelFactory::new(options).is_ok());
    }
    for (number, id) in [(1, 1), (65_536, 255)] {
        let options = IdentificationOptions::default()
            .with_max_unbound(number)
            .with_max_events(number as u32)
            .with_mid_id(id)
            .with_rid_id(id)
            .with_repaired_rid_id(id);
        assert!(IdentificationFactory::new(options).is_ok());
    }
    let options = ForwardOptions::default().with_remap(1, 255).with_remap(255, 1);
    assert!(ForwardExtensionsFactory::new(options).is_ok());
}

#[test]
fn an_option_outside_its_range_is_named() {
    let capture = |options: AbsCaptureTimeOptions| AbsCaptureTimeFactory::new(options).unwrap_err();
    let level = |options: AudioLevelOptions| AudioLevelFactory::new(options).unwrap_err();
    let forward = |options: ForwardOptions| ForwardExtensionsFactory::new(options).unwrap_err();
    let identification = |options: IdentificationOptions| IdentificationFactory::new(options).unwrap_err();
    let playout = |options: PlayoutDelayOptions| PlayoutDelayFactory::new(options).unwrap_err();
    let cases: Vec<(OptionsError, &str)> = vec![
        (
            capture(AbsCaptureTimeOptions::default().with_interval(ms(5001))),
            "AbsCaptureTimeOptions::interval is 5.001s, it has to be at most 5s",
        ),
        (
            capture(AbsCaptureTimeOptions::default().with_latency(Some(ms(10_001)))),
            "AbsCaptureTimeOptions::latency is Some(10.001s), it has to be None or at most 10s",
        ),
        (
            level(AudioLevelOptions::default().with_smoothing_packets(0)),
            "AudioLevelOptions::smoothing_packets is 0, it has to be in 1..=64",
        ),
        (
            forward(ForwardOptions::default().with_remap(1, 2).with_remap(3, 2)),
            "ForwardOptions::remap is Remap { from: 3, to: 2 }, it has to be each identifier once on each side",
        ),
        (
            forward(ForwardOptions::default().with_remap(1, 0)),
            "ForwardOptions::remap is Remap { from: 1, to: 0 }, it has to be of identifiers in 1..=255",
        ),
        (
            forward(ForwardOptions::default().with_strip(StripExtensions::Keep(vec![0]))),
            "ForwardOptions::strip is Keep([0]), it has to be of identifiers in 1..=255",
        ),
        (
            identification(IdentificationOptions::default().with_max_unbound(0)),
            "IdentificationOptions::max_unbound is 0, it has to be in 1..=65536",
        ),
        (
            identification(IdentificationOptions::default().with_max_events(65_537)),
            "IdentificationOptions::max_events is 65537, it has to be in 1..=65536",
        ),
        (
            identification(IdentificationOptions::default().with_rid_id(0)),
            "IdentificationOptions::rid_id is Some(0), it has to be None or in 1..=255",
        ),
        (
            playout(PlayoutDelayOptions::default().with_min_change_interval(ms(10_001))),
            "PlayoutDelayOptions::min_change_interval is 10.001s, it has to be at most 10s",
        ),
    ];
    for (error, expected) in cases {
        assert_eq!(error.to_string(), expected);
    }
}
