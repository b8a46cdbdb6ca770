//! Options of `rtptap control`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::relay::control::generated::{Limit, SetRulesRequest};
use crate::relay::control::millis;
use crate::relay::{address, bits};

/// What stands below the options in `rtptap control --help`.
pub const EXAMPLES: &str = "\
Examples:
  A relay that can be watched and changed, and one look at it a second:
      rtptap relay --listen 0.0.0.0:5004 --to 192.0.2.7:5004 --control 127.0.0.1:50051
      rtptap control 127.0.0.1:50051 watch
  How a player bears a bad link, and a good one again:
      rtptap control 127.0.0.1:50051 rules target-1 --loss 5 --delay 40ms --jitter 10ms
      rtptap control 127.0.0.1:50051 rules target-1 --clear
  No more than 1.5 Mbit/s to that target:
      rtptap control 127.0.0.1:50051 rules target-1 --limit 1.5M
  What crosses the relay, until Ctrl-C; into a file, or into Wireshark:
      rtptap control 127.0.0.1:50051 capture call.pcapng
      rtptap control 127.0.0.1:50051 capture - | wireshark -k -i -";

/// Options of `rtptap control`.
#[derive(Clone, Debug, Args)]
pub struct ControlArgs {
    /// Where the relay serves its control plane: what its --control says
    #[arg(value_name = "ADDR", value_parser = address)]
    pub address: SocketAddr,

    /// What to ask.
    #[command(subcommand)]
    pub ask: Ask,
}

/// What a relay can be asked.
#[derive(Clone, Debug, Subcommand)]
pub enum Ask {
    /// Print how all legs stand, until Ctrl-C or the relay's end
    Watch(WatchArgs),
    /// Print the legs: where they are, who is on the other side, which rules hold
    Legs {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Change what the way to a target does to datagrams and how much it carries, from the next one on; without an option say what it does
    Rules(RulesArgs),
    /// Write what crosses the legs as pcapng, until Ctrl-C (twice: without what is under way), a bound or the relay's end
    Capture(CaptureArgs),
}

/// Options of `rtptap control ADDR watch`.
#[derive(Clone, Debug, Args)]
pub struct WatchArgs {
    /// How often (100ms to 1h)
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    pub every: Duration,

    /// End after so many
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,

    /// Print JSON objects, one a line
    #[arg(long)]
    pub json: bool,
}

/// Options of `rtptap control ADDR rules`.
#[derive(Clone, Debug, Args)]
pub struct RulesArgs {
    /// target-1 and so on; with --limit alone also source
    pub leg: String,

    /// Lose so many percent of the datagrams (0 to 100)
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true, value_parser = percent)]
    pub loss: Option<f64>,

    /// Lose RTP in bursts of this mean length (1 to 100); 0: each by itself
    #[arg(long, value_name = "PACKETS", allow_negative_numbers = true)]
    pub burst: Option<f64>,

    /// Hold datagrams back, for example 40ms (to 5s)
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub delay: Option<Duration>,

    /// How far the delay strays either way (to 5s)
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub jitter: Option<Duration>,

    /// Chooses what is lost: the same seed loses the same datagrams, counted from the change
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// Send at most so many bits a second, for example 1500k or 1.5M; 0: any number
    #[arg(long, value_name = "BITS", value_parser = bits)]
    pub limit: Option<u64>,

    /// Lose and delay nothing, but for what other options say
    #[arg(long)]
    pub clear: bool,

    /// Print a JSON object
    #[arg(long)]
    pub json: bool,
}

/// Options of `rtptap control ADDR capture`.
#[derive(Clone, Debug, Args)]
pub struct CaptureArgs {
    /// Where to write; - is standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Only this leg: source, target-1 and so on (may be repeated)
    #[arg(long = "leg", value_name = "LEG")]
    pub legs: Vec<String>,

    /// End after so many packets
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub packets: Option<u64>,

    /// End after so long, for example 10s (1ms to 49days)
    #[arg(long = "for", value_name = "TIME", value_parser = bound)]
    pub duration: Option<Duration>,

    /// RTP headers and RTCP, no media
    #[arg(long)]
    pub headers_only: bool,
}

/// How long a capture may take: milliseconds in 32 bits, of which 0 means something else.
fn bound(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let (least, most) = (Duration::from_millis(1), Duration::from_secs(49 * 24 * 3600));
    if (least..=most).contains(&time) { Ok(time) } else { Err("must be in 1ms..=49days".to_owned()) }
}

fn percent(text: &str) -> Result<f64, String> {
    let percent: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=100.0).contains(&percent) { Ok(percent) } else { Err("must be in 0..=100".to_owned()) }
}

impl RulesArgs {
    /// What is not said stays as it is; nothing at all changes nothing.
    pub(super) fn request(&self) -> SetRulesRequest {
        let zero = self.clear.then_some(0.0);
        SetRulesRequest {
            leg: self.leg.clone(),
            loss: self.loss.map(|percent| percent / 100.0).or(zero),
            burst: self.burst.or(zero),
            delay_ms: self.delay.map(millis).or(zero),
            jitter_ms: self.jitter.map(millis).or(zero),
            seed: self.seed,
            limit: self.limit.map(|bits| Limit { bits_per_second: Some(bits), ..Limit::default() }),
        }
    }
}
