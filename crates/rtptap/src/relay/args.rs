//! Options of `rtptap relay`, and what they make of a configuration file.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::config::Config;
use super::rules::{Meaning, RtxPair, StreamRule};
use super::sdp;
use super::{
    FecMode, FecPair, Hosts, OptionsError, RelayError, RelayOptions, RtcpMode, RtxMode, TargetOptions,
};

/// What stands below the options in `rtptap relay --help`.
pub const EXAMPLES: &str = "\
Examples:
  From a camera to a player, repairing what either leg loses:
      rtptap relay --listen 0.0.0.0:5004 --to 192.0.2.7:5004 --pt 96=H264/90000
  A pair that repairs the link between them, with retransmission streams (RFC 4588):
      near the source:  rtptap relay --listen 0.0.0.0:5004 --to far.example:6004 --pt 96=VP8/90000 --rtx 97=96
      near the target:  rtptap relay --listen 0.0.0.0:6004 --to 127.0.0.1:7004 --pt 96=VP8/90000 --rtx 97=96
  The same where a round trip takes longer than the player waits: forward error correction as well, as much as is lost
      near the source:  rtptap relay --listen 0.0.0.0:5004 --to far.example:6004 --pt 96=VP8/90000 --rtx 97=96 --fec 49=96 --target-fec adaptive
      near the target:  rtptap relay --listen 0.0.0.0:6004 --to 127.0.0.1:7004 --pt 96=VP8/90000 --rtx 97=96 --fec 49=96
  ffmpeg as the source (RTCP on the port above, as by default):
      ffmpeg -re -i clip.mp4 -an -c:v libvpx -f rtp -payload_type 96 rtp://127.0.0.1:5004
  To three players, with statistics in the browser and a capture of each leg:
      rtptap relay --listen 0.0.0.0:5004 --to a:5004 --to b:5004 --to c:5004 \\
          --http 127.0.0.1:8080 --dump call.pcapng
  What a player has to open, from the source's own description:
      rtptap relay --listen 0.0.0.0:5004 --to 127.0.0.1:7004 --sdp camera.sdp --print-sdp > player.sdp
      ffplay -protocol_whitelist file,udp,rtp player.sdp
  Figures for a script; what happens is logged to standard error:
      rtptap relay --listen 0.0.0.0:5004 --to a:5004 --stats-every 10s --json 2> relay.log | jq 'select(.legs).legs[0].repair'

Ctrl-C, SIGTERM or SIGHUP says goodbye to all sides, completes the captures, prints the totals and exits with 0.
docs/relay.md has the configuration file, and command lines for GStreamer.";

/// Options of `rtptap relay`. What is given here goes before what the configuration file says.
#[derive(Clone, Debug, Default, Args)]
pub struct RelayArgs {
    /// Where to listen for RTP; port 0 takes a free one
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub listen: Option<SocketAddr>,

    /// Where to send RTP (may be repeated)
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub to: Vec<SocketAddr>,

    /// Local address to send from, for the target at the same place among --to; needed where a target sends RTCP to a fixed
    /// port [default: a free port]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub from: Vec<SocketAddr>,

    /// Where the source hears RTCP [default: where its RTCP comes from]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub source_rtcp: Option<SocketAddr>,

    /// Who may be the source: an address, a network such as 192.0.2.0/24, or a name; several with commas between them
    /// [default: whoever sends first]
    #[arg(long, value_name = "HOST")]
    pub source_from: Option<Hosts>,

    /// RTCP shares RTP's port (RFC 5761), on all legs
    #[arg(long, conflicts_with = "rtcp_ports")]
    pub rtcp_mux: bool,

    /// RTCP has the port above RTP's, on all legs (the default)
    #[arg(long)]
    pub rtcp_ports: bool,

    /// What the source sends, as its session description says it: codecs, retransmissions, SSRCs. What --pt, --rtx and the
    /// configuration file say counts for more
    #[arg(long, value_name = "FILE")]
    pub sdp: Option<PathBuf>,

