//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::demo::link::{LinkConditions, RateSchedule};
use crate::demo::{CallPlan, Repair};

#[cfg(feature = "control")]
pub use crate::control::ControlArgs;
pub use crate::inspect::InspectArgs;
pub use crate::relay::RelayArgs;

/// Watch a lossy call repaired.
#[derive(Clone, Debug, Parser)]
#[command(name = "rtptap", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What `rtptap` can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Send a call over a lossy link on this machine, with repair off and on, and show the difference
    ///
    /// Two sessions talk over UDP on loopback, with a relay between them that delays and drops packets. The same call is
    /// made without and with repair: retransmissions, forward error correction, or a call of each. Needs no network, camera or microphone.
    Demo(DemoArgs),
    /// Say which RTP streams are in a capture, and how well they fared
    ///
    /// Packets, losses, jitter and spacing as Wireshark counts them, besides duplicates, reordering, runs of losses,
    /// clock drift, retransmission and FEC streams, and what RTCP says. Files may be of any
    /// size; where one is damaged, reading goes on behind the damage.
    #[command(after_help = crate::inspect::EXAMPLES)]
    Inspect(InspectArgs),
    /// Send RTP on from one source to any number of targets, and repair losses on both sides
    ///
    /// Asks the source for packets that are missing, answers the targets from its own history, reports to both, keeps lip
    /// sync, and carries key frame requests back. Media passes byte by byte. Two relays repair the link between them.
    #[command(after_help = crate::relay::EXAMPLES)]
    Relay(Box<RelayArgs>),
    /// Watch and change a relay that was started with --control
    ///
    /// Any client of the gRPC service rtptap.v1.Relay can do the same; its description is proto/rtptap/v1/relay.proto.
    #[cfg(feature = "control")]
    #[command(after_help = crate::control::EXAMPLES)]
    Control(ControlArgs),
    /// Print completions for a shell, for example: rtptap completions bash > /etc/bash_completion.d/rtptap
    Completions(CompletionsArgs),
}

/// How long the demo sends media when nothing is said, and at most.
const USUAL: Duration = Duration::from_secs(10);
const LONGEST: Duration = Duration::from_secs(600);

/// Options of `rtptap demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// Packets lost in each direction, in percent (0 to 50)
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = number(0.0, 50.0))]
    pub loss: f64,

    /// Lose packets in bursts of this mean length (1 to 100) instead of one by one
    #[arg(long, value_name = "PACKETS", value_parser = number(1.0, 100.0))]
    pub burst: Option<f64>,

    /// One-way delay of the link in ms (0 to 5000)
    #[arg(long, value_name = "MS", default_value_t = 40, value_parser = clap::value_parser!(u64).range(0..=5000))]
    pub delay: u64,

    /// The same there and back (0 to 10000), for example 300 or 300ms
    #[arg(long, value_name = "MS", conflicts_with = "delay", value_parser = millis(0, 10_000))]
    pub rtt: Option<Duration>,

    /// How far the delay strays either way, in ms (0 to 5000)
    #[arg(long, value_name = "MS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=5000))]
    pub jitter: u64,

    /// What the link carries from sender to receiver, in Mbit/s, headers included (0.1 to 10); more of them with the second at
    /// which each begins: 1.0,2.5@10,0.6@20. Congestion control estimates it, and video follows [default: no limit]
    #[arg(long, value_name = "MBPS[@SECONDS]")]
    pub rate: Option<RateSchedule>,

    /// What mends the losses, beside a call where nothing does: retransmissions (nack), forward error correction (fec), both; compare
    /// has a call of each
    #[arg(long, value_name = "REPAIR", value_enum, default_value_t = RepairChoice::Nack)]
    pub repair: RepairChoice,

    /// How long after the link's delay a packet may come and is not late (20 to 10000), for example 200 or 200ms; FEC has to be
    /// done by then
    #[arg(long, value_name = "MS", default_value = "200", value_parser = millis(20, 10_000))]
    pub wait: Duration,

    /// Chooses which packets are lost; the same seed loses the same packets
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// How long to send media (1 to 600) [default: 10, counted from the last step of --rate]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: Option<u64>,

    /// Print one JSON object on standard output instead of the table
    #[arg(long)]
    pub json: bool,

    /// Folder for call.pcapng, stats.json and report.html; made if missing
    #[arg(long, value_name = "FOLDER", default_value = "target/rtptap/demo")]
    pub out: PathBuf,
}

/// What mends the losses of a demo's calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RepairChoice {
    /// Retransmissions.
    #[default]
    Nack,
    /// Forward error correction.
    Fec,
    /// Both at once.
    Both,
    /// A call of each.
    Compare,
}

impl RepairChoice {
    /// A run each.
    #[must_use]
    pub fn runs(self) -> Vec<Repair> {
        match self {
            Self::Nack => vec![Repair::Off, Repair::Nack],
            Self::Fec => vec![Repair::Off, Repair::Fec],
            Self::Both => vec![Repair::Off, Repair::Both],
            Self::Compare => vec![Repair::Off, Repair::Nack, Repair::Fec, Repair::Both],
        }
    }
}

impl DemoArgs {
    /// What the options ask for.
    #[must_use]
    pub fn plan(&self) -> CallPlan {
        let (link, duration, repairs) = (self.link(), self.duration(), self.repair.runs());
        CallPlan { link, duration, wait: self.wait, repairs }
    }

    /// The link that the options ask for.
    #[must_use]
    pub fn link(&self) -> LinkConditions {
        LinkConditions::default()
            .with_loss(self.loss / 100.0)
            .with_burst(self.burst)
            .with_delay(self.rtt.map_or(Duration::from_millis(self.delay), |rtt| rtt / 2))
            .with_jitter(Duration::from_millis(self.jitter))
            .with_seed(self.seed)
            .with_rate(self.rate.clone())
    }

    /// How long to send media.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let last_step = self.rate.as_ref().map(RateSchedule::last_step_at).unwrap_or_default();
        self.seconds.map_or_else(|| (last_step + USUAL).min(LONGEST), Duration::from_secs)
    }
}

/// Options of `rtptap completions`.
#[derive(Clone, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell to complete for
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// A number within bounds, both included.
fn number(least: f64, most: f64) -> impl Fn(&str) -> Result<f64, String> + Clone {
    move |text| match text.parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => Ok(value),
        Ok(_) => Err(format!("{text} is not in {least}..={most}")),
        Err(_) => Err(format!("{text:?} is not a number")),
    }
}

/// A time within bounds, both included: a number of milliseconds, or one with its unit.
fn millis(least: u64, most: u64) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    move |text| {
        let number = text.parse().map(Duration::from_millis).ok();
        let time = number.or_else(|| humantime::parse_duration(text).ok());
        let time = time.ok_or_else(|| format!("{text:?} is not a time such as 200 or 200ms"))?;
        let range = Duration::from_millis(least)..=Duration::from_millis(most);
        if range.contains(&time) { Ok(time) } else { Err(format!("{text} is not in {least}..={most} ms")) }
    }
}
