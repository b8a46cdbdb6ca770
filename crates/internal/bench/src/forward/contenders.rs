//! Who forwards, and how each is started.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;

use anyhow::Context as _;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::page::RELAY;
use super::start::{Start, Started, free_address};
use super::{Case, rtpengine};
use crate::process::{Running, Tools, is_there};

/// Somebody who forwards.
pub(super) struct Contender {
    pub(super) name: &'static str,
    /// It is built here: it must work.
    pub(super) is_ours: bool,
    /// A program that must be installed, and what it is asked for its version with.
    program: Option<(&'static str, &'static str)>,
    targets: std::ops::RangeInclusive<u32>,
    most_streams: u32,
    start: fn(&Start<'_>) -> anyhow::Result<Started>,
}

impl Contender {
    pub(super) fn takes(&self, case: Case) -> bool {
        self.targets.contains(&case.targets) && case.streams <= self.most_streams
    }

    /// Why it is skipped.
    pub(super) fn missing(&self) -> Option<String> {
        let (program, version) = self.program?;
        (!is_there(program, version)).then(|| format!("{}: {program} is not installed", self.name))
    }

    pub(super) fn start(&self, start: &Start<'_>) -> anyhow::Result<Started> {
        (self.start)(start)
    }
}

/// The relay first.
pub(super) fn all() -> Vec<Contender> {
    const GST: Option<(&str, &str)> = Some(("gst-launch-1.0", "--version"));
    let contender = |name, program, targets, most_streams, start| Contender {
        name,
        is_ours: false,
        program,
        targets,
        most_streams,
        start,
    };
    let ours =
        |name, start| Contender { is_ours: true, ..contender(name, None, 1..=u32::MAX, u32::MAX, start) };
    vec![
        ours(RELAY, relay),
        ours("bare loop, batches", |start| bare(start, "batches")),
        ours("bare loop, one by one", |start| bare(start, "one-by-one")),
        contender("udpsrc ! udpsink", GST, 1..=1, u32::MAX, |start| gst(start, &[], "udpsink")),
        contender("udpsrc ! multiudpsink", GST, 2..=u32::MAX, u32::MAX, |start| {
            gst(start, &[], "multiudpsink")
        }),
        contender("rtpbin, both sides", GST, 1..=1, 1, |start| gst(start, RTPBIN, "udpsink")),
        contender("socat", Some(("socat", "-V")), 1..=1, u32::MAX, socat),
        contender("ffmpeg -c copy", Some(("ffmpeg", "-version")), 1..=1, 1, ffmpeg),
        contender(
            "rtpengine, in user space",
            Some(("rtpengine", "--version")),
            1..=1,
            u32::MAX,
            rtpengine::start,
        ),
    ]
}

/// As a user starts it, with room for all streams at once.
fn relay(start: &Start<'_>) -> anyhow::Result<Started> {
    let mut config =
        "[relay]\nmax_streams = 256\nnew_streams = 256\n[source]\nlisten = \"127.0.0.1:0\"\n".to_owned();
    start.targets.iter().try_for_each(|to| writeln!(config, "[[target]]\nto = \"{to}\""))?;
    config.push_str("[[stream]]\npt = 96\ncodec = \"VP8/90000\"\n");
    let file = file(".toml", &config)?;
    let mut command = start.tools.rtptap();
    let running = Running::start(command.args(["relay", "--json", "--config"]).arg(file.path()))?;
    let started: Value = serde_json::from_str(&running.first_line).context("reading what the relay says")?;
    let to = started
        .get("listen")
        .and_then(|at| at.as_str())
        .context("the relay does not say where it listens")?
        .parse()?;
    Ok(Started { running, to, _file: Some(file) })
}

fn bare(start: &Start<'_>, way: &str) -> anyhow::Result<Started> {
    let mut command = Tools::bench()?;
    command.args(["--bare-loop", way]).args(start.targets.iter().map(ToString::to_string));
    let running = Running::start(&mut command)?;
    let to = running.first_line.trim().parse().context("reading where the bare loop listens")?;
    Ok(Started { running, to, _file: None })
}

/// What lies between the source and the sink: a session with everything that RTP has on either side.
const RTPBIN: &[&str] = &[
    "caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8,payload=96",
    "!",
    "b.recv_rtp_sink_0",
    "rtpbin",
    "name=b",
    "latency=0",
    "b.",
    "!",
    "identity",
    "!",
    "c.send_rtp_sink_0",
    "rtpbin",
    "name=c",
    "c.send_rtp_src_0",
];

fn gst(start: &Start<'_>, between: &[&str], sink: &str) -> anyhow::Result<Started> {
    let to = free_address()?;
    let mut command = Command::new("gst-launch-1.0");
    command.args(["-q", "udpsrc", "address=127.0.0.1", "buffer-size=1048576"]);
    command.arg(format!("port={}", to.port())).args(between).args(["!", sink, "sync=false", "async=false"]);
    match start.targets {
        [one] => command.args([format!("host={}", one.ip()), format!("port={}", one.port())]),
        many => {
            let clients: Vec<_> = many.iter().map(ToString::to_string).collect();
            command.arg(format!("clients={}", clients.join(",")))
        }
    };
    Ok(Started { running: Running::start_silent(&mut command)?, to, _file: None })
}

fn socat(start: &Start<'_>) -> anyhow::Result<Started> {
    let to = free_address()?;
    let target = start.targets.first().context("no target")?;
    let mut command = Command::new("socat");
    command.args(["-u", &format!("UDP-RECV:{},bind=127.0.0.1,rcvbuf=1048576", to.port())]);
    command.arg(format!("UDP-SENDTO:{target}"));
    Ok(Started { running: Running::start_silent(&mut command)?, to, _file: None })
}

/// The payload is no video: as audio samples any bytes will do.
fn ffmpeg(start: &Start<'_>) -> anyhow::Result<Started> {
    let to = free_address()?;
    let target = start.targets.first().context("no target")?;
    let sdp = format!(
        "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {} RTP/AVP 96\na=rtpmap:96 PCMU/8000\n",
        to.port()
    );
    let file = file(".sdp", &sdp)?;
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-protocol_whitelist", "file,udp,rtp", "-analyzeduration", "0", "-i"]);
    command.arg(file.path()).args(["-c", "copy", "-f", "rtp"]);
    command.arg(format!("rtp://{target}?pkt_size=1300"));
    Ok(Started { running: Running::start_silent(&mut command)?, to, _file: Some(file) })
}

fn file(suffix: &str, text: &str) -> anyhow::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile()?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}
