//! Calls of GStreamer and Chromium: what their feedback says of each packet is what the controller hears.

use std::collections::BTreeMap;
use std::time::Duration;

use interceptor_congestion::Outcome;
use interceptor_core::packet::rtcp::TwccStatus;
use interceptor_core::packet::{Rtcp, RtcpPacket};
use interceptor_test::hex;

use crate::kit::{Bench, numbered};

struct Capture {
    /// When which number came, in microseconds.
    rtp: Vec<(u64, u16)>,
    feedback: Vec<(u64, RtcpPacket)>,
}

/// The same data as interceptor-twcc's tests have.
fn read(name: &str) -> Capture {
    let path = format!("{}/../twcc/tests/data/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut capture = Capture { rtp: Vec::new(), feedback: Vec::new() };
    for line in text.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["rtp", at, number, _] => capture.rtp.push((at.parse().unwrap(), number.parse().unwrap())),
            ["twcc", at, bytes] => {
                capture.feedback.push((at.parse().unwrap(), RtcpPacket::parse(hex(bytes)).unwrap()));
            }
            _ => panic!("{line}"),
        }
    }
    capture
}

/// All numbers leave in order, each when the next that came did; feedback comes when it came, its media SSRC being ours.
fn replay(capture: &Capture) -> Bench {
    let mut bench = Bench::sender();
    let mut feedback = capture.feedback.iter().peekable();
    let mut next = capture.rtp.iter().map(|(_, number)| *number).min().unwrap();
    for (at, number) in &capture.rtp {
        while let Some((_, packet)) = feedback.next_if(|(told, _)| told < at) {
            read_as_ours(&mut bench, packet);
        }
        let wait = (bench.start + Duration::from_micros(*at)).saturating_duration_since(bench.now);
        bench.run(wait);
        while number.wrapping_sub(next).cast_signed() >= 0 {
            bench.write(numbered(next));
            next = next.wrapping_add(1);
        }
    }
    feedback.for_each(|(_, packet)| read_as_ours(&mut bench, packet));
    bench
}

fn read_as_ours(bench: &mut Bench, packet: &RtcpPacket) {
    let mut bytes = packet.as_bytes().to_vec();
    let at = bytes.windows(2).position(|head| head == [0x8f, 205] || head == [0xaf, 205]).unwrap();
    bytes[at + 8..at + 12].copy_from_slice(&crate::kit::MEDIA.to_be_bytes());
    bench.read_rtcp(&RtcpPacket::parse(bytes.into()).unwrap());
}

/// What the feedback says by itself: the first arrival of each number in microseconds of the receiver's clock, `None` for none.
fn said(capture: &Capture) -> BTreeMap<u16, Option<i64>> {
    let mut all = BTreeMap::new();
    for (_, packet) in &capture.feedback {
        for view in packet.packets() {
            let Rtcp::Twcc(twcc) = view else { continue };
            let reference = i64::from(twcc.reference_time()) * 64_000;
            for (number, status) in twcc.packets().unwrap() {
                let at = match status {
                    TwccStatus::Received { micros } => Some(reference + micros),
                    _ => None,
                };
                let known: &mut Option<i64> = all.entry(number).or_default();
                *known = known.or(at);
            }
        }
    }
    all
}

#[test]
fn the_controller_hears_what_receivers_said_of_real_calls() {
    for name in ["gst_vp8_twcc_loss", "chromium_vp8_opus_loss", "chromium_vp8_flexfec_loss"] {
        let capture = read(name);
        let mut bench = replay(&capture);
        let mut heard: BTreeMap<u16, Outcome> = BTreeMap::new();
        for packet in bench.told().iter().flat_map(|told| &told.packets) {
            heard.insert(packet.index as u16, packet.outcome);
        }
        let said = said(&capture);
        let (mut first, mut untold) = (None, 0);
        for (number, outcome) in &heard {
            match (outcome, said.get(number)) {
                (Outcome::Received { at: Some(at), .. }, Some(Some(said))) => {
                    let offset = said - at.micros();
                    assert_eq!(*first.get_or_insert(offset), offset, "{name} {number}: one clock");
                }
                (Outcome::Lost, Some(None)) => {}
                (Outcome::Unknown, None) => untold += 1,
                other => panic!("{name} {number}: {other:?}"),
            }
        }
        assert!(said.keys().all(|number| heard.contains_key(number)), "{name}: none is left out");
        // GStreamer 1.22 leaves out a few numbers, Chromium none.
        assert!(untold <= if name.starts_with("gst") { 9 } else { 0 }, "{name}: {untold}");
        let counters = bench.counters();
        assert_eq!((counters.clock_set, counters.malformed_feedback), (0, 0), "{name}");
        assert_eq!(counters.feedback_used, capture.feedback.len() as u64, "{name}: {counters:?}");
    }
}
