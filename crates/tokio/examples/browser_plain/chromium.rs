//! Chromium as a process of its own, with a profile of its own; neither outlives whoever started it.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Command as Probe, Stdio};

use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Debian's name, and others'.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// What makes a call without encryption possible, and on loopback: for who starts it by hand, too.
pub(crate) const FLAGS: [&str; 2] = ["--disable-webrtc-encryption", "--allow-loopback-in-peer-connection"];

/// The same without a screen and without anybody who clicks.
const UNATTENDED: [&str; 9] = [
    "--headless=new",
    // Neither containers nor root have what the sandbox needs; the page is ours.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--enable-logging=stderr",
];

/// A browser that is installed.
#[derive(Clone, Debug)]
pub(crate) struct Chromium {
    program: PathBuf,
    flags: Vec<&'static str>,
}

/// A browser that runs.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    folder: TempDir,
}

impl Chromium {
    /// The first that answers.
    pub(crate) fn find() -> Option<Self> {
        NAMES.into_iter().find_map(|name| {
            let answer =
                Probe::new(name).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
            let flags = FLAGS.to_vec();
            answer.status.success().then(|| Self { program: name.into(), flags })
        })
    }

    /// Without a window, with a camera that shows a test picture.
    pub(crate) fn unattended(mut self) -> Self {
        self.flags.extend(UNATTENDED);
        self
    }

    /// Opens a page, with more flags if need be.
    pub(crate) fn open(&self, address: &str, flags: &[&str]) -> io::Result<Running> {
        let folder = TempDir::with_prefix("browser-")?;
        let log = File::create(folder.path().join(LOG))?;
        let mut command = Command::new(&self.program);
        command.args(&self.flags).args(["--no-first-run", "--disable-background-networking"]).args(flags);
        command.arg(format!("--user-data-dir={}", folder.path().join("profile").display())).arg(address);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        Ok(Running { child: command.kill_on_drop(true).spawn()?, folder })
    }
}

/// What it complains about.
const LOG: &str = "log.txt";
const LAST_LINES: usize = 20;

impl Running {
    /// The end of its log, for who wonders why nothing comes.
    pub(crate) fn last_words(&self) -> String {
        let log = std::fs::read(self.folder.path().join(LOG)).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<_> = log.lines().collect();
        lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default().join("\n")
    }

    /// Its other processes end when they find it gone.
    pub(crate) async fn close(mut self) -> io::Result<()> {
        self.child.kill().await
    }
}
