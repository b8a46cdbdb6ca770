//! A call that goes on while everybody attacks the relay in every way at once. `cargo xtask soak` does it for ten minutes with a
//! program built for release; as an ordinary test it is short.

mod attacks;
mod call;
mod watch;

use std::process::Command;
use std::time::Duration;

use tokio::time::Instant;

use self::attacks::Relay;
use self::call::Call;
use super::process::RelayProcess;
use super::until;

const SOURCE_HOST: &str = "127.0.0.1";
const TARGET_HOST: &str = "127.0.0.2";
const STRANGER: &str = "127.0.0.3";

/// How long, in seconds, unless it is said.
const SECONDS: u64 = 8;

/// Packets of a thousand that may be lost.
const MAX_LOST: u32 = 1;

/// On a machine that is busy with other tests the system itself drops some in front of the relay, which asks for them for this
/// long, less than half of the time: nothing is given up because a busy machine takes its own.
const HISTORY: &str = "[relay]\nhistory = \"3s\"\n";

/// How long what is under way may take.
const GRACE: Duration = Duration::from_secs(20);

/// Resident memory, in KiB, with the histories of the call and of the giants, which come from the source's own host.
const MAX_RESIDENT: u64 = 40 * 1024;

/// What the second half may need more than the first.
const MAX_GROWTH: u64 = 4 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_on_while_everybody_attacks() {
    let seconds = std::env::var("RTPTAP_SOAK_SECONDS").ok();
    let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().expect("a number of seconds"));
    let mut call = Call::bind(at(SOURCE_HOST), at(TARGET_HOST)).await;
    let to = call.sink.to_string();
    let (log, config) = (tempfile::NamedTempFile::new().unwrap(), tempfile::NamedTempFile::new().unwrap());
    std::fs::write(config.path(), HISTORY).unwrap();
    let any = "127.0.0.1:0";
    let args = ["--listen", any, "--to", &to, "--http", any, "--pt", "96=VP8/90000", "--config"];
    let args = [&args[..], &[config.path().to_str().unwrap()]].concat();
    let mut command = Command::new("sh");
    command.args(["-c", r#"exec "$0" "$@" 2>"$LOG""#, env!("CARGO_BIN_EXE_rtptap")]).env("LOG", log.path());
    let relay = RelayProcess::start_as(command, &args).await;
    let known = Relay { listen: relay.listen(), from: relay.from(), http: relay.http() };

    // Who sends reports only may come first and is not the source. Media of a stranger would be, without `--source-from`: it comes
    // once the call stands.
    let claimants = attacks::claimants(&known).await;
    call.start(relay.listen());
    until("the call stands", || (call.arrived(2) == 2).then_some(())).await;
    let attacks = attacks::all(&known, !cfg!(debug_assertions)).await;
    let seen = watch::watch(&relay, Instant::now() + Duration::from_secs(seconds)).await;
    let sent = call.sent();
    drop((claimants, attacks));
    // What is under way, or asked for, arrives.
    let enough = sent - sent * MAX_LOST / 1000;
    let end = Instant::now() + GRACE;
    until("what is under way arrives", || {
        (call.arrived(sent) >= enough || Instant::now() > end).then_some(())
    })
    .await;
    call.hang_up();
    let (arrived, goodbyes) = (call.arrived(sent), call.goodbyes());
    let summary = relay.interrupt().await;

    let log = std::fs::read_to_string(log.path()).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let (first, second) = seen.halves();
    println!("{}", serde_json::to_string_pretty(&summary["legs"]).unwrap());
    println!("{log}");
    println!("{arrived} of {sent} packets arrived in {seconds} s");
    println!("resident at most {first} KiB in the first half, {second} KiB in the second");
    println!("the slowest answer of /stats took {:?}", seen.slowest_answer);
    assert!(arrived >= enough, "{arrived} of {sent} packets arrived");
    assert_eq!(goodbyes, 0, "nobody but the relay ends a stream");
    assert!(second <= MAX_RESIDENT && second <= first + MAX_GROWTH, "{seen:?}");
    for (kind, times) in watch::kinds(&lines) {
        assert!(times as u64 <= seconds + 5, "{times} lines in {seconds} s: {kind}");
    }
    watch::books_close(&summary);
    watch::all_is_named(&summary);
}

fn at(host: &str) -> std::net::SocketAddr {
    format!("{host}:0").parse().unwrap()
}
