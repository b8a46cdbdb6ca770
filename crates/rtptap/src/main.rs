//! Watch a lossy call repaired, say what RTP is in a capture, relay RTP and repair it on the way.
//!
//! Sessions are `interceptor-tokio`'s, statistics, reports, NACK and RTX those of the crates beside this one, captures are
//! read by `interceptor-inspect`: `rtptap` is them at work, on real sockets and real captures.
//!
//! ```text
//! cargo install --path crates/rtptap      # in a clone
//! rtptap demo                             # needs no network, camera or microphone
//! rtptap inspect call.pcapng
//! rtptap relay --listen 0.0.0.0:5004 --to 192.0.2.7:5004 --pt 96=VP8/90000
//! rtptap completions bash > /etc/bash_completion.d/rtptap
//! ```
//!
//! It runs on Linux, macOS and Windows. `rtptap COMMAND --help` lists all options with their ranges and defaults.
//!
//! # demo
//!
//! ```text
//! rtptap demo --loss 10 --burst 3 --seed 7
//! ```
//!
//! The same call twice over the same lossy link, with repair off and on: ten seconds of an embedded VP8 and Opus sample, a
//! live table, then what was lost, what came back and how soon, side by side. Leaves `call.pcapng`, `stats.json` and
//! `report.html` (one file, with plots) in `target/rtptap/demo`. The same `--seed` loses the same packets.
//!
//! # inspect
//!
//! ```text
//! rtptap inspect call.pcapng                                       # a table of all streams
//! rtptap inspect call.pcap --pt 96=VP8/90000 --json | jq '.streams[].jitter_ms.max'
//! tcpdump -i eth0 -w - udp port 5004 | rtptap inspect - --port 5004
//! rtptap inspect call.pcap --fail-if 'loss>1%' --fail-if missing-rtcp || echo bad
//! ```
//!
//! Reads pcap, pcapng and rtpdump of any size, from a file or a pipe, also gzipped, with Ethernet, VLAN, Linux cooked, PPP, raw IP,
//! loopback and Exported PDU frames, IPv4 and IPv6, out of tunnels (PPPoE, VXLAN, GTP-U, GRE, MPLS, TURN, …) and RTSP over TCP. Where
//! no stream is found it says why. Packets, losses, jitter and spacing are those of Wireshark; besides duplicates,
//! reordering, runs of losses, clock drift, which stream retransmits or repairs which, and what RTCP says. [How the figures come
//! about](../../docs/inspect.md), and how fast.
//!
//! `--json` prints an object (of several files an array of them): `file`, `link_type`, `packets`, `streams`, `problems`.
//! Absent figures are `null`, fields are always there:
//!
//! ```text
//! {"file": "call.pcap", "link_type": "Ethernet", "packets": 1100,
//!  "streams": [{"ssrc": "0x11223344", "src": "10.0.0.1:7000", "dst": "10.0.0.2:7002", "payload_type": 96, "codec": "VP8",
//!    "clock_rate": 90000, "packets": 949, "lost": 52, "lost_pct": 5.2, "duplicates": 0, "reordered": 8,
//!    "loss_runs": {"count": 49, "longest": 3}, "repair": {"lost": 60, "by_rtx": 0, "by_fec": 0, "by_repeat": 8, "missing": 52,
//!    "repeats": 0, "recovery_ms": {"p50": 48.4, "p95": 61.0}}, "jitter_ms": {"min": 0.1, "mean": 2.2, "max": 11.9},
//!    "delta_ms": {"min": 0.0, "mean": 21.1, "max": 61.2}, "start": 0.0, "end": 80.0, "skew_ms": 12.1, "drift_ppm": 1.5,
//!    "drift_error_ppm": 0.2, "timestamp_jumps": {"count": 0, "largest_ms": 0.0},
//!    "rtx_of": null, "fec_of": null, "rtcp": {"sr": 4, "rr": 4, "nack": 0, "pli": 0, "fir": 0, "twcc": 0, "remb": 0, "xr": 0,
//!    "ccfb": 0}, "rtt_ms": 0.4}],
//!  "problems": [{"kind": "truncated", "offset": 118034, "message": "the file ends within the record at byte 118034"}]}
//! ```
//!
//! # relay
//!
//! ```text
//! rtptap relay --listen 0.0.0.0:5004 --to a:5004 --to b:5004 --http 127.0.0.1:8080 --dump call.pcapng
//! ```
//!
//! Sends RTP on byte by byte, asks the source for what is missing, answers the targets from its history, keeps lip sync,
//! carries key frame requests back. One at each end of a bad link repairs it, whatever is on either side. Works with ffmpeg
//! and GStreamer: [command lines, configuration file, what passes and what does
//! not](../../docs/relay.md). `/stats` is JSON under W3C names, `/metrics` is for
//! Prometheus.
//!
//! # Exit codes
//!
//! | code | demo, relay, completions | inspect |
//! |---|---|---|
//! | 0 | done; the relay was told to end | all was read, and no `--fail-if` holds |
//! | 1 | an option, address or file that does not do; the message says what would | the same |
//! | 2 | | a `--fail-if` condition holds, or was given and there is no RTP stream |
//! | 3 | | a file is cut off, damaged or no capture; the rest is reported all the same |
//!
//! # Limits
//!
//! | what | limit | over it |
//! |---|---|---|
//! | inspect: memory | twice the largest record (16 MiB at most), 10 KB a stream; not the file's length | |
//! | inspect: streams, flows, SSRCs in RTCP | 16 384, 65 536, 65 536 | problem `limit`; RTCP beyond is not credited |
//! | inspect: damaged places described | 32 | counted |
//! | relay: streams (`max_streams`) | 64; 1..=4096 | the one silent longest ends |
//! | relay: packets of a stream that has just appeared | 512 | the oldest go |
//! | relay: packets that wait to be forwarded | 4096 a stream | the oldest go, `packetsDropped` |
//! | relay: kept to be sent again (`history`) | 1 s, 2048 packets, 4 MiB a stream; 20ms..=60s | not sent again |
//! | relay: requests for a packet | 100, within `history` | given up, `packetsGivenUp` |
//! | relay: sent again | as many bytes as media | not sent again |
//! | relay: key frame requests (`keyframe_interval`) | one a stream in 500 ms; 0s..=1m | joined |
//! | relay: HTTP | 32 connections, 8 KiB of headers, 10 s | closed |
//! | demo: loss, delay, seconds | 50 %, 5 s, 600 | refused |
//!
//! # Malformed and hostile input
//!
//! No input panics. What damaged captures do is up to `interceptor-inspect`, what is inside of RTP and RTCP to the
//! interceptors; their documentation has tables of their own.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | relay: a scan, STUN, DTLS, noise | dropped; who sends it does not become the source | `datagrams_rejected` | `noise_makes_nobody_the_source` |
//! | relay: malformed RTP or RTCP | dropped | `datagrams_malformed` | `malformed_rtp_and_rtcp_are_not_forwarded` |
//! | relay: another host than the source | dropped while the source sends | `datagrams_rejected` | `another_host_is_not_the_source` |
//! | relay: streams without end | the one silent longest ends | `ended` | `streams_without_end_push_out_the_one_silent_longest` |