    /// What a payload type means, for example 96=VP8/90000 or 111=opus/48000/2 (may be repeated)
    #[arg(long, value_name = "PT=CODEC/RATE")]
    pub pt: Vec<Meaning>,

    /// Retransmissions of payload type MEDIA travel as RTX, on both sides, for example 97=96 (may be repeated)
    #[arg(long, value_name = "RTX=MEDIA")]
    pub rtx: Vec<RtxPair>,

    /// Whether targets get retransmissions as RTX: true, false, or auto, which leaves off where a target does not take them in
    /// [default: auto]
    #[arg(long, value_name = "MODE")]
    pub target_rtx: Option<RtxMode>,

    /// Repair packets of payload type MEDIA (FlexFEC) have payload type FEC, on both sides, for example 49=96 as browsers write them,
    /// or 49=96/flexfec as RFC 8627 does (may be repeated). What the source loses is recovered from them
    #[arg(long, value_name = "FEC=MEDIA")]
    pub fec: Vec<FecPair>,

    /// SSRC of the source's repair packets, if nothing says it and it is not another relay: MEDIA-SSRC=FEC-SSRC, for example
    /// 0x11223344=0x55667788 (may be repeated)
    #[arg(long, value_name = "MEDIA=FEC", value_parser = ssrcs)]
    pub fec_ssrc: Vec<(u32, u32)>,

    /// Protect what targets get by repair packets: off, adaptive (as much as what they lose asks for), or a code such as
    /// "interleaved 40+5" [default: off]
    #[arg(long, value_name = "MODE")]
    pub target_fec: Option<FecMode>,

    /// Send each target at most so many bits a second, all streams, headers and repair together, for example 1500k or 1.5M; what is
    /// more is dropped, or waits, as the configuration file says [default: any number]
    #[arg(long, value_name = "BITS", value_parser = bits)]
    pub limit: Option<u64>,

    /// Print session descriptions of what the targets get, for players, and end: of all targets, or of one by its number
    #[arg(long, value_name = "TARGET", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub print_sdp: Option<usize>,

    /// Configuration file, for what differs from leg to leg and from stream to stream
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Capture each leg into a file of this name, -source, -target-1 and so on before the extension (.pcapng, .pcap,
    /// .rtpdump, .txt)
    #[arg(long, value_name = "FILE")]
    pub dump: Option<PathBuf>,

    /// Print how all streams stand this often, for example 1s or 500ms
    #[arg(long, value_name = "TIME", value_parser = interval)]
    pub stats_every: Option<Duration>,

    /// Serve /stats (JSON, W3C names), /metrics (Prometheus) and /healthz here
    #[arg(long, value_name = "ADDR", value_parser = address)]
    pub http: Option<SocketAddr>,

    /// Serve the control plane here (gRPC, rtptap.v1.Relay): statistics, rules and captures while the relay runs. Whoever reaches
    /// the address can change the relay
    #[arg(long, value_name = "ADDR", value_parser = address)]
    #[cfg_attr(not(feature = "control"), arg(hide = true))]
    pub control: Option<SocketAddr>,

    /// Print JSON objects, one a line: started, stats, summary; omitted stands for those that nobody read
    #[arg(long)]
    pub json: bool,

    /// Log more to standard error: -v details, -vv those of all parts, -vvv each packet. RUST_LOG goes before it, for example
    /// rtptap=debug,warn
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Everything that a relay command needs to know.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) options: RelayOptions,
    pub(super) stats_every: Option<Duration>,
    pub(super) http: Option<SocketAddr>,
    #[cfg_attr(not(feature = "control"), expect(dead_code, reason = "refused before anybody looks at it"))]
    pub(super) control: Option<SocketAddr>,
}

