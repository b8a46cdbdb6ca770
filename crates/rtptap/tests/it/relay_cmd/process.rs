//! The relay as a process of its own, and other programs beside it; none outlives its test.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::http::get;
use super::{PATIENCE, until};

/// Is the program there? Otherwise says what is not tested; fails where everything must be.
pub(crate) fn installed(program: &str, version: &str) -> bool {
    let found = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return true;
    }
    assert!(
        std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_none_or(|set| set != "1"),
        "{program} is not installed"
    );
    eprintln!("skipped: {program} is not installed");
    false
}

/// A program with what it prints.
pub(crate) struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Program {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = Arc::<Mutex<Vec<String>>>::default();
        let (out, to) = (BufReader::new(child.stdout.take().unwrap()), Arc::clone(&lines));
        let reader = std::thread::spawn(move || {
            out.lines().map_while(Result::ok).for_each(|line| to.lock().unwrap().push(line));
        });
        Self { child, lines, reader: Some(reader) }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Packets that a `fakesink` says it got.
    pub(crate) fn played(&self) -> usize {
        self.lines().iter().filter(|line| line.contains("last-message = chain")).count()
    }

    pub(crate) async fn says(&self, what: &str) {
        until(what, || self.lines().iter().any(|line| line.contains(what)).then_some(())).await;
    }

    /// Ctrl-C, and what it ends with.
    pub(crate) async fn interrupt(&mut self) -> ExitStatus {
        signal(&self.child, "INT");
        self.ends().await
    }

    pub(crate) async fn ends(&mut self) -> ExitStatus {
        let status = until("it ends", || self.child.try_wait().unwrap()).await;
        self.reader.take().unwrap().join().unwrap();
        status
    }
}

/// Sends a signal, such as `TERM`.
pub(crate) fn signal(to: &Child, name: &str) {
    let kill = format!("kill -{name} {}", to.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `rtptap relay --json`.
pub(crate) struct RelayProcess {
    program: Program,
    started: Value,
}

impl RelayProcess {
    pub(crate) async fn start(args: &[&str]) -> Self {
        Self::start_as(Command::new(env!("CARGO_BIN_EXE_rtptap")), args).await
    }

    /// `command` runs the program, with its arguments behind its own.
    pub(crate) async fn start_as(mut command: Command, args: &[&str]) -> Self {
        let program = Program::start(command.args(["relay", "--json"]).args(args));
        let started = until("the relay starts", || program.lines().first().cloned()).await;
        let started: Value = serde_json::from_str(&started).unwrap();
        assert_eq!(started["event"], "started");
        Self { program, started }
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.started["listen"].as_str().unwrap().parse().unwrap()
    }

    /// Where RTP is sent from to the first target.
    pub(crate) fn from(&self) -> SocketAddr {
        self.started["from"][0].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn http(&self) -> SocketAddr {
        self.started["http"].as_str().unwrap().parse().unwrap()
    }

    /// Where the control plane is served.
    #[cfg(feature = "control")]
    pub(crate) fn control(&self) -> SocketAddr {
        self.started["control"].as_str().unwrap().parse().unwrap()
    }

    /// Kilobytes that the process holds, and the most that it ever held.
    #[cfg(target_os = "linux")]
    pub(crate) fn memory(&self) -> (u64, u64) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.program.child.id())).unwrap();
        let field = |name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        (field("VmRSS:"), field("VmHWM:"))
    }

    /// What `/stats` says now; started with `--http`.
    pub(crate) async fn stats(&self) -> Value {
        let (status, _, body) = get(self.http(), "/stats").await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// Waits until `/stats` shows it; fails with what it shows.
    pub(crate) async fn until<T>(&self, what: &str, mut found: impl FnMut(&Value) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let stats = self.stats().await;
            if let Some(found) = found(&stats) {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "never: {what}: {stats}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.program.child.id()
    }

    /// Ctrl-C: the summary.
    pub(crate) async fn interrupt(self) -> Value {
        let (code, summary) = self.interrupted().await;
        assert_eq!(code, Some(0));
        summary
    }

    /// Ctrl-C: the exit code and the summary.
    pub(crate) async fn interrupted(mut self) -> (Option<i32>, Value) {
        let status = self.program.interrupt().await;
        let summary: Value = serde_json::from_str(self.program.lines().last().unwrap()).unwrap();
        assert_eq!(summary["event"], "summary");
        (status.code(), summary)
    }
}

/// Streams of a leg in a summary, those that have ended and those that had not: the values of a field.
pub(crate) fn sum(leg: &Value, list: &str, field: &str) -> u64 {
    let of = |stream: &Value| stream[field].as_u64().unwrap_or(0);
    let ended = leg["ended"].as_array().into_iter().flatten().map(|stream| of(&stream[list]));
    let living = leg["stats"][list].as_array().into_iter().flatten().map(of);
    ended.chain(living).sum()
}