use std::error::Error;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use rtptap::cli::{Cli, Command, CompletionsArgs, DemoArgs, InspectArgs, RelayArgs};
use rtptap::demo::{DemoReport, Live, OutputFolder, closing_table, hold_call};
use rtptap::{inspect, relay};

fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => cli.command,
        Err(error) => {
            let _ = error.print();
            // Not clap's 2, which says that a limit was exceeded.
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let result = match command {
        Command::Demo(args) => demo(args).map(|()| ExitCode::SUCCESS),
        Command::Inspect(args) => inspect(&args),
        Command::Relay(args) => relay(&args),
        Command::Completions(args) => Ok(completions(&args)),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demo(args: DemoArgs) -> Result<(), Box<dyn Error>> {
    let folder = OutputFolder::create(&args.out)?;
    let live = Live::on_stderr(args.duration());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(hold_call(args.link(), args.duration(), &folder, &live));
    live.finish();
    let (outcome, _) = result?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&DemoReport::new(&outcome))?);
        return Ok(());
    }
    println!("{}", closing_table(&outcome));
    for path in [folder.capture_path(), folder.stats_path(), folder.report_path()] {
        println!("{}", path.display());
    }
    Ok(())
}

fn inspect(args: &InspectArgs) -> Result<ExitCode, Box<dyn Error>> {
    let verdict = inspect::run(args, &mut std::io::stdout().lock())?;
    Ok(ExitCode::from(verdict.exit_code()))
}

fn relay(args: &RelayArgs) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(relay::run(args))?;
    Ok(ExitCode::SUCCESS)
}

fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut command = Cli::command();
    clap_complete::generate(args.shell, &mut command, "rtptap", &mut std::io::stdout());
    ExitCode::SUCCESS
}
