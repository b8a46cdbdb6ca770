//! Loss and jitter against tshark's, packet by packet of real captures. Skipped where tshark is missing, unless
//! `INTERCEPTOR_REQUIRE_TOOLS` is 1.

use std::path::{Path, PathBuf};
use std::process::Command;

use interceptor_packet::rfc3550::{Jitter, JitterRule, SourceState};

use crate::capture::{path, read};

/// One stream of a capture. tshark learns dynamic payload types from the announcement, as from a call's signalling.
struct Case {
    capture: &'static str,
    address: [u8; 4],
    port: u16,
    ssrc: u32,
    clock_rate: u32,
    payload_types: &'static [(u8, &'static str)],
}

const LOOPBACK: [u8; 4] = [127, 0, 0, 1];

const CASES: [Case; 8] = [
    case("gst_pcmu_loss", 0x1122_3344, 8000, &[]),
    case("gst_opus_clean", 0x1122_3344, 48_000, &[(111, "opus/48000")]),
    case("gst_vp8_rtx_loss", 0x1122_3344, 90_000, &[(98, "VP8/90000"), (97, "rtx/90000")]),
    case("gst_vp8_rtx_loss", 0x5566_7788, 90_000, &[(98, "VP8/90000"), (97, "rtx/90000")]),
    case("gst_vp8_twcc_loss", 0x1122_3344, 90_000, &[(98, "VP8/90000")]),
    chromium(0x5657_de04, 90_000),
    chromium(0x3a1d_f222, 48_000),
    Case { port: 5004, ..case("ffmpeg_opus", 0x1122_3344, 48_000, &[(111, "opus/48000")]) },
];

const fn case(
    capture: &'static str,
    ssrc: u32,
    clock_rate: u32,
    payload_types: &'static [(u8, &'static str)],
) -> Case {
    Case { capture, address: LOOPBACK, port: 7002, ssrc, clock_rate, payload_types }
}

const fn chromium(ssrc: u32, clock_rate: u32) -> Case {
    Case {
        capture: "chromium_vp8_opus_loss",
        address: [10, 99, 0, 1],
        port: 33_239,
        ssrc,
        clock_rate,
        payload_types: &[(111, "opus/48000"), (118, "red/90000"), (119, "rtx/90000")],
    }
}

/// What `-z rtp,streams` says of a stream, or what we say: packets, packets lost, mean and maximum jitter in ms.
#[derive(Debug)]
struct Summary {
    packets: u64,
    lost: i64,
    mean_jitter: f64,
    max_jitter: f64,
}

