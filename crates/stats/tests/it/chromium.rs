//! The values of Chromium's `getStats()` from the packets of the same run.

use std::time::Duration;

use interceptor_core::{Chain, StreamInfo};
use interceptor_stats::{JitterRule, StatsOptions, StreamStats};
use serde_json::Value;

use crate::support::pcap::{self, Captured};
use crate::support::replay::Replay;

const CAPTURE: &str = "10_chromium_vp8_opus_rtx_red_twcc_loss3";
const VIDEO: u32 = 1_448_599_044;
const AUDIO: u32 = 975_041_058;
const RTX: u32 = 717_799_354;
/// UDP ports of the two ends; the relay between them has others.
const SENDER: u16 = 33_246;
const RECEIVER: u16 = 33_239;

/// How far Chromium's counters may be from those of the packets, in packets' time: `getStats()` keeps its result for 50 ms, and
/// a packet that is on loopback is not yet, or no longer, in the socket.
const SLACK: Duration = Duration::from_millis(60);

fn streams() -> [StreamInfo; 2] {
    let video = StreamInfo::new(VIDEO, 96, 90_000).with_mime_type("video/VP8");
    let audio = StreamInfo::new(AUDIO, 111, 48_000).with_mime_type("audio/opus");
    [video.with_rtx(RTX, 97).with_rtx_payload_type(119, 118), audio]
}

/// What the handle said of both streams after each packet of one end.
struct History(Vec<(Duration, [Value; 2])>);

impl History {
    fn of(port: u16, bind: impl Fn(&mut Chain, StreamInfo)) -> Self {
        let capture = pcap::read(&format!("{CAPTURE}.pcap"));
        let own: Vec<Captured> = capture.into_iter().filter(|d| d.from == port || d.to == port).collect();
        let options = StatsOptions::default().with_jitter(JitterRule::NewTimestamps);
        let mut replay = Replay::new(options, own[0].at);
        streams().into_iter().for_each(|stream| bind(&mut replay.chain, stream));
        let mut history = Vec::new();
        for datagram in &own {
            if datagram.from == port {
                replay.send(datagram)
            } else {
                replay.receive(datagram)
            }
            let stats = [VIDEO, AUDIO].map(|ssrc| json(replay.handle.stream("replay", ssrc).expect("bound")));
            history.push((datagram.at, stats));
        }
        Self(history)
    }

    /// A value of a stream as it was `at` a moment.
    fn at(&self, ssrc: u32, kind: &str, field: &str, at: Duration) -> Option<f64> {
        let last = self.0.partition_point(|(when, _)| *when <= at).checked_sub(1)?;
        let stream = &self.0[last].1[usize::from(ssrc == AUDIO)];
        stream.get(kind)?.get(field)?.as_f64()
    }
}

fn json(stats: StreamStats) -> Value {
    serde_json::to_value(stats).expect("statistics serialise")
}

fn sender() -> History {
    History::of(SENDER, |chain, stream| {
        let now = chain.config().now;
        chain.bind_local(stream, now).expect("new");
    })
}

fn receiver() -> History {
    History::of(RECEIVER, |chain, stream| {
        let now = chain.config().now;
        chain.bind_remote(stream, now).expect("new");
    })
}

/// Every statistics object of this kind that an end gave, with its moment.
fn objects(peer: &str, kind: &str) -> Vec<(Duration, u32, Value)> {
    let text =
        std::fs::read_to_string(pcap::path(&format!("{CAPTURE}.webrtc.json"))).expect("part of the crate");
    let samples: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let mut found = Vec::new();
    for sample in samples.iter().filter(|sample| sample["peer"] == peer) {
        for object in
            sample["stats"].as_array().expect("a list").iter().filter(|object| object["type"] == kind)
        {
            let millis = object["timestamp"].as_f64().expect("milliseconds");
            let ssrc = object["ssrc"].as_u64().expect("an SSRC") as u32;
            found.push((Duration::from_secs_f64(millis / 1000.0), ssrc, object.clone()));
        }
    }
    assert!(found.len() > 10, "{kind}");
    found
}

