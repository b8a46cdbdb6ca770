//! Options are checked when the factory is made.

use std::time::Duration;

use interceptor_core::{Factory, Stage};
use interceptor_jitter_buffer::{Aim, JitterBufferFactory};

use crate::kit::{MS, Rig, SECOND, audio, options};

#[test]
fn the_first_option_outside_its_range_is_named() {
    let nanosecond = Duration::from_nanos(1);
    let cases = [
        (options().with_max(10 * SECOND + nanosecond), "max"),
        (options().with_max(Duration::ZERO), "max"),
        (options().with_min(SECOND + nanosecond), "min"),
        (options().with_start(10 * SECOND + nanosecond), "start"),
        (options().with_aim(Aim::Fixed(SECOND + nanosecond)), "aim"),
        (options().with_aim(Aim::PerMille(499)), "aim"),
        (options().with_aim(Aim::PerMille(1000)), "aim"),
        (options().with_base_window(999 * MS), "base_window"),
        (options().with_base_window(60 * SECOND + nanosecond), "base_window"),
        (options().with_shrink_audio(MS - nanosecond), "shrink_audio"),
        (options().with_shrink_audio(SECOND + nanosecond), "shrink_audio"),
        (options().with_shrink_video(MS - nanosecond), "shrink_video"),
        (options().with_shrink_video(SECOND + nanosecond), "shrink_video"),
        (options().with_max_jump(99 * MS), "max_jump"),
        (options().with_max_jump(60 * SECOND + nanosecond), "max_jump"),
        (options().with_max_packets(15), "max_packets"),
        (options().with_max_packets(4097), "max_packets"),
        (options().with_max_bytes((64 << 10) - 1), "max_bytes"),
        (options().with_max_bytes((256 << 20) + 1), "max_bytes"),
        (options().with_connection_bytes((64 << 10) - 1), "connection_bytes"),
        (options().with_connection_bytes(1 << 32), "connection_bytes"),
        (options().with_max_sync(10 * SECOND + nanosecond), "max_sync"),
    ];
    for (options, field) in cases {
        let error = JitterBufferFactory::new(options).unwrap_err();
        assert!(error.to_string().starts_with(&format!("JitterBufferOptions::{field} is ")), "{error}");
    }
    let edges = [
        options().with_min(SECOND).with_max_packets(16).with_max_bytes(64 << 10).with_shrink_audio(MS),
        options().with_max(10 * SECOND).with_aim(Aim::Fixed(10 * SECOND)).with_base_window(SECOND),
        options().with_aim(Aim::PerMille(500)).with_max_jump(100 * MS).with_shrink_video(SECOND),
        options().with_aim(Aim::PerMille(999)).with_max_sync(10 * SECOND).with_max_packets(4096),
        options().with_min(Duration::ZERO).with_start(10 * SECOND).with_base_window(60 * SECOND),
        options().with_connection_bytes(64 << 10).with_max_bytes(256 << 20).with_max_jump(60 * SECOND),
    ];
    for options in edges {
        assert_eq!(JitterBufferFactory::new(options.clone()).unwrap().options(), &options);
    }
}

#[test]
fn it_stands_where_jitter_buffers_stand() {
    assert_eq!(JitterBufferFactory::default().stage(), Stage::PLAYOUT);
}

#[test]
fn the_start_lies_within_the_bounds() {
    for (options, delay) in [
        (options(), 40),
        (options().with_start(100 * MS), 100),
        (options().with_start(2 * SECOND), 1000),
        (options().with_min(80 * MS), 80),
        (options().with_max(20 * MS), 20),
    ] {
        let mut rig = Rig::new(options);
        rig.read(audio(0));
        rig.pass(2 * SECOND);
        assert_eq!(rig.times(), [(0, delay)]);
    }
}

#[test]
fn a_smoother_aim_waits_longer() {
    let delay = |aim| {
        let mut rig = Rig::new(options().with_aim(aim));
        // One half second in twenty-five has a packet that is late by 100 ms.
        rig.play((0..3000).map(|seq| (seq, if seq % 625 == 600 { 100 * MS } else { Duration::ZERO })));
        rig.stream().target.as_millis()
    };
    let [interactive, balanced, smooth] = [Aim::Interactive, Aim::Balanced, Aim::Smooth].map(delay);
    assert_eq!((interactive, balanced, smooth), (5, 105, 105));
    assert_eq!(delay(Aim::PerMille(950)), interactive);
    assert_eq!(delay(Aim::Fixed(33 * MS)), 33);
}
