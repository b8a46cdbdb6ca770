//! Codecs and clocks by the payload type of each packet, and clocks that jump.

use interceptor_inspect::{InspectOptions, StreamSummary, Summary};

use crate::made::{Made, RTP, Random, Rtp, audio, find, inspect, single};

/// What the user says of payload types.
type Told = &'static [&'static str];
/// Payload type, codec and clock rate.
type Shown = (u8, Option<&'static str>, u32);
/// How far the clock of a frame is off, in ms.
type Off = fn(u32) -> f64;

/// So many packets of 20 ms each, on a clock of this rate.
#[derive(Clone, Copy)]
struct Part {
    payload_type: u8,
    rate: u32,
    packets: u32,
    payload_len: usize,
}

const fn part(payload_type: u8, rate: u32, packets: u32) -> Part {
    Part { payload_type, rate, packets, payload_len: 160 }
}

/// One after the other on one SSRC: the numbers go on, the timestamps in the units of each (RFC 7160 §4).
fn call(parts: &[Part]) -> Vec<Made> {
    let (mut number, mut timestamp) = (0_u32, 0xffff_0000_u32);
    let mut all = Vec::new();
    for part in parts {
        for _ in 0..part.packets {
            let Part { payload_type, payload_len, .. } = *part;
            let packet = Rtp { payload_type, seq: number as u16, timestamp, payload_len, ..RTP };
            all.push(packet.at(20.0 * f64::from(number)));
            number += 1;
            timestamp = timestamp.wrapping_add(part.rate / 50);
        }
    }
    all
}

fn told(types: &[&str]) -> InspectOptions {
    types
        .iter()
        .fold(InspectOptions::default(), |options, text| options.with_payload_type(text.parse().unwrap()))
}

/// Neither jitter nor skew nor drift nor jumps.
fn is_steady(stream: &StreamSummary) -> bool {
    let jitter = stream.jitter_ms.is_none_or(|jitter| jitter.max < 0.01);
    let drift = stream.drift_ppm.is_none_or(|drift| drift.abs() < 1.0);
    jitter && drift && stream.skew_ms.unwrap().abs() < 0.1 && stream.timestamp_jumps.count == 0
}

fn kinds(summary: &Summary) -> Vec<&'static str> {
    summary.problems.iter().map(|problem| problem.kind()).collect()
}

#[test]
fn the_codec_is_that_of_the_payload_type_shown() {
    // The last: whether the rate is guessed.
    let cases: [(&[Part], Told, Shown, bool); 12] = [
        (
            &[part(0, 8000, 100), part(111, 48_000, 300)],
            &["111=opus/48000"],
            (111, Some("opus"), 48_000),
            false,
        ),
        (&[part(0, 8000, 300), part(111, 48_000, 100)], &["111=opus/48000"], (0, Some("PCMU"), 8000), false),
        (&[part(0, 8000, 100), part(111, 48_000, 300)], &[], (111, None, 48_000), true),
        (&[part(0, 8000, 100), part(11, 44_100, 300)], &[], (11, Some("L16"), 44_100), false),
        (&[part(96, 16_000, 100), part(111, 48_000, 300)], &[], (111, None, 48_000), true),
        (&[part(96, 16_000, 300), part(111, 48_000, 100)], &[], (96, None, 16_000), true),
        // Comfort noise, first, more often than anything else, and of a number of its own.
        (
            &[Part { payload_len: 1, ..part(13, 8000, 1) }, part(0, 8000, 199)],
            &[],
            (0, Some("PCMU"), 8000),
            false,
        ),
        (&[part(8, 8000, 30), part(13, 8000, 90)], &[], (8, Some("PCMA"), 8000), false),
        (&[part(106, 8000, 90), part(8, 8000, 30)], &["106=CN/8000"], (8, Some("PCMA"), 8000), false),
        (&[part(13, 8000, 90)], &[], (13, Some("CN"), 8000), false),
        // Telephone events, said to be and not.
        (
            &[part(101, 8000, 90), part(8, 8000, 30)],
            &["101=telephone-event/8000"],
            (8, Some("PCMA"), 8000),
            false,
        ),
        (
            &[Part { payload_len: 4, ..part(101, 0, 90) }, part(8, 8000, 30)],
            &[],
            (8, Some("PCMA"), 8000),
            false,
        ),
    ];
    for (parts, types, (payload_type, codec, rate), guessed) in cases {
        let summary = inspect(&call(parts), &told(types));
        let stream = single(&summary);
        let shown = (stream.payload_type, stream.codec.as_deref(), stream.clock_rate.unwrap());
        assert_eq!(shown, (payload_type, codec, rate), "{types:?}: {stream:?}");
        assert_eq!((stream.clock_guessed, stream.lost), (guessed, 0), "{types:?}: {stream:?}");
        assert!(is_steady(stream), "{types:?}: {stream:?}");
        assert_eq!(kinds(&summary), if guessed { vec!["clock-guessed"] } else { vec![] }, "{types:?}");
    }
}

