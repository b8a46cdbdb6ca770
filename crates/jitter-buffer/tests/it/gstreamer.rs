//! GStreamer's own jitter buffer beside ours, on captures of its calls.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_core::packet::RtpPacket;
use interceptor_jitter_buffer::{Aim, JitterBufferCounters};

use crate::kit::{MS, Rig, SECOND, options};

/// How many times as fast as they were GStreamer plays captures: in real time, with clocks that are as much faster.
const SPEED: u32 = 4;
const PORT: u16 = 7002;

struct Capture {
    file: &'static str,
    payload_type: u8,
    clock_rate: u32,
    media: &'static str,
}

const CAPTURES: [Capture; 2] = [
    Capture { file: "02_gst_pcmu_loss5.pcap", payload_type: 0, clock_rate: 8000, media: "audio" },
    Capture { file: "05_gst_vp8_rtx_loss5.pcap", payload_type: 98, clock_rate: 90_000, media: "video" },
];

/// What of a capture came to the port with the media's payload type: since 1970, and the IP packet.
fn packets(capture: &Capture) -> Vec<(Duration, Vec<u8>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(capture.file);
    let file = std::fs::read(path).unwrap();
    let mut rest = &file[24..];
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let field = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap());
        let at = Duration::from_secs(field(0).into()) + Duration::from_micros(field(4).into());
        let (captured, length) = (field(8) as usize, field(12) as usize);
        let mut packet = rest[16..16 + captured].to_vec();
        rest = &rest[16 + captured..];
        let udp = usize::from(packet[0] & 15) * 4;
        let to = u16::from_be_bytes([packet[udp + 2], packet[udp + 3]]);
        if to == PORT && packet[udp + 9] & 127 == capture.payload_type {
            packet.resize(length, 0);
            packets.push((at, packet));
        }
    }
    packets
}

/// The capture for GStreamer.
fn faster(capture: &Capture) -> Vec<u8> {
    let packets = packets(capture);
    let first = packets[0].0;
    let mut file = Vec::new();
    // Little endian, microseconds, raw IP.
    for word in [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 101] {
        file.extend(word.to_le_bytes());
    }
    for (at, packet) in &packets {
        let at = SECOND + (*at - first) / SPEED;
        for word in [at.as_secs() as u32, at.subsec_micros(), packet.len() as u32, packet.len() as u32] {
            file.extend(word.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// `num-lost`, `num-late` and `num-duplicates` of GStreamer. `None`, with a message, when it is not installed; with
/// `INTERCEPTOR_REQUIRE_TOOLS=1` that is a failure.
fn theirs(capture: &Capture, latency: Duration) -> Option<[u64; 3]> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), faster(capture)).unwrap();
    let Capture { payload_type, clock_rate, media, .. } = capture;
    let caps =
        format!("application/x-rtp,media={media},clock-rate={},payload={payload_type}", clock_rate * SPEED);
    let output = Command::new("python3")
        .args(["-c", include_str!("gstreamer.py")])
        .arg(file.path())
        .args([PORT.to_string(), caps, (latency / SPEED).as_millis().to_string()])
        .output();
    let said = match output {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).into_owned(),
        failed => {
            let required = std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "python3 and GStreamer are required: {failed:?}");
            eprintln!("python3 or GStreamer is not installed: nothing compared");
            return None;
        }
    };
    let number = |name: &str| {
        let value = said.split(&format!("{name}=(guint64)")).nth(1).expect("it is among the statistics");
        value.split([',', ';']).next().and_then(|value| value.parse().ok()).expect("a number")
    };
    Some(["num-lost", "num-late", "num-duplicates"].map(number))
}

/// The same of ours, with the delay of GStreamer. What comes after its time while nothing newer has left is late to neither.
fn ours(capture: &Capture, latency: Duration) -> JitterBufferCounters {
    let packets = packets(capture);
    let parse = |ip: &[u8]| RtpPacket::parse(ip[usize::from(ip[0] & 15) * 4 + 8..].to_vec().into()).unwrap();
    let mut rig = Rig::empty(options().with_aim(Aim::Fixed(latency)));
    let ssrc = parse(&packets[0].1).ssrc();
    rig.bind(StreamInfo::new(ssrc, capture.payload_type, capture.clock_rate));
    for (at, packet) in &packets {
        rig.until(*at - packets[0].0);
        rig.read(parse(packet));
    }
    rig.pass(SECOND);
    rig.assert_book();
    rig.counters()
}

#[test]
fn with_its_latency_as_many_are_lost_late_and_duplicate_as_in_gstreamer() {
    std::thread::scope(|scope| {
        for capture in &CAPTURES {
            scope.spawn(|| {
                let ours = ours(capture, 200 * MS);
                let lost = if capture.payload_type == 0 { 52 } else { 25 };
                assert_eq!((ours.lost, ours.late, ours.duplicates), (lost, 0, 0), "{}", capture.file);
                if let Some(theirs) = theirs(capture, 200 * MS) {
                    assert_eq!(theirs, [ours.lost, ours.late, ours.duplicates], "{}", capture.file);
                }
            });
        }
    });
}

#[test]
fn with_too_little_of_it_about_as_many_are_late_as_in_gstreamer() {
    let capture = &CAPTURES[0];
    let ours = ours(capture, 8 * MS);
    assert!(ours.underruns > 0 && ours.lost == 52 + ours.late, "{ours:?}");
    if let Some([lost, late, duplicates]) = theirs(capture, 8 * MS) {
        println!("late: {late} there, {} here; lost: {lost} there, {} here", ours.late, ours.lost);
        // Some that are late it takes for duplicates. Its timers are those of this machine, four times as coarse.
        let missed = late + duplicates;
        assert!(missed.abs_diff(ours.late) <= 25, "{missed} there, {} here", ours.late);
    }
}

/// Adaptive, it has the same in less time.
#[test]
fn the_delay_that_the_captures_need_is_found() {
    for capture in &CAPTURES {
        let packets = packets(capture);
        let mut rig = Rig::empty(options());
        let parse =
            |ip: &[u8]| RtpPacket::parse(ip[usize::from(ip[0] & 15) * 4 + 8..].to_vec().into()).unwrap();
        let ssrc = parse(&packets[0].1).ssrc();
        rig.bind(StreamInfo::new(ssrc, capture.payload_type, capture.clock_rate));
        for (at, packet) in &packets {
            rig.until(*at - packets[0].0);
            rig.read(parse(packet));
        }
        rig.pass(SECOND);
        let book = rig.counters();
        assert!(book.late + book.underruns <= 5, "{}: {book:?}", capture.file);
        assert!(book.mean_delay() < 60 * MS, "{}: {:?}", capture.file, book.mean_delay());
    }
}