/// Chromium's counter lies between ours a little before and a little after.
fn assert_counters(history: &History, peer: &str, kind: &str, key: &str, fields: &[&str]) {
    for (at, ssrc, object) in objects(peer, kind) {
        for field in fields {
            let Some(theirs) = object.get(*field).and_then(Value::as_f64) else { continue };
            let before = history.at(ssrc, key, field, at.saturating_sub(SLACK)).unwrap_or(0.0);
            let after = history.at(ssrc, key, field, at + SLACK).expect("counted");
            assert!(
                (before..=after).contains(&theirs),
                "{kind} {ssrc} {field} at {at:?}: Chromium {theirs}, packets {before} to {after}"
            );
        }
    }
}

#[test]
fn inbound_counters() {
    let fields = [
        "packetsReceived",
        "bytesReceived",
        "headerBytesReceived",
        "packetsLost",
        "nackCount",
        "pliCount",
        "firCount",
        "retransmittedPacketsReceived",
        "retransmittedBytesReceived",
        "fecPacketsReceived",
        "packetsReceivedWithCe",
        "packetsReceivedWithEct1",
    ];
    assert_counters(&receiver(), "b", "inbound-rtp", "inboundRtp", &fields);
}

#[test]
fn inbound_times_of_the_last_packet() {
    let history = receiver();
    let at_time =
        |at, ssrc| history.at(ssrc, "inboundRtp", "lastPacketReceivedTimestamp", at).expect("received");
    for (at, ssrc, object) in objects("b", "inbound-rtp") {
        let theirs = object["lastPacketReceivedTimestamp"].as_f64().expect("milliseconds");
        // Milliseconds; Chromium's socket tells the time a little later than the capture.
        let (before, after) = (at_time(at.saturating_sub(SLACK), ssrc), at_time(at + SLACK, ssrc) + 5.0);
        assert!((before..=after).contains(&theirs), "{ssrc} at {at:?}: {before} {theirs} {after}");
    }
}

#[test]
fn inbound_jitter_by_libwebrtcs_rule() {
    let history = receiver();
    for (at, ssrc, object) in objects("b", "inbound-rtp") {
        // Chromium gives whole milliseconds here, of arrivals that it has seen later than the capture.
        let theirs = object["jitter"].as_f64().expect("a jitter");
        let ours = history.at(ssrc, "inboundRtp", "jitter", at).expect("a jitter");
        assert!((theirs - ours).abs() <= 0.002, "{ssrc} at {at:?}: Chromium {theirs}, packets {ours}");
    }
}

#[test]
fn outbound_counters() {
    let fields = [
        "packetsSent",
        "bytesSent",
        "headerBytesSent",
        "nackCount",
        "pliCount",
        "firCount",
        "packetsSentWithEct1",
    ];
    assert_counters(&sender(), "a", "outbound-rtp", "outboundRtp", &fields);
}

/// Chromium's object of what the far end reports is as old as the report: both must be exactly alike then.
fn assert_reports(
    history: &History,
    peer: &str,
    kind: &str,
    key: &str,
    exact: &[&str],
    close: &[(&str, f64)],
) {
    for (at, ssrc, object) in objects(peer, kind) {
        let ours = |field: &str| history.at(ssrc, key, field, at + Duration::from_millis(5));
        let theirs = |field: &str| object.get(field).and_then(Value::as_f64);
        for field in exact {
            assert_eq!(ours(field), theirs(field), "{kind} {ssrc} {field} at {at:?}");
        }
        for (field, tolerance) in close {
            let Some(theirs) = theirs(field) else { continue };
            let ours = ours(field).expect("reported");
            assert!(
                (ours - theirs).abs() <= *tolerance,
                "{kind} {ssrc} {field}: Chromium {theirs}, packets {ours}"
            );
        }
    }
}

#[test]
fn what_the_receiver_reports() {
    let exact = ["packetsLost", "fractionLost", "roundTripTimeMeasurements"];
    let close = [("jitter", 1e-6), ("roundTripTime", 0.005), ("totalRoundTripTime", 0.03)];
    assert_reports(&sender(), "a", "remote-inbound-rtp", "remoteInboundRtp", &exact, &close);
}

#[test]
fn what_the_sender_reports() {
    let exact = ["packetsSent", "bytesSent", "reportsSent", "roundTripTimeMeasurements"];
    let close = [("remoteTimestamp", 1.0), ("roundTripTime", 0.005), ("totalRoundTripTime", 0.03)];
    assert_reports(&receiver(), "b", "remote-outbound-rtp", "remoteOutboundRtp", &exact, &close);
}
