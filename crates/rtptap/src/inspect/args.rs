//! Options of `rtptap inspect`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use interceptor_inspect::{Limit, PayloadType};

use super::ColorChoice;

/// What stands below the options in `rtptap inspect --help`.
pub const EXAMPLES: &str = "\
Examples:
  What RTP is in a capture:
      rtptap inspect call.pcapng
  Jitter needs the clock rates of dynamic payload types. Say them, or give the session description:
      rtptap inspect call.pcap --pt 96=VP8/90000 --pt 111=opus/48000
      rtptap inspect call.pcap --sdp call.sdp
  Off the wire, RTP on port 5004 only:
      tcpdump -i eth0 -w - udp port 5004 | rtptap inspect - --port 5004
  The same, watched: Ctrl-C ends both, and the last table stays:
      tcpdump -i eth0 -U -w - udp port 5004 | rtptap inspect - --port 5004 --every 1s
  In a script: fail when a stream lost more than 1 %, or 5 packets in a row, or has no RTCP:
      rtptap inspect call.pcap --fail-if 'loss>1%' --fail-if 'longest-run>5' --fail-if missing-rtcp
  Fail when more than 0.1 % neither came nor came back by retransmission, FEC or a repeat:
      rtptap inspect call.pcap --fail-if 'unrepaired>0.1%'
  Plots of all streams, in one file that a browser shows:
      rtptap inspect call.pcap --html call.html
  The worst stream's SSRC, with jq:
      rtptap inspect call.pcap --json | jq -r '.streams | max_by(.lost_pct).ssrc'

Several files are inspected one by one, each with figures of its own; they are not joined into one capture.

Ctrl-C (SIGINT) or SIGTERM ends reading: what was read is shown, and exit codes are as if the capture ended there. A second
one ends the program at once.

Exit codes:
  0  the capture was read to its end, or to a signal, and no --fail-if holds
  1  nothing was done: no file can be opened, an option makes no sense
  2  a --fail-if condition holds, or was given and there is no RTP stream
  3  a file is cut off, damaged, no capture, or cannot be opened while others can; all else is shown all the same";

/// Shorter steps would show nothing that an eye can follow, and cost more than the reading.
const SHORTEST_STEP: Duration = Duration::from_millis(10);
const LONGEST_STEP: Duration = Duration::from_secs(86_400);

/// Options of `rtptap inspect`.
#[derive(Clone, Debug, Args)]
pub struct InspectArgs {
    /// Captures: pcap, pcapng or rtpdump, also gzipped; - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// RTP runs on this UDP port (or RTSP on this TCP port) and on no others (may be repeated); without it, RTP is recognised by what it looks like
    #[arg(long, value_name = "PORT")]
    pub port: Vec<u16>,

    /// What a payload type means (may be repeated); counts for more than --sdp
    #[arg(long, value_name = "96=VP8/90000")]
    pub pt: Vec<PayloadType>,

    /// A session description: payload types, and which SSRCs belong together
    #[arg(long, value_name = "FILE")]
    pub sdp: Option<PathBuf>,

    /// Print one JSON object on standard output, of several files an array of them; with --every, a line for each object
    #[arg(long)]
    pub json: bool,

    /// Show how it stands after every such time: of the capture, when a file is read; of your clock, when a pipe is. On a
    /// terminal the table stays in place, elsewhere there is one table after the other; with --json, one line for each
    #[arg(long, value_name = "TIME", value_parser = step, conflicts_with = "csv")]
    pub every: Option<Duration>,

    /// All columns, those of Wireshark's RTP streams and more, however long the lines get. So it is, too, where the report
    /// goes into a file or pipe and no width is given
    #[arg(long)]
    pub wide: bool,

    /// No line is longer than this (40 to 1000). Default: the variable COLUMNS, else the width of the terminal
    #[arg(long, value_name = "COLUMNS", value_parser = width, conflicts_with = "wide")]
    pub width: Option<usize>,

    /// Colours: on a terminal unless NO_COLOR is set, always, or never. What is in colour is in words, too
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub color: ColorChoice,

    /// Print one line of comma-separated values for each stream, below a line of names
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Write a page with plots as well: bit rate, losses, delay and jitter of each stream over time. A file that is there is
    /// replaced only if it is a page
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    /// Exit with code 2 when this holds for any stream (may be repeated, or separated by commas): loss>1%, jitter>30ms,
    /// longest-run>5, reordered>10 (or >1%), unrepaired>0.1% (lost and not back), missing-rtcp
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub fail_if: Vec<Limit>,
}

/// `1s`, `500ms`, `1m 30s`.
fn step(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(step) if step >= SHORTEST_STEP && step <= LONGEST_STEP => Ok(step),
        Ok(_) => Err(format!("{text} is not in 10ms..=1day")),
        Err(_) => Err(format!("{text:?} is not a time such as 1s, 500ms or 1m")),
    }
}

fn width(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(width) if (40..=1000).contains(&width) => Ok(width),
        _ => Err(format!("{text} is not in 40..=1000")),
    }
}
