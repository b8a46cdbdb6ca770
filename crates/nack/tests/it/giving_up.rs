//! When asking ends without the packet.

use interceptor_core::KeyframeAsking;
use interceptor_core::packet::Rtcp;
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, ms, video};

#[test]
fn asks_ten_times_at_most() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(30);
    bench.read_numbers([10, 12]).run(5_000);
    assert_eq!(bench.asked().len(), 10);
    assert_eq!(bench.asking().given_up, 1);
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn asks_for_a_second_at_most() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 12]);
    let start = bench.now;
    for _ in 0..200 {
        bench.run(10).read_numbers([12]);
        if !bench.asked().is_empty() {
            assert!(bench.now - start <= ms(1_000));
        }
    }
    let counters = bench.asking();
    assert_eq!((counters.given_up, counters.packets_requested), (1, 10), "at 0, 110, …, 990 ms");
}

#[test]
fn a_packet_that_leaves_the_window_is_given_up() {
    let mut bench = Bench::receiver(NackOptions::default().with_history_packets(64));
    bench.read_numbers([0, 2]).read_numbers(3..=64);
    assert_eq!(bench.asking().given_up, 0);
    bench.read_numbers([65]);
    assert_eq!(bench.asking().given_up, 1);
    bench.run(500);
    assert_eq!(bench.asked(), [[1]], "asked for once");
}

#[test]
fn says_that_a_key_frame_is_needed_and_sends_a_pli_if_negotiated() {
    for (pli, on) in [(true, true), (true, false), (false, true)] {
        let info = if pli { video().with_feedback("nack", "pli") } else { video() };
        let options = NackOptions::default().with_pli_on_give_up(on);
        let mut bench = Bench::new(options, |config| config).with_remote(info);
        bench.read_numbers([10, 12]).run(2_000);
        assert_eq!(bench.keyframes(), [SSRC]);
        let feedback = bench.feedback();
        let plis = feedback.iter().flat_map(|packet| packet.packets());
        let plis = plis.filter(|packet| matches!(packet, Rtcp::Pli(pli) if pli.media_ssrc() == SSRC)).count();
        assert_eq!(plis, usize::from(pli && on));
        assert_eq!((bench.asking().keyframes_needed, bench.asking().plis_sent), (1, plis as u64));
    }
}

#[test]
fn sends_no_pli_while_somebody_else_asks_for_key_frames() {
    let mut bench =
        Bench::new(NackOptions::default(), |config| config).with_remote(video().with_feedback("nack", "pli"));
    bench.chain.publish(KeyframeAsking { active: true }, bench.now);
    bench.read_numbers([10, 12]).run(2_000);
    assert_eq!(bench.keyframes(), [SSRC]);
    assert_eq!((bench.asking().keyframes_needed, bench.asking().plis_sent), (1, 0));
    bench.chain.publish(KeyframeAsking { active: false }, bench.now);
    bench.read_numbers([13, 15]).run(2_000);
    assert_eq!((bench.asking().keyframes_needed, bench.asking().plis_sent), (2, 1), "it has been removed");
}

#[test]
fn audio_needs_no_key_frame() {
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(
        interceptor_core::StreamInfo::new(SSRC, 111, 48_000)
            .with_mime_type("Audio/opus")
            .with_feedback("nack", ""),
    );
    bench.read_numbers([10, 12]).run(2_000).read_numbers([2_000]);
    assert_eq!(bench.keyframes(), [0; 0]);
    assert_eq!(bench.asking().given_up, 1 + 1987);
}

#[test]
fn calls_for_key_frames_are_200_ms_apart() {
    let mut bench = Bench::receiver(NackOptions::default().with_max_requests(1));
    let mut calls = Vec::new();
    for seq in (0..2_000).step_by(2) {
        bench.read_numbers([seq]).run(1);
        if !bench.keyframes().is_empty() {
            calls.push(bench.now);
        }
    }
    assert!(calls.len() >= 3, "{}", calls.len());
    assert!(calls.windows(2).all(|pair| pair[1] - pair[0] >= ms(200)));
}

#[test]
fn over_max_missing_the_log_starts_anew() {
    let mut bench = Bench::receiver(NackOptions::default().with_max_missing(10));
    bench.read_numbers([0, 11]);
    assert_eq!(bench.asked(), [(1..=10).collect::<Vec<_>>()]);
    bench.read_numbers([13]).run(2_000);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!(bench.keyframes(), [SSRC]);
    let counters = bench.asking();
    // The one that was one too many is not lost in silence.
    assert_eq!((counters.resets, counters.packets_missing, counters.given_up), (1, 11, 11));
    bench.read_numbers([15]);
    assert_eq!(bench.asked(), [[14]], "from there on as before");
}

#[test]
fn a_stream_that_has_been_silent_for_two_seconds_asks_for_nothing() {
    let options = NackOptions::default().with_max_age(ms(10_000)).with_max_requests(100);
    let mut bench = Bench::receiver(options);
    bench.read_numbers([10, 12]).run(1_999);
    assert!(bench.asked().len() > 15);
    bench.run(10_000);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
    assert_eq!(bench.chain.next_timeout(), None);
    assert_eq!(bench.asking().given_up, 1);
}

#[test]
fn a_packet_after_it_was_given_up_changes_nothing() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.read_numbers([10, 12]).run(1_500).read_numbers([11]);
    let counters = bench.asking();
    assert_eq!((counters.arrived_too_late, counters.recovered_late, counters.given_up), (1, 0, 1));
    assert_eq!(bench.nack().time_to_recover().count(), 0);
}