/// A sender that goes from one clock to another and back every second, and another that does so at every packet.
#[test]
fn clocks_that_take_turns_are_measured_each_on_its_own() {
    let turns = |packets| -> Vec<Part> {
        (0..400).flat_map(|_| [part(0, 8000, packets), part(111, 48_000, packets + 1)]).collect()
    };
    let options = told(&["111=opus/48000"]);
    for packets in [1, 2, 50] {
        let summary = inspect(&call(&turns(packets)), &options);
        let stream = single(&summary);
        assert_eq!((stream.payload_type, stream.clock_rate), (111, Some(48_000)));
        assert!(is_steady(stream), "{packets}: {stream:?}");
    }
    // RED and what is in it have one clock; nobody says which, and it is found all the same.
    let red: Vec<Part> = (0..100).flat_map(|_| [part(63, 48_000, 1), part(111, 48_000, 2)]).collect();
    let summary = find(&call(&red));
    assert_eq!((single(&summary).clock_rate, is_steady(single(&summary))), (Some(48_000), true));
}

/// A key is pressed: seven packets with the time at which it began, while the numbers go on.
#[test]
fn telephone_events_are_no_jitter() {
    let mut all = call(&[part(0, 8000, 400)]);
    for press in [50, 120, 300] {
        for number in 1..7_usize {
            let began = all[press].data[4..8].to_vec();
            let event = &mut all[press + number].data;
            event[4..8].copy_from_slice(&began);
            event[1] = 101;
            event.truncate(16);
        }
        all[press].data[1] = 101;
        all[press].data.truncate(16);
    }
    for types in [&["101=telephone-event/8000"][..], &[]] {
        let summary = inspect(&all, &told(types));
        let stream = single(&summary);
        assert_eq!((stream.payload_type, stream.codec.as_deref(), stream.lost), (0, Some("PCMU"), 0));
        assert!(is_steady(stream) && kinds(&summary).is_empty(), "{types:?}: {summary:?}");
    }
}

#[test]
fn packets_without_payload_teach_nothing() {
    let mut all: Vec<Made> = (0..300).map(audio).collect();
    for (number, packet) in all.iter_mut().enumerate().skip(20).filter(|(number, _)| number % 10 == 0) {
        // Nothing but padding, or nothing at all, with a time of the past.
        packet.data[4..8].copy_from_slice(&(160 * (number as u32 - 15)).to_be_bytes());
        packet.data[0] |= u8::from(number % 20 == 0) << 5;
        packet.data.truncate(12);
        if number % 20 == 0 {
            packet.data.extend([0, 0, 0, 4]);
        }
    }
    let summary = find(&all);
    assert_eq!((single(&summary).packets, single(&summary).lost), (300, 0));
    assert!(is_steady(single(&summary)), "{summary:?}");
}

const FRAMES: u32 = 3000;

/// Video of 25 frames a second for two minutes, so many packets a frame 1 ms apart; `clock` gives what a frame's clock is off,
/// in ms, `pause` how much later it is sent.
fn video(packets: u32, clock: impl Fn(u32) -> f64, pause: impl Fn(u32) -> f64) -> Vec<Made> {
    let mut all = Vec::new();
    for frame in 0..FRAMES {
        for number in 0..packets {
            let units = (f64::from(frame) * 40.0 + clock(frame)) * 90.0;
            let packet = Rtp {
                payload_type: 26,
                marker: number + 1 == packets,
                seq: (frame * packets + number) as u16,
                timestamp: (units as i64 as u32).wrapping_add(0xf000_0000),
                ..RTP
            };
            all.push(packet.at(f64::from(frame) * 40.0 + f64::from(number) + pause(frame)));
        }
    }
    all
}

