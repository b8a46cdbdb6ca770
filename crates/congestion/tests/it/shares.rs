//! The target shared among streams.

use interceptor_core::{BitrateRange, Fact, ProtectionOverhead, StreamInfo, StreamTarget};
use interceptor_test::{rtp, stream_info};

use crate::kit::{Bench, ID, ms, twcc};

const KILO: u64 = 1000;
const AUDIO: u32 = 1;
const VIDEO: u32 = 2;

fn ranged(info: StreamInfo, range: BitrateRange) -> StreamInfo {
    let mut info = info;
    info.bitrate = Some(range);
    info
}

fn audio() -> StreamInfo {
    ranged(stream_info::audio(AUDIO), BitrateRange::new(16 * KILO, 64 * KILO))
}

fn video(ssrc: u32) -> StreamInfo {
    let range = BitrateRange::new(100 * KILO, 2000 * KILO).with_weight(3).with_pauses(true);
    ranged(stream_info::video_with_rtx(ssrc, ssrc + 100), range)
}

fn shares(bench: &mut Bench) -> Vec<(u32, u64, bool)> {
    let facts = bench.facts().into_iter();
    facts
        .filter_map(|fact| match fact {
            Fact::StreamTarget(StreamTarget { ssrc, bits_per_second, paused }) => {
                Some((ssrc, bits_per_second / KILO, paused))
            }
            _ => None,
        })
        .collect()
}

fn decide(bench: &Bench, kilobits: u64) {
    bench.controller.script().decision.target = kilobits * KILO;
}

#[test]
fn audio_comes_first_then_weights_up_to_what_each_can_use() {
    let mut bench = Bench::sending([video(VIDEO), audio()]);
    assert_eq!(shares(&mut bench), [(AUDIO, 62, false), (VIDEO, 238, false)]);
    decide(&bench, 1000);
    bench.write(rtp(AUDIO).ext(ID, &[0, 0]).payload_len(100).build());
    bench.read_rtcp(&twcc(0, 1, 0, &[Some(0)])).run(ms(100));
    assert_eq!(shares(&mut bench)[0], (AUDIO, 64, false));
    let video = bench.chain.facts().stream_target(VIDEO).unwrap();
    assert!((900 * KILO..=936 * KILO).contains(&video.bits_per_second), "{video:?}");
    assert_eq!(bench.handle.stream_target(VIDEO), Some(video));
}

#[test]
fn a_stream_that_does_not_say_what_it_can_use_has_no_target_of_its_own() {
    let mut bench = Bench::sending([stream_info::video(VIDEO)]);
    bench.run(ms(500));
    assert_eq!(shares(&mut bench), []);
}

#[test]
fn a_video_that_does_not_fit_pauses_and_goes_on_after_three_seconds_of_room() {
    let mut bench = Bench::sending([audio(), video(VIDEO)]);
    shares(&mut bench);
    decide(&bench, 100);
    bench.send_any(AUDIO).run(ms(1100));
    assert_eq!(shares(&mut bench), [(AUDIO, 64, false), (VIDEO, 0, true)]);
    decide(&bench, 200);
    let mut resumed = None;
    for step in 0..60 {
        bench.send_any(AUDIO).run(ms(100));
        if shares(&mut bench).iter().any(|(ssrc, _, paused)| *ssrc == VIDEO && !paused) {
            resumed = Some(step);
            break;
        }
    }
    assert!(resumed.is_some_and(|step| (29..45).contains(&step)), "{resumed:?}");
}

#[test]
fn headers_retransmissions_and_fec_are_taken_off_first() {
    let mut bench = Bench::sending([video(VIDEO)]);
    assert_eq!(shares(&mut bench), [(VIDEO, 299, false)], "in whole bits of each weight");
    // 100 packets a second of 48 bytes of headers, and 50 retransmissions of 128 bytes: 38.4 and 51.2 kbit/s.
    for step in 0..300_u16 {
        bench.write(rtp(VIDEO).seq(step).payload_len(200).ext(ID, &[0, 0]).build());
        if step % 2 == 0 {
            bench.write(rtp(VIDEO + 100).seq(step).payload_len(88).build());
        }
        bench.run(ms(10));
    }
    let target = bench.chain.facts().stream_target(VIDEO).unwrap().bits_per_second;
    // 12 bytes of header, 8 of extensions and 28 below RTP; 12 and 28 for a retransmission.
    let expected = 300_000 - 48 * 8 * 100 - 128 * 8 * 50;
    assert!(target.abs_diff(expected) < 7000, "{target} for {expected}");
    let fec = ProtectionOverhead { ssrc: VIDEO, bits_per_second: 60 * KILO };
    bench.chain.publish(fec, bench.now);
    bench.run(ms(200));
    let protected = bench.chain.facts().stream_target(VIDEO).unwrap().bits_per_second;
    assert!(protected.abs_diff(expected - 60_000) < 20_000, "{protected}");
}

#[test]
fn the_controller_hears_twice_what_all_streams_can_use() {
    let bench = Bench::sending([video(VIDEO), audio()]);
    let most = bench.controller.script().limits.last().unwrap().max;
    assert!((4128 * KILO..4128 * KILO * 9 / 8).contains(&most), "{most}");
    // One that does not say it may use anything.
    let bench = Bench::sending([video(VIDEO), stream_info::video(9)]);
    assert_eq!(bench.controller.script().limits.last().unwrap().max, 50_000 * KILO);
}

#[test]
fn without_the_option_nothing_is_shared() {
    let options = interceptor_congestion::CongestionOptions::default().with_stream_targets(false);
    let mut bench = Bench::new(options, |config| config);
    bench.chain.bind_local(video(VIDEO), bench.now).unwrap();
    bench.run(ms(200));
    assert_eq!(shares(&mut bench), []);
    assert_eq!(bench.controller.script().limits.last().unwrap().max, 50_000 * KILO);
}