impl RelayArgs {
    /// The options with what the configuration file adds.
    pub(super) fn plan(&self) -> Result<Plan, RelayError> {
        let config = self.config.as_deref().map(Config::read).transpose()?.unwrap_or_default();
        let mut options = config.options(self.listen, &self.to)?;
        self.set_rtcp(&mut options);
        self.set_from(&mut options.targets)?;
        if let Some(path) = self.sdp.as_deref().or(config.sdp()) {
            sdp::read(path)?.into_iter().for_each(|rule| describe(&mut options.streams, rule));
        }
        for Meaning { payload_type, channels } in self.pt.iter().cloned() {
            change(&mut options.streams, payload_type.number, |rule| {
                let told = StreamRule { codec: Some(payload_type.codec), channels, ..StreamRule::default() };
                // Of the payload type as it was described before only its retransmissions still hold.
                let before = std::mem::replace(rule, told);
                rule.payload_type = payload_type.number;
                rule.complete(before);
            });
        }
        for pair in &self.rtx {
            change(&mut options.streams, pair.media, |rule| rule.rtx = Some(pair.rtx));
        }
        for pair in &self.fec {
            change(&mut options.streams, pair.media, |rule| {
                (rule.fec, rule.fec_scheme) = (Some(pair.fec), Some(pair.scheme));
            });
        }
        for (media, fec) in &self.fec_ssrc {
            name_fec(&mut options.streams, *media, *fec);
        }
        if let Some(mode) = self.target_fec {
            options.targets.iter_mut().for_each(|target| target.fec = mode);
        }
        if let Some(mode) = self.target_rtx {
            options.targets.iter_mut().for_each(|target| target.rtx = mode);
        }
        if let Some(bits) = self.limit {
            options.targets.iter_mut().for_each(|target| target.limit.bits_per_second = Some(bits));
        }
        options.dump = self.dump.clone().or(options.dump);
        let stats_every = self.stats_every.or(config.stats_every());
        let http = self.http.or(config.http());
        let control = self.control.or(config.control());
        built_in(control, cfg!(feature = "control"))?;
        Ok(Plan { options, stats_every, http, control })
    }

    fn set_rtcp(&self, options: &mut RelayOptions) {
        if let Some(from) = &self.source_from {
            options.source.from = Some(from.clone());
        }
        options.source.rtcp_to = self.source_rtcp.or(options.source.rtcp_to);
        let mode = match (self.rtcp_mux, self.rtcp_ports) {
            (true, _) => RtcpMode::Mux,
            (_, true) => RtcpMode::Ports,
            _ => return,
        };
        options.source.rtcp = mode;
        options.targets.iter_mut().for_each(|target| target.rtcp = mode);
    }

    /// Targets of the command line stand behind those of the file.
    fn set_from(&self, targets: &mut [TargetOptions]) -> Result<(), OptionsError> {
        if self.from.len() > self.to.len() {
            let advice = format!("there are only {} --to", self.to.len());
            return Err(OptionsError::new("--from", format!("given {} times", self.from.len()), advice));
        }
        let first = targets.len().saturating_sub(self.to.len());
        for (target, from) in targets.iter_mut().skip(first).zip(&self.from) {
            target.from = Some(*from);
        }
        Ok(())
    }
}

/// Whoever asks for a control plane that is not there hears of it.
fn built_in(control: Option<SocketAddr>, there: bool) -> Result<(), RelayError> {
    if control.is_some() && !there { Err(RelayError::NoControl) } else { Ok(()) }
}

/// Adds what a description says, under what is known already.
fn describe(rules: &mut Vec<StreamRule>, described: StreamRule) {
    let same =
        |rule: &&mut StreamRule| (rule.payload_type, rule.ssrc) == (described.payload_type, described.ssrc);
    match rules.iter_mut().find(same) {
        Some(rule) => rule.complete(described),
        None => rules.push(described),
    }
}

/// Changes the rule of a payload type; makes it if there is none.
fn change(rules: &mut Vec<StreamRule>, payload_type: u8, change: impl FnOnce(&mut StreamRule)) {
    let general = |rule: &&mut StreamRule| rule.ssrc.is_none() && rule.payload_type == payload_type;
    if let Some(rule) = rules.iter_mut().find(general) {
        return change(rule);
    }
    let mut rule = StreamRule::new(payload_type);
    change(&mut rule);
    rules.push(rule);
}

