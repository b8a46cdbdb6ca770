//! Streams, packets, losses and jitter against tshark's own. Skipped where tshark is missing, unless
//! `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use interceptor_inspect::{StreamSummary, Summary};

use crate::capture::{bytes, path, run};

/// A capture, the ports of its RTP, and what its payload types mean: tshark learns it from an announcement, and so do we.
struct Case {
    name: &'static str,
    ports: &'static [u16],
    rtpmap: &'static [(u8, &'static str)],
}

const CASES: [Case; 6] = [
    Case { name: "ffmpeg_opus", ports: &[5004], rtpmap: &[(111, "opus/48000")] },
    Case { name: "gst_pcmu_loss", ports: &[7000, 7002], rtpmap: &[] },
    Case { name: "gst_opus_clean", ports: &[7000, 7002], rtpmap: &[(111, "opus/48000")] },
    Case { name: "gst_vp8_rtx_loss", ports: &[7000, 7002], rtpmap: &[(98, "VP8/90000"), (97, "rtx/90000")] },
    Case { name: "gst_vp8_twcc_loss", ports: &[7000, 7002], rtpmap: &[(98, "VP8/90000")] },
    Case {
        name: "chromium_vp8_opus_loss",
        ports: &[9002, 33_239],
        rtpmap: &[(111, "opus/48000"), (118, "red/90000"), (119, "rtx/90000"), (97, "rtx/90000")],
    },
];

/// A line of `-z rtp,streams`.
#[derive(Debug)]
struct Line {
    start: f64,
    end: f64,
    src: SocketAddr,
    dst: SocketAddr,
    ssrc: u32,
    packets: u64,
    lost: i64,
    delta: [f64; 3],
    jitter: [f64; 3],
}

/// Small captures whose packets and losses tshark has right as well.
const FIELD: [&str; 9] = [
    "outage_of_5000",
    "outage_of_2900",
    "two_packets_150_late",
    "gap_after_five",
    "gap_after_three",
    "six_ssrcs_in_turn",
    "comfort_noise_first",
    "codec_change",
    "timestamps_begin_again",
];

fn can_run() -> bool {
    if Command::new("tshark").arg("--version").output().is_ok_and(|out| out.status.success()) {
        return true;
    }
    let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
    assert!(!required, "tshark is required and cannot be run");
    eprintln!("skipped: tshark cannot be run");
    false
}

#[test]
fn streams_losses_and_jitter_are_those_of_tshark() {
    if !can_run() {
        return;
    }
    for case in &CASES {
        let file = announced(case);
        let ours = run(&file);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}.pcap", case.name, std::process::id()));
        std::fs::write(&path, &file).unwrap();
        let theirs = ask(&path, case.ports);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(theirs.len(), ours.streams.len(), "{}", case.name);
        for line in &theirs {
            compare(case, line, &ours);
        }
    }
}

#[test]
fn packets_and_losses_of_captures_from_the_field_are_those_of_tshark() {
    if !can_run() {
        return;
    }
    for name in FIELD {
        let name = format!("field/{name}.pcap");
        let mut theirs: Vec<_> =
            ask(&path(&name), &[5004]).iter().map(|line| (line.ssrc, line.packets, line.lost)).collect();
        let streams = run(&bytes(&name)).streams;
        let mut ours: Vec<_> =
            streams.iter().map(|stream| (stream.ssrc, stream.packets, stream.lost)).collect();
        theirs.sort_unstable();
        ours.sort_unstable();
        assert_eq!(theirs, ours, "{name}");
    }
}

/// A stream as tshark counts it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rtp {
    pub(crate) ssrc: u32,
    pub(crate) packets: u64,
    pub(crate) lost: i64,
}

/// What tshark finds in a file; `None`: it cannot be run, and need not be.
pub(crate) fn rtp_streams(file: &[u8], arguments: &[&str]) -> Option<Vec<Rtp>> {
    use std::hash::BuildHasher;
    if !can_run() {
        return None;
    }
    let name = std::hash::RandomState::new().hash_one(file);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name:x}-{}.pcap", std::process::id()));
    std::fs::write(&path, file).unwrap();
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&path)
        .args(["-q", "-z", "rtp,streams"])
        .args(arguments)
        .output();
    std::fs::remove_file(&path).unwrap();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let lines = text.lines().filter(|line| line.contains("0x")).map(parse);
    Some(lines.map(|Line { ssrc, packets, lost, .. }| Rtp { ssrc, packets, lost }).collect())
}

