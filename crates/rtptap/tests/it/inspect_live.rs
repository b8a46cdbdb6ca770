//! `rtptap inspect` while its capture is being written: signals, and tables on the way.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use serde_json::Value;

use crate::inspect::{bytes, path};

/// `rtptap inspect` with a pipe that stays open.
struct Live {
    child: Child,
    pipe: Option<ChildStdin>,
}

impl Live {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rtptap"))
            .arg("inspect")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let pipe = child.stdin.take();
        Self { child, pipe }
    }

    fn write(&mut self, bytes: &[u8]) {
        let pipe = self.pipe.as_mut().unwrap();
        pipe.write_all(bytes).unwrap();
        pipe.flush().unwrap();
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -$0 $1", name, &pid]).status().unwrap().success());
    }

    /// What it prints until it ends, and how it ends.
    fn end(mut self) -> (String, i32) {
        let mut text = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
        (text, self.child.wait().unwrap().code().unwrap())
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // It has ended, unless its test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Twice as much as pipes hold: when all of it is written, half of it has been read.
fn long_capture() -> Vec<u8> {
    let capture = bytes("chromium_vp8_opus_loss");
    assert!(capture.len() > 3 << 16);
    capture
}

#[test]
fn a_signal_prints_what_was_read_of_a_pipe_that_stays_open() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut live = Live::start(&["-", "--json"]);
        live.write(&long_capture());
        live.signal(signal);
        let pipe = live.pipe.take();
        let (text, code) = live.end();
        drop(pipe);
        let report: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((code, &report["state"]), (0, &"interrupted".into()), "{signal}");
        assert!(report["packets"].as_u64().unwrap() > 1000, "{text}");
        assert_eq!(report["streams"].as_array().unwrap().len(), 6);
    }
}

#[test]
fn a_record_that_the_same_signal_cut_off_is_no_damage() {
    let mut live = Live::start(&["-", "--json"]);
    let capture = long_capture();
    live.write(&capture[..capture.len() - 5]);
    live.signal("INT");
    drop(live.pipe.take());
    let (text, code) = live.end();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &report["state"]), (0, &"interrupted".into()), "{text}");
    assert!(!text.contains("truncated"), "{text}");
}

#[test]
fn limits_are_held_against_what_was_read_before_a_signal() {
    let mut live = Live::start(&["-", "--json", "--fail-if", "loss>1%"]);
    live.write(&long_capture());
    live.signal("INT");
    drop(live.pipe.take());
    assert_eq!(live.end().1, 2);
}

#[test]
fn files_after_a_signal_are_named_as_unread() {
    let next = path("ffmpeg_opus");
    let mut live = Live::start(&["-", next.to_str().unwrap(), "--json", "--fail-if", "loss>50%"]);
    live.write(&long_capture());
    // The writer's end might be noticed before the signal is.
    let open = live.pipe.take();
    live.signal("INT");
    let (text, code) = live.end();
    drop(open);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&report[0]["state"], &report[1]["state"]), (&"interrupted".into(), &"unread".into()));
    assert_eq!((code, &report[1]["packets"]), (0, &0.into()));
}

#[test]
fn a_named_pipe_without_a_writer_is_given_up_at_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let first = path("ffmpeg_opus");
    let files = [first.to_str().unwrap(), pipe.to_str().unwrap()];
    let mut live = Live::start(&[&files[..], &["--every", "1h", "--json"]].concat());
    let mut lines = BufReader::new(live.child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    assert_eq!(next()["state"], "complete");
    live.signal("TERM");
    assert_eq!(next()["state"], "unread");
    assert_eq!(live.child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_named_pipe_is_read_as_standard_input_is() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let live = Live::start(&[pipe.to_str().unwrap(), "--json"]);
    std::fs::write(&pipe, bytes("gst_pcmu_loss")).unwrap();
    let (text, code) = live.end();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &report["packets"], &report["state"]), (0, &1968.into(), &"complete".into()));
}

#[test]
fn a_second_signal_ends_it_at_once_even_if_nobody_takes_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let many = folder.path().join("many.pcap");
    std::fs::write(&many, many_streams(1000)).unwrap();
    let mut live = Live::start(&[many.to_str().unwrap(), "--json", "--port", "5004"]);
    // It writes, and cannot write all: the report is longer than pipes are.
    let mut first = [0];
    live.child.stdout.as_mut().unwrap().read_exact(&mut first).unwrap();
    let mut signals = 0;
    let status = loop {
        if let Some(status) = live.child.try_wait().unwrap() {
            break status;
        }
        live.signal("INT");
        signals += 1;
    };
    assert_eq!(status.code(), Some(130));
    assert!(signals >= 2);
}

/// A packet of each of so many streams to UDP port 5004, in raw IP.
fn many_streams(streams: u32) -> Vec<u8> {
    let mut file = b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x65\0\0\0".to_vec();
    for ssrc in 1..=streams {
        file.extend([0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 0, 40, 0, 0, 0]);
        file.extend([0x45, 0, 0, 40, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        file.extend([0x13, 0x8c, 0x13, 0x8c, 0, 20, 0, 0]);
        file.extend([0x80, 96, 0, 1, 0, 0, 0, 0]);
        file.extend(ssrc.to_be_bytes());
    }
    file
}

#[test]
fn every_step_of_a_live_pipe_gives_a_line_of_json_while_the_pipe_is_silent() {
    let mut live = Live::start(&["-", "--every", "10ms", "--json"]);
    live.write(&bytes("gst_pcmu_loss"));
    let mut lines = BufReader::new(live.child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let complete = loop {
        let line = next();
        assert_eq!(line["state"], "reading");
        if line["packets"] == 1968 {
            break line;
        }
    };
    let later = next();
    assert_eq!((&later["packets"], &later["streams"]), (&complete["packets"], &complete["streams"]));
    assert!(later["elapsed"].as_f64().unwrap() > complete["elapsed"].as_f64().unwrap());
    drop(live.pipe.take());
    let last = std::iter::repeat_with(next).find(|line| line["state"] != "reading").unwrap();
    assert_eq!((&last["state"], &last["elapsed"]), (&"complete".into(), &Value::Null));
    assert!(lines.next().is_none());
}

#[test]
fn every_step_of_a_file_is_one_of_its_own_time() {
    let output = crate::inspect::inspect("gst_pcmu_loss", &["--every", "5s", "--json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let elapsed: Vec<Option<f64>> = lines.iter().map(|line| line["elapsed"].as_f64()).collect();
    assert_eq!(elapsed, [Some(5.0), Some(10.0), Some(15.0), Some(20.0), None]);
    assert!(lines.is_sorted_by_key(|line| line["packets"].as_u64()));
    let whole = crate::inspect::inspect("gst_pcmu_loss", &["--json"]);
    let whole: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(lines.last(), Some(&whole));
}

#[test]
fn tables_of_a_file_that_is_no_terminal_stand_one_below_the_other() {
    let output = crate::inspect::inspect("gst_pcmu_loss", &["--every", "5s", "--width", "100"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let heads: Vec<&str> = text.lines().filter(|line| line.contains("RTP streams")).collect();
    assert_eq!(heads.len(), 5, "{text}");
    assert!(heads[0].ends_with("after 5.0 s") && heads[4].ends_with("2 RTP streams"), "{text}");
    assert!(!text.contains('\x1b') && !text.starts_with('\n'));
}
