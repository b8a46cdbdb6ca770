//! `rtptap control`, as a user runs it.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::super::process::{Program, RelayProcess, signal};
use super::Call;

fn command(relay: &RelayProcess, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtptap"));
    command.args(["control", &relay.control().to_string()]).args(args);
    command
}

/// Runs it to its end.
async fn control(relay: &RelayProcess, args: &[&str]) -> Output {
    let mut command = command(relay, args);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn everything_can_be_asked_from_a_shell() {
    let call = Call::begins(&[]).await;
    let legs = control(&call.relay, &["legs"]).await;
    assert!(text(&legs.stdout).contains("target-1") && text(&legs.stdout).contains("clear"), "{legs:?}");
    let legs = control(&call.relay, &["legs", "--json"]).await;
    let legs: Value = serde_json::from_slice(&legs.stdout).unwrap();
    assert_eq!(
        (&legs["legs"][0]["id"], &legs["legs"][1]["rules"]["delayMs"]),
        (&"source".into(), &0.0.into())
    );

    let set = control(&call.relay, &["rules", "target-1", "--loss", "7", "--delay", "40ms"]).await;
    assert_eq!(text(&set.stdout), "target-1: loses 7%, delays 40 ms ± 0 ms, seed 1\n");
    let set = control(&call.relay, &["rules", "target-1", "--clear", "--jitter", "2ms", "--json"]).await;
    let set: Value = serde_json::from_slice(&set.stdout).unwrap();
    let set = &set["rules"];
    assert_eq!((&set["loss"], &set["delayMs"], &set["jitterMs"]), (&0.0.into(), &0.0.into(), &2.0.into()));
    let set = control(&call.relay, &["rules", "target-1", "--clear", "--limit", "1.5M"]).await;
    assert_eq!(text(&set.stdout), "target-1: clear, at most 1500 kbit/s\n");
    let set = control(&call.relay, &["rules", "source", "--limit", "0"]).await;
    assert_eq!(text(&set.stdout), "source: no limit\n");
    let set = control(&call.relay, &["rules", "target-1", "--delay", "7100us", "--jitter", "300us"]).await;
    assert_eq!(
        text(&set.stdout),
        "target-1: delays 7.1 ms ± 0.3 ms, seed 1, at most 1500 kbit/s\n",
        "without the noise of binary fractions"
    );
    let refused = control(&call.relay, &["rules", "target-1", "--delay", "6s"]).await;
    assert_eq!(
        (refused.status.code(), text(&refused.stderr)),
        (Some(1), "error: delay is 6s: must be in 0s..=5s\n")
    );

    let watched = control(&call.relay, &["watch", "--every", "100ms", "--count", "2", "--json"]).await;
    let lines: Vec<Value> =
        text(&watched.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[1]["legs"][0]["book"]["packetsIn"]), (2, &2.into()));
    call.relay.interrupt().await;
}

#[tokio::test]
async fn a_watcher_in_a_shell_is_told_that_the_relay_stops() {
    let call = Call::begins(&[]).await;
    let mut watch = Program::start(&mut command(&call.relay, &["watch", "--json", "--every", "100ms"]));
    watch.says("uptime").await;
    call.relay.interrupt().await;
    assert_eq!(watch.ends().await.code(), Some(1));
}

#[tokio::test]
async fn a_capture_in_a_shell_ends_with_ctrl_c_and_is_whole() {
    let call = Call::begins(&[]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("call.pcapng");
    let mut capture =
        Program::start(&mut command(&call.relay, &["capture", "--leg", "target-1", file.to_str().unwrap()]));
    super::until("it has begun", || std::fs::metadata(&file).ok().filter(|file| file.len() > 0)).await;
    call.send(2..22).await;
    call.arrive(22).await;
    assert!(capture.interrupt().await.success());
    let inspected =
        Command::new(env!("CARGO_BIN_EXE_rtptap")).args(["inspect", "--json"]).arg(&file).output().unwrap();
    let inspected: Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(
        (&inspected["state"], &inspected["streams"][0]["packets"]),
        (&"complete".into(), &20.into()),
        "{inspected}"
    );
    call.relay.interrupt().await;
}

#[test]
fn what_cannot_be_meant_is_refused_before_anybody_is_asked() {
    for (args, complaint) in [
        // A bound of 0 would be none.
        (&["capture", "-", "--for", "500us"][..], "must be in 1ms..=49days"),
        (&["capture", "-", "--for", "60days"], "must be in 1ms..=49days"),
        (&["capture", "-", "--packets", "0"], "0 is not in 1.."),
        (&["rules", "target-1", "--loss", "101"], "must be in 0..=100"),
        (&["rules", "target-1", "--loss", "-1"], "must be in 0..=100"),
        (&["rules", "target-1", "--loss", "NaN"], "must be in 0..=100"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rtptap"));
        let out = command.args(["control", "127.0.0.1:1"]).args(args).output().unwrap();
        let found = text(&out.stderr);
        assert!(out.status.code() == Some(1) && found.contains(complaint), "{args:?}: {found}");
    }
}

#[tokio::test]
async fn a_second_ctrl_c_ends_a_capture_that_nobody_reads() {
    let call = Call::begins(&[]).await;
    let mut child = command(&call.relay, &["capture", "-"]).stdout(Stdio::piped()).spawn().unwrap();
    while call.metric("rtptap_control_captures ").await == 0 {}
    // More than pipes hold, and not more than the relay keeps for who is slow.
    call.send_large(2..27).await;
    call.arrive(25).await;
    // The first asks the relay to end it, and what comes then finds no room in the pipe.
    let status = super::until("it ends", || {
        signal(&child, "INT");
        child.try_wait().unwrap()
    })
    .await;
    assert_eq!(status.code(), Some(1));
    call.relay.interrupt().await;
}

#[test]
fn nobody_there_is_said_with_what_to_do() {
    let out =
        Command::new(env!("CARGO_BIN_EXE_rtptap")).args(["control", "127.0.0.1:1", "legs"]).output().unwrap();
    let complaint = text(&out.stderr);
    assert!(out.status.code() == Some(1) && complaint.contains("--control 127.0.0.1:1"), "{complaint}");
    assert!(complaint.contains("refused"), "and why: {complaint}");
}
