//! Options of `rtptap inspect`.

use std::path::PathBuf;

use clap::Args;
use interceptor_inspect::{Limit, PayloadType};

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
  In a script: fail when a stream lost more than 1 %, or 5 packets in a row, or has no RTCP:
      rtptap inspect call.pcap --fail-if 'loss>1%' --fail-if 'longest-run>5' --fail-if missing-rtcp
  The worst stream's SSRC, with jq:
      rtptap inspect call.pcap --json | jq -r '.streams | max_by(.lost_pct).ssrc'

Exit codes:
  0  the capture was read to its end, and no --fail-if holds
  1  nothing was done: a file that cannot be opened, an option that makes no sense
  2  a --fail-if condition holds, or was given and there is no RTP stream
  3  a file is cut off, damaged, or no capture; what could be read is shown all the same";

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

    /// Print one JSON object on standard output, of several files an array of them
    #[arg(long)]
    pub json: bool,

    /// Print one line of comma-separated values for each stream, below a line of names
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Exit with code 2 when this holds for any stream (may be repeated, or separated by commas): loss>1%, jitter>30ms,
    /// longest-run>5, reordered>10 (or >1%), missing-rtcp
    #[arg(long, value_name = "CONDITION", value_delimiter = ',')]
    pub fail_if: Vec<Limit>,
}