fn compare(case: &Case, theirs: &Line, ours: &Summary) {
    let is_same =
        |ours: &&StreamSummary| ours.ssrc == theirs.ssrc && ours.src == theirs.src && ours.dst == theirs.dst;
    let ours = ours.streams.iter().find(is_same);
    let ours = ours.ok_or_else(|| format!("{}: {theirs:?}", case.name)).unwrap();
    let what = format!("{}: theirs {theirs:?}, ours {ours:?}", case.name);
    assert_eq!((theirs.packets, theirs.lost), (ours.packets, ours.lost), "{what}");
    assert!(
        (theirs.start - ours.start_seconds.unwrap()).abs() < 2e-6
            && (theirs.end - ours.end_seconds.unwrap()).abs() < 2e-6,
        "{what}"
    );
    // Every packet of FFmpeg's has the marker bit: tshark leaves spacing and jitter at zero, we count them then.
    if case.name == "ffmpeg_opus" {
        assert!(theirs.jitter[2] == 0.0 && ours.jitter_ms.unwrap().max > 10.0, "{what}");
        return;
    }
    let (jitter, delta) = (ours.jitter_ms.unwrap(), ours.delta_ms.unwrap());
    // tshark prints thousandths.
    let agree = |theirs: f64, ours: f64| (theirs - ours).abs() <= theirs * 0.01 + 0.0011;
    assert!(theirs.jitter[2] > 0.0, "{what}");
    let of_jitter = [jitter.min, jitter.mean, jitter.max];
    let of_delta = [delta.min, delta.mean, delta.max];
    for (theirs, ours) in theirs.delta.into_iter().zip(of_delta) {
        assert!(agree(theirs, ours), "{theirs} and {ours} in {what}");
    }
    // Chromium sends padding on this SSRC, with the timestamps of the past: tshark's jitter is 1399 s then.
    if case.name == "chromium_vp8_opus_loss" && ours.rtx_of.is_some() {
        assert!(theirs.jitter[2] > 1e6 && jitter.max < 100.0, "{what}");
        return;
    }
    for (theirs, ours) in theirs.jitter.into_iter().zip(of_jitter) {
        assert!(agree(theirs, ours), "{theirs} and {ours} in {what}");
    }
}

fn ask(path: &Path, ports: &[u16]) -> Vec<Line> {
    let mut command = Command::new("tshark");
    command.arg("-r").arg(path).args(["-q", "-z", "rtp,streams"]);
    for port in ports {
        command.args(["-d", &format!("udp.port=={port},rtp")]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| line.contains("0x")).map(parse).collect()
}

/// Start, end, source, port, destination, port, SSRC, payload names, packets, lost (percent), deltas, jitters, X.
fn parse(line: &str) -> Line {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let percent = fields.iter().position(|field| field.starts_with('(')).unwrap();
    let number = |at: usize| fields[at].parse::<f64>().unwrap();
    Line {
        start: number(0),
        end: number(1),
        src: format!("{}:{}", fields[2], fields[3]).parse().unwrap(),
        dst: format!("{}:{}", fields[4], fields[5]).parse().unwrap(),
        ssrc: u32::from_str_radix(fields[6].trim_start_matches("0x"), 16).unwrap(),
        packets: number(percent - 2) as u64,
        lost: number(percent - 1) as i64,
        delta: [1, 2, 3].map(|step| number(percent + step)),
        jitter: [4, 5, 6].map(|step| number(percent + step)),
    }
}

/// A copy of the capture that begins with a session announcement (RFC 2974) for each port.
fn announced(case: &Case) -> Vec<u8> {
    let capture = bytes(case.name);
    let (header, records) = capture.split_at(24);
    if case.rtpmap.is_empty() {
        return capture;
    }
    let address: [u8; 4] = records[16 + 30..16 + 34].try_into().unwrap();
    let mut copy = header.to_vec();
    for port in case.ports {
        let frame = announcement(case, address, *port);
        let len = u32::try_from(frame.len()).unwrap().to_le_bytes();
        copy.extend([&records[..8], &len, &len, &frame[..]].concat());
    }
    copy.extend(records);
    copy
}

fn announcement(case: &Case, [a, b, c, d]: [u8; 4], port: u16) -> Vec<u8> {
    let numbers: Vec<String> = case.rtpmap.iter().map(|(number, _)| number.to_string()).collect();
    let mut sdp = format!(
        "v=0\r\no=- 0 0 IN IP4 {a}.{b}.{c}.{d}\r\ns=-\r\nc=IN IP4 {a}.{b}.{c}.{d}\r\nt=0 0\r\nm=video {port} RTP/AVP {}\r\n",
        numbers.join(" ")
    );
    for (number, codec) in case.rtpmap {
        sdp += &format!("a=rtpmap:{number} {codec}\r\n");
    }
    let sap = [&[0x20, 0, 0, 1, a, b, c, d], &b"application/sdp\0"[..], sdp.as_bytes()].concat();
    let half = |value: usize| u16::try_from(value).unwrap().to_be_bytes();
    let udp = [&half(9875), &half(9875), &half(8 + sap.len()), &half(0), &sap[..]].concat();
    let ip =
        [&[0x45, 0][..], &half(20 + udp.len()), &[0, 0, 0, 0, 64, 17, 0, 0, a, b, c, d, a, b, c, d]].concat();
    [&[0; 12][..], &[8, 0], &ip, &udp].concat()
}
