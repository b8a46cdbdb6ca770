//! A capture that breaks while the relay runs: media goes on, and whoever looks sees it.

use std::process::Command;

use serde_json::Value;

use super::http::get;
use super::media::{Port, SSRC, packet};
use super::process::RelayProcess;
use super::until;

/// A relay whose files cannot grow beyond these many blocks of 512 or 1024 bytes: as on a disk that is full.
fn with_full_disk(blocks: u32) -> Command {
    let mut command = Command::new("sh");
    // The limit raises a signal unless it is ignored, as it is then for what the shell becomes.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_rtptap")]);
    command
}

#[tokio::test]
async fn a_capture_that_breaks_is_seen_in_statistics_and_costs_no_packet() {
    let (folder, source, sink) = (tempfile::tempdir().unwrap(), Port::bind().await, Port::bind().await);
    let (to, dump) = (sink.address().to_string(), folder.path().join("call.pcapng"));
    let dump = ["--dump", dump.to_str().unwrap(), "--http", "127.0.0.1:0", "--rtcp-mux"];
    let args = [&["--listen", "127.0.0.1:0", "--to", &to][..], &dump].concat();
    let relay = RelayProcess::start_as(with_full_disk(64), &args).await;
    let send = async |number: u16| {
        source.socket.send_to(&packet(SSRC, number.into()), relay.listen()).await.unwrap();
        until("the packet arrives", || sink.received.media(SSRC).remove(&number)).await;
    };
    source.socket.send_to(&packet(SSRC, 0), relay.listen()).await.unwrap();
    send(1).await;
    let stats = relay.stats().await;
    assert_eq!(stats["capture"]["error"], Value::Null);
    let metrics = get(relay.http(), "/metrics").await.2;
    assert!(metrics.contains("rtptap_capture_up 1\n"), "{metrics}");
    // 64 KiB at most fit.
    for number in 2..200 {
        send(number).await;
    }
    let stopped = |stats: &Value| stats["capture"]["error"].as_str().map(str::to_owned);
    let error = relay.until("the capture stops", stopped).await;
    assert!(error.contains("cannot write") && error.contains("call-"), "{error}");
    let metrics = get(relay.http(), "/metrics").await.2;
    assert!(metrics.contains("rtptap_capture_up 0\n"), "{metrics}");
    assert!(metrics.contains("rtptap_capture_dropped_total "), "{metrics}");
    for number in 200..220 {
        send(number).await;
    }
    assert_eq!(get(relay.http(), "/healthz").await.0, 200, "the legs are well");
    let (code, summary) = relay.interrupted().await;
    assert_eq!(code, Some(1));
    assert_eq!(summary["capture"]["error"], Value::from(error));
    assert!(summary["capture"]["packets"].as_u64() > Some(10), "{}", summary["capture"]);
    let files = summary["files"].as_array().unwrap();
    assert!(files.iter().all(|file| std::fs::exists(file.as_str().unwrap()).unwrap()), "{files:?}");
}