/// Jitter and skew of the packets of a frame remain: they are sent one after the other.
fn is_left_alone(stream: &StreamSummary, packets: u32) -> bool {
    let spread = f64::from(packets);
    stream.jitter_ms.unwrap().max < spread
        && stream.skew_ms.unwrap().abs() < spread + 0.1
        && stream.drift_ppm.unwrap().abs() < 1.0
        && stream.drift_error_ppm.unwrap() < 5.0
}

#[test]
fn clocks_that_jump_are_named_and_leave_the_figures_alone() {
    let hour = 3_600_000.0;
    let cases: [(&str, Off, u64, f64); 7] = [
        ("begins again", |frame| if frame < 1000 { 0.0 } else { -9_000_000.0 }, 1, 9_000_000.0),
        ("goes ahead", |frame| if frame < 1000 { 0.0 } else { 4_000_000.0 }, 1, 4_000_000.0),
        ("goes back by seconds", |frame| if frame < 1000 { 0.0 } else { -40_000.0 }, 1, 40_000.0),
        ("there and back", |frame| if frame % 40 == 39 { 3_600_000.0 } else { 0.0 }, 149, hour),
        ("back and there", |frame| if frame % 40 == 39 { -7_200_000.0 } else { 0.0 }, 149, 2.0 * hour),
        (
            "ever elsewhere",
            |frame| if frame % 40 == 39 { f64::from(frame) * 1000.0 } else { 0.0 },
            149,
            2_999_000.0,
        ),
        ("twice", |frame| f64::from(frame / 1000) * 3_600_000.0, 2, hour),
    ];
    for (name, clock, count, largest_ms) in cases {
        for packets in [1, 4] {
            let summary = find(&video(packets, clock, |_| 0.0));
            let stream = single(&summary);
            let what = format!("{name}, {packets} packets a frame: {stream:?}");
            assert_eq!(stream.timestamp_jumps.count, count, "{what}");
            let off = (stream.timestamp_jumps.largest_ms - largest_ms).abs();
            assert!(off < 300.0, "{what}");
            assert!(is_left_alone(stream, packets), "{what}");
            assert_eq!(kinds(&summary), ["timestamp-jumps"]);
        }
    }
}

#[test]
fn a_clock_that_stands_in_a_pause_is_named() {
    let pause = |frame| if frame < 1500 { 0.0 } else { 60_000.0 };
    let summary = find(&video(2, |_| 0.0, pause));
    let stream = single(&summary);
    assert_eq!((stream.timestamp_jumps.count, stream.lost), (1, 0), "{stream:?}");
    assert!(
        (stream.timestamp_jumps.largest_ms - 60_000.0).abs() < 50.0 && is_left_alone(stream, 2),
        "{stream:?}"
    );
    assert!(kinds(&summary) == ["timestamp-jumps"], "{summary:?}");
}

/// The packets go on while their timestamps do not. Of video a quarter of a second passes until it shows: frames are that long.
#[test]
fn a_clock_that_stands_while_packets_come_is_named() {
    let stands = |frame: u32| f64::from(frame.clamp(1000, 2500)) * -40.0 + 40_000.0;
    let mut audio: Vec<Made> = (0..4000).map(audio).collect();
    for number in 1001..4000_u32 {
        let timestamp = 160 * if number < 3500 { 1000 } else { number - 2500 };
        audio[number as usize].data[4..8].copy_from_slice(&timestamp.to_be_bytes());
    }
    for (all, ms, most) in [(video(1, stands, |_| 0.0), 60_000.0, 260.0), (audio, 50_000.0, 0.1)] {
        let summary = find(&all);
        let stream = single(&summary);
        let jumps = stream.timestamp_jumps;
        assert!(jumps.count == 1 && (jumps.largest_ms - ms).abs() < 100.0, "{stream:?}");
        assert!(
            stream.skew_ms.unwrap().abs() < most && stream.jitter_ms.unwrap().max < most / 10.0,
            "{stream:?}"
        );
        assert!(stream.drift_ppm.unwrap().abs() <= stream.drift_error_ppm.unwrap(), "{stream:?}");
        assert_eq!(kinds(&summary), ["timestamp-jumps"]);
    }
}

