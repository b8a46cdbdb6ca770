//! Several files at once: each by itself, and none hides the others.

use serde_json::Value;

use crate::inspect::{bytes, code, path, rtptap};

#[test]
fn a_file_that_cannot_be_opened_does_not_hide_the_others() {
    let (one, other) = (path("ffmpeg_opus"), path("gst_pcmu_loss"));
    let files = [one.to_str().unwrap(), "/no/such/file", "/", other.to_str().unwrap()];
    let output = rtptap(&[&["inspect", "--json"][..], &files].concat());
    assert_eq!(code(&output), 3);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("/no/such/file cannot be opened") && said.contains("/ cannot be opened"), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let states: Vec<&Value> = report.as_array().unwrap().iter().map(|file| &file["state"]).collect();
    assert_eq!(states, ["complete", "failed", "failed", "complete"]);
    assert_eq!(report[1]["file"], "/no/such/file");
    assert!(report[1]["error"].as_str().unwrap().starts_with("/no/such/file cannot be opened: "));
    assert_eq!(report[3]["streams"].as_array().unwrap().len(), 2);

    for format in [&["--width", "80"][..], &["--wide"], &["--csv"], &["--every", "1h"]] {
        let output = rtptap(&[&["inspect"], format, &files].concat());
        let text = String::from_utf8(output.stdout.clone()).unwrap();
        assert_eq!(code(&output), 3, "{text}");
        assert!(text.contains("127.0.0.1:7002") || text.contains("→ :7002"), "{text}");
        assert_eq!(text.contains("/no/such/file cannot be opened"), format != ["--csv"], "{text}");
    }
}

#[test]
fn limits_are_held_against_the_files_that_could_be_read() {
    let file = path("gst_pcmu_loss");
    let output =
        rtptap(&["inspect", "/no/such/file", file.to_str().unwrap(), "--fail-if", "loss>1%", "--json"]);
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(code(&output), 3);
    assert!(said.contains("failed: ") && said.contains("5.19 % lost"), "{said}");
    assert!(!said.contains("no RTP stream"), "{said}");
}

#[test]
fn when_no_file_can_be_opened_each_is_named_and_nothing_is_reported() {
    let output = rtptap(&["inspect", "/no/such/file", "/", "--json"]);
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: /no/such/file") && said.contains("error: / cannot"), "{said}");
}

#[test]
fn each_file_is_a_capture_of_its_own() {
    let file = path("gst_pcmu_loss");
    let file = file.to_str().unwrap();
    let output = rtptap(&["inspect", file, file, "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report[0], report[0]["streams"][0]["duplicates"].as_u64()), (&report[1], Some(0)));
}

#[test]
fn standard_input_that_is_a_file_is_read_as_one() {
    let whole = bytes("gst_pcmu_loss");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("call.pcap");
    std::fs::write(&file, whole).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rtptap"))
        .args(["inspect", "-", "--every", "10s", "--json"])
        .stdin(std::fs::File::open(&file).unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let elapsed: Vec<Value> =
        text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["elapsed"].clone()).collect();
    assert_eq!(
        elapsed,
        [Value::from(10.0), Value::from(20.0), Value::Null],
        "the capture's time, not the user's"
    );
}

#[test]
fn what_was_lost_and_never_came_back_is_a_condition() {
    for (name, condition, expected) in [
        // Nothing repairs PCMU: all of the 52 lost are missing.
        ("gst_pcmu_loss", "unrepaired>5%", 2),
        ("gst_pcmu_loss", "unrepaired>5.3%", 0),
        ("gst_pcmu_loss", "unrepaired>=52", 2),
        ("gst_pcmu_loss", "unrepaired>52", 0),
        // Most of the 25 lost came back by RTX.
        ("gst_vp8_rtx_loss", "loss>4%", 2),
        ("gst_vp8_rtx_loss", "unrepaired>1%", 0),
        ("gst_vp8_rtx_loss", "unrepaired>0.1%", 2),
        ("gst_opus_clean", "unrepaired>0%", 0),
    ] {
        let file = path(name);
        let output = rtptap(&["inspect", file.to_str().unwrap(), "--csv", "--fail-if", condition]);
        let said = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(code(&output), expected, "{name} {condition}: {said}");
        assert_eq!(
            said.contains("lost and never back"),
            expected == 2 && condition.starts_with('u'),
            "{said}"
        );
    }
}
