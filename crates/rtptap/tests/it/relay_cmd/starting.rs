//! What fails half-way through starting undoes what was started before it.

use std::net::{SocketAddr, UdpSocket};
use std::path::Path;

use rtptap::relay::{HttpServer, Relay, RelayError, RelayOptions, RtcpMode, SourceOptions, TargetOptions};

use super::until;

/// Free a moment ago.
fn free() -> SocketAddr {
    UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A source and two targets, each on a port of its own, into captures.
fn options(ports: [SocketAddr; 3], dump: &Path) -> RelayOptions {
    let [listen, from @ ..] = ports;
    let mut source = SourceOptions::new(listen);
    source.rtcp = RtcpMode::Mux;
    let targets = from.map(|from| {
        let mut target = TargetOptions::new("127.0.0.1:9".parse().unwrap());
        (target.from, target.rtcp) = (Some(from), RtcpMode::Mux);
        target
    });
    let mut options = RelayOptions::new(source, targets.to_vec());
    options.dump = Some(dump.to_owned());
    options
}

/// Files that are still being written.
fn parts(folder: &Path) -> Vec<String> {
    let names =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".part")).collect()
}

#[tokio::test]
async fn a_start_that_fails_leaves_no_port_taken_and_no_capture_open() {
    for (what, taken, missing_folder) in [
        ("the place for captures", None, true),
        ("the first target's port", Some(1), false),
        ("the second target's port", Some(2), false),
        ("the source's port", Some(0), false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ports = [free(), free(), free()];
        let holder = taken.map(|at: usize| UdpSocket::bind(ports[at]).unwrap());
        let place = if missing_folder { folder.path().join("none") } else { folder.path().to_owned() };
        let failed = Relay::start(options(ports, &place.join("call.pcapng"))).await.unwrap_err();
        match failed {
            RelayError::DumpPath { .. } => assert!(missing_folder, "{what}"),
            RelayError::Socket { address, .. } => assert_eq!(Some(address), taken.map(|at| ports[at])),
            other => panic!("{what}: {other}"),
        }
        drop(holder);
        // The same ports are to be had, and nothing writes any more.
        let again = until(what, || {
            ports.map(|port| UdpSocket::bind(port).ok()).into_iter().collect::<Option<Vec<_>>>()
        });
        assert_eq!(again.await.len(), 3, "{what}");
        assert_eq!(parts(folder.path()), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn a_relay_that_starts_again_at_once_finds_its_ports_free() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [free(), free(), free()];
    for _ in 0..3 {
        let relay = Relay::start(options(ports, &folder.path().join("call.pcapng"))).await.unwrap();
        let (_, files) = relay.stop().await.unwrap();
        assert_eq!(parts(folder.path()), Vec::<String>::new(), "{files:?}");
    }
}

#[tokio::test]
async fn a_relay_that_is_dropped_ends_without_a_word_and_gives_its_ports_back() {
    let folder = tempfile::tempdir().unwrap();
    let ports = [free(), free(), free()];
    let relay = Relay::start(options(ports, &folder.path().join("call.pcapng"))).await.unwrap();
    let handle = relay.handle();
    assert_eq!(handle.stats().legs.len(), 3);
    // As long as somebody may ask how it stood, its legs are there.
    drop((relay, handle));
    until("the ports are free", || {
        ports.map(|port| UdpSocket::bind(port).ok()).into_iter().collect::<Option<Vec<_>>>()
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn an_http_port_that_is_taken_ends_the_relay_with_goodbye_whole_captures_and_totals() {
    use std::process::Command;

    let folder = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (http, dump) = (holder.local_addr().unwrap().to_string(), folder.path().join("call.pcapng"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtptap"));
    command.args(["relay", "--json", "--listen", "127.0.0.1:0", "--to", "127.0.0.1:9", "--http", &http]);
    let out = command.arg("--dump").arg(&dump).output().unwrap();
    assert_eq!(out.status.code(), Some(1));
    let complaint = String::from_utf8(out.stderr).unwrap();
    assert!(complaint.contains(&http) && complaint.contains("--http"), "{complaint}");
    let lines = String::from_utf8(out.stdout).unwrap();
    let [summary] = &lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["event"], "summary", "never started, but ended");
    assert_eq!(parts(folder.path()), Vec::<String>::new());
}

/// The library's own way: the relay is the caller's, and so is its end.
#[tokio::test]
async fn an_http_port_that_is_taken_is_an_error_and_the_relay_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay =
        Relay::start(options([free(), free(), free()], &folder.path().join("call.pcapng"))).await.unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let failed = HttpServer::bind(holder.local_addr().unwrap(), relay.handle()).await;
    assert!(matches!(failed, Err(RelayError::Http { .. })));
    relay.stop().await.unwrap();
}
