//! Calls of GStreamer and Chromium: what they reported of what arrived, and what we report of the same packets.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_core::packet::RtcpPacket;
use interceptor_test::{hex, rtp};
use interceptor_twcc::TwccOptions;

use crate::kit::{Bench, ID, MEDIA, Report, micros, ms};

struct Capture {
    /// When which number came, with the bytes of its datagram.
    rtp: Vec<(u64, u16, usize)>,
    /// The receiver's own feedback.
    feedback: Vec<(u64, RtcpPacket)>,
}

fn read(name: &str) -> Capture {
    let path = format!("{}/tests/data/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut capture = Capture { rtp: Vec::new(), feedback: Vec::new() };
    for line in text.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["rtp", at, number, bytes] => {
                capture.rtp.push((at.parse().unwrap(), number.parse().unwrap(), bytes.parse().unwrap()));
            }
            ["twcc", at, bytes] => {
                capture.feedback.push((at.parse().unwrap(), RtcpPacket::parse(hex(bytes)).unwrap()));
            }
            _ => panic!("{line}"),
        }
    }
    capture
}

/// What was said of each number, the first time that it arrived, in microseconds.
fn arrivals<'a>(reports: impl IntoIterator<Item = &'a RtcpPacket>) -> BTreeMap<u16, Option<i64>> {
    let mut all = BTreeMap::new();
    for (number, at) in reports.into_iter().flat_map(Report::all).flat_map(|report| report.packets) {
        let known: &mut Option<i64> = all.entry(number).or_default();
        *known = known.or(at);
    }
    all
}

/// Our feedback for the same packets, with when it left in microseconds.
fn replay(capture: &Capture) -> (Bench, Vec<(u64, RtcpPacket)>) {
    let mut bench = Bench::receiver(TwccOptions::default());
    let mut feedback = Vec::new();
    for (at, number, bytes) in &capture.rtp {
        let until = micros(*at);
        while let Some(due) = bench.chain.next_timeout().filter(|due| *due - bench.start < until) {
            bench.now = due;
            bench.chain.handle_timeout(due);
            let at = bench.elapsed().as_micros() as u64;
            feedback.extend(bench.wire().into_iter().map(|packet| (at, packet)));
        }
        bench.now = bench.start + until;
        let packet = rtp(MEDIA).ext(ID, &number.to_be_bytes()).payload_len(bytes.saturating_sub(20));
        bench.read_packet(packet.build());
    }
    bench.run(ms(300));
    let at = bench.elapsed().as_micros() as u64;
    feedback.extend(bench.wire().into_iter().map(|packet| (at, packet)));
    (bench, feedback)
}

#[test]
fn our_feedback_is_right_about_every_packet_of_a_real_call() {
    for name in ["gst_vp8_twcc_loss", "chromium_vp8_opus_loss", "chromium_vp8_flexfec_loss"] {
        let capture = read(name);
        let (bench, feedback) = replay(&capture);
        let told = arrivals(feedback.iter().map(|(_, packet)| packet));
        let mut came = BTreeMap::new();
        for (at, number, _) in &capture.rtp {
            came.entry(*number).or_insert(*at as i64);
        }
        let (first, last) = (*came.keys().next().unwrap(), *came.keys().last().unwrap());
        assert!(told.keys().copied().eq(first..=last), "{name}: all numbers, and each once");
        for (number, at) in &told {
            match (at, came.get(number)) {
                (None, None) => {}
                (Some(told), Some(came)) => assert!((told - came).abs() <= 125, "{name} {number}"),
                other => panic!("{name} {number}: {other:?}"),
            }
        }
        bench.assert_book_closes();
        assert_eq!(bench.pending(), 0);
    }
}

/// libwebrtc takes the time when it gets to a packet, so its times are a little later than the capture's; ours are the capture's.
#[test]
fn chromium_reports_the_same_packets_as_we_do() {
    for (name, most_reports) in [("chromium_vp8_opus_loss", 1.6), ("chromium_vp8_flexfec_loss", 1.6)] {
        let capture = read(name);
        let (_, feedback) = replay(&capture);
        let ours = arrivals(feedback.iter().map(|(_, packet)| packet));
        let theirs = arrivals(capture.feedback.iter().map(|(_, packet)| packet));
        let mut differences = Vec::new();
        for (number, theirs) in &theirs {
            let ours = ours[number];
            assert_eq!(ours.is_some(), theirs.is_some(), "{name} {number}");
            differences.extend(ours.zip(*theirs).map(|(ours, theirs)| theirs - ours));
        }
        differences.sort_unstable();
        let at = |part: f64| differences[(part * (differences.len() - 1) as f64) as usize];
        assert!(at(0.99) - at(0.01) < 1500, "{name}: {} and {} µs", at(0.01), at(0.99));

        let (reports, bytes) = (feedback.len() as f64, |all: &[(u64, RtcpPacket)]| {
            all.iter().map(|(_, packet)| packet.len()).sum::<usize>() as f64
        });
        assert!(reports <= most_reports * capture.feedback.len() as f64, "{name}: {reports}");
        assert!(bytes(&feedback) <= most_reports * bytes(&capture.feedback), "{name}: {}", bytes(&feedback));
        let waits: Vec<Duration> = feedback.windows(2).map(|pair| micros(pair[1].0 - pair[0].0)).collect();
        assert!(waits.iter().all(|wait| *wait >= ms(50)), "{name}");
    }
}