#[test]
fn loss_and_jitter_agree_with_tshark() {
    let tshark = Command::new("tshark").arg("--version").output().is_ok_and(|out| out.status.success());
    if !tshark {
        let required = std::env::var("INTERCEPTOR_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(!required, "tshark is required and cannot be run");
        eprintln!("skipped: tshark cannot be run");
        return;
    }
    for case in &CASES {
        let theirs = ask_tshark(case);
        let ours = summarise(case);
        let what = format!("{} {:#x}: theirs {theirs:?}, ours {ours:?}", case.capture, case.ssrc);
        assert_eq!((theirs.packets, theirs.lost), (ours.packets, ours.lost), "{what}");
        // tshark prints thousandths; ours is rounded down to a unit of the clock.
        let unit = 1000.0 / f64::from(case.clock_rate);
        let agrees = |theirs: f64, ours: f64| (theirs - ours).abs() <= theirs * 0.01 + unit;
        // Every packet of FFmpeg's has the marker bit: tshark leaves its jitter at zero.
        if case.capture != "ffmpeg_opus" {
            assert!(theirs.max_jitter > 0.0, "{what}");
            assert!(agrees(theirs.mean_jitter, ours.mean_jitter), "mean of {what}");
            assert!(agrees(theirs.max_jitter, ours.max_jitter), "maximum of {what}");
        }
    }
}

/// Our numbers, in tshark's statistics: only packets without the marker bit enter them, and its running mean counts the
/// others all the same.
fn summarise(case: &Case) -> Summary {
    let mut source = SourceState::default();
    let mut jitter = Jitter::new(JitterRule::Rfc3550, case.clock_rate);
    let mut summary = Summary { packets: 0, lost: 0, mean_jitter: 0.0, max_jitter: 0.0 };
    let datagrams = read(case.capture);
    let rtp = datagrams.iter().filter(|datagram| datagram.to_port == case.port);
    for (at, rtp) in rtp.filter_map(|datagram| Some((datagram.at, datagram.rtp()?))) {
        if rtp.ssrc != case.ssrc {
            continue;
        }
        let newest = source.update(rtp.seq, rtp.timestamp, at, case.clock_rate).is_newest();
        jitter.update(at, rtp.timestamp, newest);
        let value = jitter.duration().as_secs_f64() * 1000.0;
        if !rtp.marker && summary.packets > 0 {
            let before = (summary.packets - 1) as f64;
            summary.mean_jitter = (summary.mean_jitter * before + value) / (before + 1.0);
            summary.max_jitter = summary.max_jitter.max(value);
        }
        summary.packets += 1;
    }
    summary.lost = source.lost();
    summary
}

fn ask_tshark(case: &Case) -> Summary {
    let announced = announce(case);
    let output = Command::new("tshark")
        .arg("-r")
        .arg(&announced)
        .args(["-q", "-z", "rtp,streams", "-d", &format!("udp.port=={},rtp", case.port)])
        .output()
        .unwrap();
    std::fs::remove_file(&announced).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let ssrc = format!("0x{:08X}", case.ssrc);
    let line = text.lines().find(|line| line.contains(&ssrc)).unwrap_or_else(|| panic!("{ssrc} in {text}"));
    // ... SSRC payload packets lost (percent) three deltas, three jitters.
    let fields: Vec<&str> = line.split_whitespace().skip_while(|field| *field != ssrc).collect();
    let number = |at: usize| fields[at].parse::<f64>().unwrap();
    Summary {
        packets: number(2) as u64,
        lost: number(3) as i64,
        mean_jitter: number(9),
        max_jitter: number(10),
    }
}

/// A copy of the capture that begins with a session announcement (RFC 2974) of its payload types.
fn announce(case: &Case) -> PathBuf {
    let capture = std::fs::read(path(case.capture)).unwrap();
    let (header, records) = capture.split_at(24);
    let frame = announcement(case);
    let len = u32::try_from(frame.len()).unwrap().to_le_bytes();
    let time = &records[..8];
    let copy = [header, time, &len[..], &len[..], &frame[..], records].concat();
    let name = format!("{}-{:x}-{}.pcap", case.capture, case.ssrc, std::process::id());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, copy).unwrap();
    path
}

fn announcement(case: &Case) -> Vec<u8> {
    let [a, b, c, d] = case.address;
    let mut sdp =
        format!("v=0\r\no=- 0 0 IN IP4 {a}.{b}.{c}.{d}\r\ns=-\r\nc=IN IP4 {a}.{b}.{c}.{d}\r\nt=0 0\r\n");
    let numbers: Vec<String> = case.payload_types.iter().map(|(number, _)| number.to_string()).collect();
    sdp += &format!("m=video {} RTP/AVP {}\r\n", case.port, numbers.join(" "));
    for (number, codec) in case.payload_types {
        sdp += &format!("a=rtpmap:{number} {codec}\r\n");
    }
    let sap = [&[0x20, 0, 0, 1, a, b, c, d], &b"application/sdp\0"[..], sdp.as_bytes()].concat();
    let half = |value: usize| u16::try_from(value).unwrap().to_be_bytes();
    let udp = [&half(9875), &half(9875), &half(8 + sap.len()), &half(0), &sap[..]].concat();
    let ip =
        [&[0x45, 0][..], &half(20 + udp.len()), &[0, 0, 0, 0, 64, 17, 0, 0, a, b, c, d, a, b, c, d]].concat();
    [&[0; 12][..], &[8, 0], &ip, &udp].concat()
}
