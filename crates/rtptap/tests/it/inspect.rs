//! `rtptap inspect` and `rtptap completions` as a user runs them.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use interceptor_inspect::Inspector;
use proptest::prelude::*;
use rtptap::inspect::{Inspection, View, inspection_csv, inspection_table};
use serde_json::Value;

/// A capture of the library that reads them.
pub(crate) fn path(name: &str) -> PathBuf {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../inspect/tests/data");
    PathBuf::from(data).join(name).with_extension("pcap")
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

/// A pcap file with those of its records that went to a UDP port.
fn only_to(file: &[u8], port: u16) -> Vec<u8> {
    let (header, mut rest) = file.split_at(24);
    let mut only = header.to_vec();
    while let Some(head) = rest.first_chunk::<16>() {
        let len = 16 + u32::from_le_bytes(head[8..12].try_into().unwrap()) as usize;
        let (record, after) = rest.split_at(len);
        if record[16 + 36..16 + 38] == port.to_be_bytes() {
            only.extend(record);
        }
        rest = after;
    }
    only
}

pub(crate) fn rtptap(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtptap"));
    // Of the terminal in which the tests run.
    command.env_remove("COLUMNS").args(arguments).output().unwrap()
}

pub(crate) fn inspect(name: &str, arguments: &[&str]) -> Output {
    let path = path(name);
    rtptap(&[&["inspect", path.to_str().unwrap()], arguments].concat())
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn json_has_the_documented_shape() {
    let output = inspect("gst_vp8_rtx_loss", &["--json", "--pt", "98=VP8/90000"]);
    assert_eq!(code(&output), 0);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = ["elapsed", "error", "file", "link_type", "packets", "problems", "state", "streams"];
    assert_eq!(keys(&report), expected);
    assert_eq!((&report["state"], &report["error"]), (&"complete".into(), &Value::Null));
    let stream = &report["streams"][0];
    let expected = [
        "clock_rate",
        "codec",
        "delta_ms",
        "drift_error_ppm",
        "drift_ppm",
        "dst",
        "duplicates",
        "end",
        "fec",
        "fec_of",
        "jitter_ms",
        "loss_runs",
        "lost",
        "lost_pct",
        "packets",
        "payload_type",
        "reordered",
        "repair",
        "rtcp",
        "rtt_ms",
        "rtx_of",
        "skew_ms",
        "src",
        "ssrc",
        "start",
        "timestamp_jumps",
    ];
    assert_eq!(keys(stream), expected);
    assert_eq!(keys(&stream["timestamp_jumps"]), ["count", "largest_ms"]);
    assert_eq!(keys(&stream["loss_runs"]), ["count", "longest"]);
    assert_eq!(keys(&stream["jitter_ms"]), ["max", "mean", "min"]);
    assert_eq!(keys(&stream["delta_ms"]), ["max", "mean", "min"]);
    let rtcp = ["ccfb", "fir", "nack", "pli", "remb", "rr", "sr", "twcc", "xr"];
    assert_eq!(keys(&stream["rtcp"]), rtcp);
    assert_eq!((&stream["ssrc"], &stream["codec"]), (&"0x11223344".into(), &"VP8".into()));
    assert_eq!((&stream["payload_type"], &stream["rtx_of"]), (&98.into(), &Value::Null));
}

#[test]
fn what_is_not_known_is_null_in_the_same_shape() {
    let output = inspect("chromium_vp8_opus_loss", &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let streams = report["streams"].as_array().unwrap();
    // Too few retransmissions with a payload came there to guess their clock.
    let is_meant = |stream: &&Value| stream["ssrc"] == "0x2ac8bfba" && stream["dst"] == "10.99.0.1:33239";
    let repair = streams.iter().find(is_meant).unwrap();
    assert_eq!(keys(&repair["jitter_ms"]), ["max", "mean", "min"]);
    assert_eq!((&repair["jitter_ms"]["mean"], &repair["clock_rate"]), (&Value::Null, &Value::Null));
}

#[test]
fn several_files_give_an_array() {
    let (one, other) = (path("ffmpeg_opus"), path("gst_pcmu_loss"));
    let output = rtptap(&["inspect", "--json", one.to_str().unwrap(), other.to_str().unwrap()]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report.as_array().unwrap().len(), 2);
    assert_eq!(report[1]["streams"].as_array().unwrap().len(), 2);
}

#[test]
fn csv_has_a_line_for_each_stream() {
    let output = inspect("gst_vp8_rtx_loss", &["--csv"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 5);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{text}");
    let column = |name: &str| lines[0].iter().position(|column| *column == name).unwrap();
    assert_eq!((lines[2][column("ssrc")], lines[2][column("lost")]), ("0x11223344", "25"));
    assert_eq!((lines[4][column("rtx_of")], lines[2][column("rtx_of")]), ("0x11223344", ""));
}

#[test]
fn what_a_clock_is_worth_is_said_with_its_figures() {
    let text = |name: &str, arguments: &[&str]| String::from_utf8(inspect(name, arguments).stdout).unwrap();
    let csv = text("field/timestamps_begin_again", &["--csv"]);
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let jumps = lines[0].iter().position(|column| *column == "timestamp_jumps").unwrap();
    assert_eq!((lines[1][jumps], lines[1][jumps + 1].starts_with("14921")), ("1", true), "{csv}");
    let table = text("field/timestamps_begin_again", &["--width", "120"]);
    assert!(table.contains("timestamps jump once"), "{table}");
    // Two minutes of it.
    let wide = text("field/outage_of_5000", &["--wide"]);
    assert!(wide.contains("0.0 ±"), "{wide}");
    // The timestamps of retransmissions are those of long ago.
    let table = text("chromium_vp8_opus_loss", &["--width", "200"]);
    assert!(!table.contains("jitter up to"), "{table}");
}

#[test]
fn the_table_has_the_columns_of_wireshark_and_more() {
    let output = inspect("gst_pcmu_loss", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    for part in
        ["0x11223344", "0 PCMU/8000", "52 (5.2%)", "949", "21.099", "11.861", "2 RTP streams", "drift ppm"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.lines().any(|line| line.ends_with('X')), "{text}");
}

#[test]
fn standard_input_is_read_as_a_file_is() {
    for name in ["gst_pcmu_loss", "chromium_vp8_opus_loss"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rtptap"))
            .args(["inspect", "-", "--json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // In odd pieces, as tcpdump writes them.
        bytes(name).chunks(1237).for_each(|chunk| pipe.write_all(chunk).unwrap());
        drop(pipe);
        let piped: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
        let direct: Value = serde_json::from_slice(&inspect(name, &["--json"]).stdout).unwrap();
        assert_eq!((&piped["file"], &piped["streams"]), (&"-".into(), &direct["streams"]));
    }
}

#[test]
fn conditions_fail_with_code_2_and_say_which_stream() {
    for (condition, expected) in [
        ("loss>5%", 2),
        ("loss>6%", 0),
        ("loss>51", 2),
        ("loss>=52", 2),
        ("loss>52", 0),
        ("jitter>11ms", 2),
        ("jitter>12ms", 0),
        ("longest-run>2", 2),
        ("longest-run>3", 0),
        ("reordered>7", 2),
        ("reordered>8", 0),
        ("reordered>0.5%", 2),
        ("missing-rtcp", 0),
        ("loss>6%,reordered>7", 2),
    ] {
        let output = inspect("gst_pcmu_loss", &["--fail-if", condition]);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), expected, "{condition}: {said}");
        assert_eq!(said.contains("127.0.0.1:7002"), expected == 2, "{condition}: {said}");
        assert!(!output.stdout.is_empty());
    }
    let output = inspect("gst_pcmu_loss", &["--fail-if", "loss>6%", "--fail-if", "reordered>7"]);
    assert_eq!(code(&output), 2);
}

#[test]
fn missing_reports_and_missing_streams_fail() {
    // Without the port above, FFmpeg's sender reports are not seen.
    let output = inspect("ffmpeg_opus", &["--fail-if", "missing-rtcp"]);
    assert_eq!(code(&output), 0);
    let folder = tempfile::tempdir().unwrap();
    let only_rtp = folder.path().join("rtp.pcap");
    std::fs::write(&only_rtp, only_to(&bytes("ffmpeg_opus"), 5004)).unwrap();
    assert_eq!(code(&rtptap(&["inspect", only_rtp.to_str().unwrap(), "--fail-if", "missing-rtcp"])), 2);
    let output = inspect("ffmpeg_opus", &["--port", "1", "--fail-if", "loss>1%"]);
    assert_eq!(code(&output), 2);
    assert!(String::from_utf8(output.stderr).unwrap().contains("no RTP stream"));
}

#[test]
fn a_damaged_file_is_reported_and_exits_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.pcap");
    let whole = bytes("gst_pcmu_loss");
    std::fs::write(&cut, &whole[..whole.len() - 5]).unwrap();
    let output = rtptap(&["inspect", cut.to_str().unwrap(), "--json", "--fail-if", "loss>1%"]);
    assert_eq!(code(&output), 3);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["streams"].as_array().unwrap().len(), 2);
    assert_eq!(report["problems"][0]["kind"], "truncated");
    assert!(report["problems"][0]["offset"].as_u64().unwrap() > 130_000);
    std::fs::write(&cut, "Dear sir or madam, this is no capture.").unwrap();
    assert_eq!(code(&rtptap(&["inspect", cut.to_str().unwrap()])), 3);
}

#[test]
fn what_cannot_be_done_exits_with_1_and_says_why() {
    for (arguments, reason) in [
        (&["inspect", "/no/such/file"][..], "/no/such/file cannot be opened"),
        (&["inspect", "/"], "/ cannot be opened"),
        (&["inspect"], "FILE"),
        (&["inspect", "x", "--fail-if", "loss"], "loss>1%"),
        (&["inspect", "x", "--pt", "96"], "96=VP8/90000"),
        (&["inspect", "x", "--pt", "200=VP8/90000"], "0..=127"),
        (&["inspect", "x", "--port", "70000"], "70000"),
        (&["inspect", "x", "--json", "--csv"], "--csv"),
        (&["inspect", "x", "--sdp", "/no/such/sdp"], "/no/such/sdp"),
        (&["completions", "tcsh"], "tcsh"),
    ] {
        let output = rtptap(arguments);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), 1, "{arguments:?}: {said}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
}

#[test]
fn options_reach_the_inspection() {
    let folder = tempfile::tempdir().unwrap();
    let sdp = folder.path().join("call.sdp");
    std::fs::write(&sdp, "v=0\r\nm=audio 7002 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n").unwrap();
    let output = inspect("gst_opus_clean", &["--json", "--sdp", sdp.to_str().unwrap(), "--port", "7002"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["streams"].as_array().unwrap().len(), 1);
    assert_eq!(report["streams"][0]["codec"], "opus");
    assert_eq!(report["problems"].as_array().unwrap().len(), 0);
}

#[test]
fn a_description_that_makes_no_sense_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let sdp = folder.path().join("call.sdp");
    for (text, complaint) in [
        (
            "v=0\r\nm=audio 7002 RTP/AVP 111\r\na=rtpmap:111 opus\r\n",
            "line 3: `a=rtpmap:111 opus` is not NUMBER NAME/RATE",
        ),
        ("hello", "no line `v=0` begins it"),
    ] {
        std::fs::write(&sdp, text).unwrap();
        let output = inspect("gst_opus_clean", &["--sdp", sdp.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), 1, "{said}");
        assert!(said.contains("call.sdp") && said.contains(complaint), "{said}");
    }
}

#[test]
fn help_teaches_by_example() {
    let output = rtptap(&["inspect", "--help"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(code(&output), 0);
    for part in ["tcpdump", "--pt 96=VP8/90000", "--fail-if 'loss>1%'", "Exit codes", "  3  "] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn completions_know_the_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = rtptap(&["completions", shell]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("fail-if") && text.contains("inspect"), "{shell}");
    }
}

/// Whatever a file holds can be printed in every way.
fn check_printed(file: &[u8]) {
    let mut inspector = Inspector::default();
    inspector.read(file);
    let inspection = Inspection::new("call.pcap", inspector.summary());
    let streams = inspection.summary.streams.len();
    for view in [View::default(), View::fitting(80)] {
        let table = inspection_table(&inspection, &view);
        assert!(table.starts_with("call.pcap: ") && table.ends_with('\n'), "{table}");
    }
    let printed: Value = serde_json::from_str(&serde_json::to_string(&inspection).unwrap()).unwrap();
    assert_eq!(printed["streams"].as_array().unwrap().len(), streams);
    assert_eq!(inspection_csv([&inspection]).lines().count(), 1 + streams);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn damaged_captures_can_be_printed(
        flips in prop::collection::vec((0.0..1.0f64, any::<u8>()), 0..200),
        part in 0.0..1.0f64,
    ) {
        let mut file = bytes("gst_vp8_rtx_loss");
        for (place, byte) in flips {
            let place = (file.len() as f64 * place) as usize;
            file[place] = byte;
        }
        file.truncate((file.len() as f64 * part) as usize);
        check_printed(&file);
    }
}

#[test]
fn problems_name_the_options_that_help() {
    let output = inspect("gst_vp8_twcc_loss", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    let guessed = "clock-guessed: the clock rate of payload type 98 is guessed to be 90000 Hz; \
        say --pt 98=CODEC/90000 or --sdp FILE";
    assert!(text.contains(guessed), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let few = folder.path().join("few.pcap");
    let rtp = only_to(&bytes("ffmpeg_opus"), 5004);
    let first = 24 + 16 + u32::from_le_bytes(rtp[32..36].try_into().unwrap()) as usize;
    let second = first + 16 + u32::from_le_bytes(rtp[first + 8..first + 12].try_into().unwrap()) as usize;
    std::fs::write(&few, &rtp[..second]).unwrap();
    let output = rtptap(&["inspect", few.to_str().unwrap(), "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = "2 packets that look like RTP, but are too few to be sure; say --port";
    assert_eq!(report["problems"][0]["message"], said);
}