/// One stream's repair packets have this SSRC: it is known of every payload type that has any.
fn name_fec(rules: &mut Vec<StreamRule>, media: u32, fec: u32) {
    let protected = rules.iter().filter(|rule| rule.fec.is_some() && rule.ssrc.is_none());
    let own: Vec<_> = protected.map(|rule| StreamRule { ssrc: Some(media), ..rule.clone() }).collect();
    own.into_iter().for_each(|rule| describe(rules, rule));
    for rule in rules.iter_mut().filter(|rule| rule.ssrc == Some(media)) {
        rule.fec_ssrc = Some(fec);
    }
}

/// Two SSRCs, decimal or with `0x`.
fn ssrcs(text: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| match text.trim().strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.trim().parse().ok(),
    };
    let pair = text.split_once('=').and_then(|(media, fec)| Some((number(media)?, number(fec)?)));
    pair.ok_or_else(|| format!("{text:?} is not MEDIA=FEC, such as 0x11223344=0x55667788"))
}

/// An address and port; a name is looked up.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    let mut found =
        text.to_socket_addrs().map_err(|error| format!("{error}; an address looks like 192.0.2.7:5004"))?;
    found.next().ok_or_else(|| "this name has no address".to_owned())
}

/// Bits a second: a number, or one of thousands, millions or billions.
pub(crate) fn bits(text: &str) -> Result<u64, String> {
    let unit = [('k', 1e3), ('M', 1e6), ('G', 1e9)].into_iter().find(|(letter, _)| text.ends_with(*letter));
    let number = unit.map_or(text, |(letter, _)| text.trim_end_matches(letter));
    let number: f64 =
        number.parse().map_err(|_| format!("{text:?} is not a number such as 1500k or 1.5M"))?;
    let bits = number * unit.map_or(1.0, |(_, factor)| factor);
    if bits >= 0.0 && bits.is_finite() {
        Ok(bits.round() as u64)
    } else {
        Err(format!("{text} is no bit rate"))
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let time =
        humantime::parse_duration(text).map_err(|error| format!("{error}; for example 1s or 500ms"))?;
    let range = Duration::from_millis(100)..=Duration::from_secs(3600);
    if range.contains(&time) { Ok(time) } else { Err(format!("{text} is not in 100ms..=1h")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_plane_is_there_or_refused_with_what_to_do() {
        let address = Some(([127, 0, 0, 1], 50_051).into());
        assert!(built_in(address, true).is_ok() && built_in(None, false).is_ok());
        assert!(built_in(address, false).unwrap_err().to_string().contains("--features control"));
    }

    #[test]
    fn the_ssrc_of_repair_packets_is_known_of_every_payload_type_that_has_any() {
        assert_eq!(ssrcs("0x10=17"), Ok((16, 17)));
        assert!(ssrcs("16").unwrap_err().contains("0x55667788"));
        let protected = StreamRule { fec: Some(49), ..StreamRule::new(96) };
        let mut rules = vec![protected.clone(), StreamRule::new(111)];
        name_fec(&mut rules, 16, 17);
        assert_eq!(rules[2..], [StreamRule { ssrc: Some(16), fec_ssrc: Some(17), ..protected }]);
        name_fec(&mut rules, 16, 18);
        assert_eq!((rules.len(), rules[2].fec_ssrc), (3, Some(18)));
    }

    #[test]
    fn bit_rates_may_have_a_unit() {
        for (text, number) in
            [("8000", 8000), ("1500k", 1_500_000), ("1.5M", 1_500_000), ("2G", 2_000_000_000)]
        {
            assert_eq!(bits(text), Ok(number), "{text}");
        }
        for text in ["", "M", "fast", "-1", "1.5Mb", "inf", "nan"] {
            assert!(bits(text).is_err(), "{text}");
        }
    }
}