/// Hold, or nothing to say: numbers wait, both clocks go on. For seconds, and for longer than the timestamps take to go around.
#[test]
fn a_pause_is_no_jump() {
    for ms in [3000.0, 60_000.0, 3_600_000.0, 50_000_000.0] {
        let pause = |frame| if frame < 1500 { 0.0 } else { ms };
        let summary = find(&video(2, pause, pause));
        assert!(
            single(&summary).timestamp_jumps.count == 0 && is_left_alone(single(&summary), 2),
            "{summary:?}"
        );
        assert!(kinds(&summary).is_empty(), "{summary:?}");
    }
}

/// What a router held up comes at once afterwards: the clock never stood still.
#[test]
fn a_network_that_holds_up_packets_is_no_jump() {
    for ms in [500.0_f64, 4000.0, 8000.0, 20_000.0] {
        let held = |frame: u32| {
            let sent = f64::from(frame) * 40.0;
            // 0.1 ms from frame to frame, so that they stay in order.
            if (40_000.0..40_000.0 + ms).contains(&sent) {
                40_000.0 + ms - sent + f64::from(frame - 1000) / 10.0
            } else {
                0.0
            }
        };
        let summary = find(&video(1, |_| 0.0, held));
        let stream = single(&summary);
        assert_eq!((stream.timestamp_jumps.count, stream.lost), (0, 0), "{ms}: {stream:?}");
        assert!((stream.skew_ms.unwrap() + ms).abs() < 100.0, "{ms}: {stream:?}");
        assert!(kinds(&summary).is_empty(), "{summary:?}");
    }
}

#[test]
fn packets_that_come_seconds_late_are_no_jump() {
    let mut all = video(1, |_| 0.0, |_| 0.0);
    for number in [700, 1400, 2100] {
        let mut late = all.remove(number);
        late.at += std::time::Duration::from_secs(20);
        let place = all.partition_point(|packet| packet.at <= late.at);
        all.insert(place, late);
    }
    let summary = find(&all);
    assert_eq!((single(&summary).lost, single(&summary).reordered), (0, 3));
    assert!(single(&summary).timestamp_jumps.count == 0 && is_left_alone(single(&summary), 2), "{summary:?}");
}

/// Slides are far apart: on a wrong clock each of them would be a jump, and a clock without steps fits anything.
#[test]
fn clocks_of_rare_frames_are_guessed_right() {
    for (rate, ms) in [(90_000, 1000.0), (90_000, 4000.0), (48_000, 2000.0), (8000, 6000.0)] {
        let slide = |number: u32| {
            let timestamp = (f64::from(number) * ms / 1000.0 * f64::from(rate)) as u32;
            let packet = Rtp { payload_type: 96, seq: number as u16, timestamp, ..RTP };
            packet.at(f64::from(number) * ms)
        };
        let summary = find(&(0..100).map(slide).collect::<Vec<_>>());
        let stream = single(&summary);
        assert_eq!((stream.clock_rate, stream.timestamp_jumps.count), (Some(rate), 0), "{stream:?}");
    }
}

/// What a clock 80 millionths fast makes of 5 ms of noise: the drift is not farther off than it says, and not there at all for
/// less than a minute.
#[test]
fn drift_comes_with_its_uncertainty() {
    let call = |packets: u32, seed| {
        let mut random = Random(seed);
        let packet = |number: u32| {
            let sent = 20.0 * f64::from(number);
            let timestamp = (sent * 8.0 * 1.000_08) as u32;
            let packet = Rtp { seq: number as u16, timestamp, ..RTP };
            packet.at(sent + f64::from(random.below(5000)) / 1000.0)
        };
        (0..packets).map(packet).collect::<Vec<_>>()
    };
    assert_eq!(single(&find(&call(2900, 1))).drift_ppm, None);
    for seed in 0..10 {
        let summary = find(&call(6000, seed));
        let stream = single(&summary);
        let (drift, error) = (stream.drift_ppm.unwrap(), stream.drift_error_ppm.unwrap());
        assert!((0.1..5.0).contains(&error) && (drift - 80.0).abs() < 4.0 * error, "{drift} ± {error}");
    }
}
