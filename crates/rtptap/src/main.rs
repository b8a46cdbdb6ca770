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
//! The same call twice over the same lossy link, with repair off and with retransmissions: ten seconds of an embedded VP8 and Opus sample, a
//! live table, then what was lost, what came back and how soon, side by side. Leaves `call.pcapng`, `stats.json` and
//! `report.html` (one file, with plots) in `target/rtptap/demo`. The same `--seed` loses the same packets.
//!
//! ```text
//! rtptap demo --rtt 300 --repair compare
//! ```
//!
//! Four calls: without repair, with retransmissions (`nack`), with forward error correction (`fec`), with both. A receiver waits 200 ms for what is
//! missing (`--wait`): here a retransmission takes longer and comes too late, and only what FEC makes of packets that are there is in time. Table and page
//! show what stays lost, which frames were late, how soon losses came back, and what it cost.
//!
//! ```text
//! rtptap demo --rate 1.0,2.5@10,0.6@20
//! ```
//!
//! The link carries 1 Mbit/s from the start, 2.5 from 10 s on, 0.6 from 20 s on. Nobody tells the sender: transport-wide feedback and
//! congestion control (`interceptor-twcc`, `interceptor-congestion`, `interceptor-pacer`) estimate it, and video of 30 frames a second, made for
//! the purpose, follows the target. While it runs a line for each run has capacity, target, what is sent and how long it waits in the link's
//! queue; the page plots them, `--json` has them under `rate`, of the link and of each run. Packets go on being lost at random, and being repaired: with `--loss 0` only
//! the full queue (300 ms) drops any.
//!
//! # inspect
//!
//! ```text
//! rtptap inspect call.pcapng                                       # a line for each stream, as long as the terminal is wide
//! rtptap inspect call.pcapng --html call.html                      # a page with plots
//! rtptap inspect call.pcap --pt 96=VP8/90000 --json | jq '.streams[].jitter_ms.max'
//! tcpdump -i eth0 -U -w - udp port 5004 | rtptap inspect - --every 1s   # until Ctrl-C
//! rtptap inspect call.pcap --fail-if 'unrepaired>0.1%' --fail-if missing-rtcp || echo bad
//! ```
//!
//! Reads pcap, pcapng and rtpdump of any size, from a file or a pipe, also gzipped, with Ethernet, VLAN, Linux cooked, PPP, raw IP,
//! loopback and Exported PDU frames, IPv4 and IPv6, out of tunnels (PPPoE, VXLAN, GTP-U, GRE, MPLS, TURN, …) and RTSP over TCP. Where
//! no stream is found it says why. Packets, losses, jitter and spacing are those of Wireshark; besides duplicates,
//! reordering, runs of losses, clock drift, which stream retransmits or repairs which, what was lost on the path, what of it
//! came back and how soon, and what RTCP says. Ctrl-C ends reading, and what was read is shown. [What the tables look like, and
//! how the figures come about](../../docs/inspect.md).
//!
//! Several files are inspected one by one, each with figures of its own; one that cannot be opened does not hide the others.
//! On a terminal a line fits, with colours; `--wide` shows all columns, as does a report into a file or a pipe.
//!
//! `--json` prints an object (of several files an array of them, with `--every` a line each): `file`, `state`, `error`,
//! `elapsed`, `link_type`, `packets`, `streams`, `problems`. Absent figures are `null`, fields are always there:
//!
//! ```text
//! {"file": "call.pcap", "state": "complete", "error": null, "elapsed": null, "link_type": "Ethernet", "packets": 1100,
//!  "streams": [{"ssrc": "0x11223344", "src": "10.0.0.1:7000", "dst": "10.0.0.2:7002", "payload_type": 96, "codec": "VP8",
//!    "clock_rate": 90000, "packets": 949, "lost": 52, "lost_pct": 5.2, "duplicates": 0, "reordered": 8,
//!    "loss_runs": {"count": 49, "longest": 3}, "repair": {"lost": 60, "by_rtx": 0, "by_fec": 0, "by_repeat": 8, "missing": 52,
//!    "repeats": 0, "recovery_ms": {"p50": 48.4, "p95": 61.0}}, "jitter_ms": {"min": 0.1, "mean": 2.2, "max": 11.9},
//!    "delta_ms": {"min": 0.0, "mean": 21.1, "max": 61.2}, "start": 0.0, "end": 80.0, "skew_ms": 12.1, "drift_ppm": 1.5,
//!    "drift_error_ppm": 0.2, "timestamp_jumps": {"count": 0, "largest_ms": 0.0},
//!    "rtx_of": null, "fec_of": null, "fec": null, "rtcp": {"sr": 4, "rr": 4, "nack": 0, "pli": 0, "fir": 0, "twcc": 0, "remb": 0, "xr": 0,
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
//! carries key frame requests back. One at each end of a bad link repairs it, whatever is on either side, also by forward error correction
//! (`--fec`). Works with ffmpeg
//! and GStreamer: [command lines, configuration file, what passes and what does
//! not](../../docs/relay.md). `/stats` is JSON under W3C names, `/metrics` is for
//! Prometheus, `/healthz` for service managers. `--sdp` reads the source's session description, `--print-sdp` writes those of players. What happens
//! is logged to standard error (`-v`, `RUST_LOG`).
//!
//! # control
//!
//! ```text
//! cargo install --path crates/rtptap --features control      # not in every rtptap: a gRPC server is long to build
//! rtptap relay --listen 0.0.0.0:5004 --to a:5004 --control 127.0.0.1:50051
//! rtptap control 127.0.0.1:50051 watch
//! rtptap control 127.0.0.1:50051 rules target-1 --loss 5 --delay 40ms --limit 1.5M
//! rtptap control 127.0.0.1:50051 capture call.pcapng
//! ```
//!
//! Watches and changes a relay while it runs: losses, delays and rates of each target, captures of any leg. `--json` for scripts. Or by any client of the
//! gRPC service `rtptap.v1.Relay`: [what it can do, and what it bears](../../docs/relay.md#control).
//!
//! # Exit codes
//!
//! | code | demo, relay, control, completions | inspect |
//! |---|---|---|
//! | 0 | done; the relay was told to end | all was read, or as much as there was before a signal, and no `--fail-if` holds |
//! | 1 | an option, address or file that does not do; the message says what would | the same: no file could be opened |
//! | 2 | | a `--fail-if` condition holds, or was given and there is no RTP stream |
//! | 3 | | a file is cut off, damaged, no capture, or cannot be opened while others can; the rest is reported all the same |
//! | 130, 143, 129 | | a second SIGINT, SIGTERM or SIGHUP |
//!
//! # Limits
//!
//! | what | limit | over it |
//! |---|---|---|
//! | inspect: memory | twice the largest record (16 MiB at most), 10 KB a stream; not the file's length | |
//! | inspect: streams, flows, SSRCs in RTCP | 16 384, 65 536, 65 536 | problem `limit`; RTCP beyond is not credited |
//! | inspect: damaged places described | 32 | counted |
//! | inspect: of a pipe, read ahead | 4 chunks of 64 KiB | the writer waits |
//! | inspect: after a signal, waiting for the writer's end | 300 ms | what came is shown |
//! | inspect: `--every` (10ms..=1day), `--width` (40..=1000) | | refused |
//! | inspect: `--html`, streams that are followed, steps of each | 256, 120 | no plots; two steps become one |
//! | inspect: `--html`, streams with plots | the 24 with the most packets | counted, in the table |
//! | relay: streams (`max_streams`) | 64; 1..=4096 | one silent for `takeover` ends, else new ones are refused, `streamsRefused` |
//! | relay: new streams (`new_streams`) | 64 a second; 1..=4096 | refused for the moment, `streamsRefused` |
//! | relay: SSRCs that have not sent two packets in sequence | 1024, 768 kB | those who have had 500 ms go, else new ones are refused, `packetsUnproven` |
//! | relay: packets of a stream that has just appeared | 512, 768 kB; 3.8 MB of all | the oldest go, `packetsUnbound` |
//! | relay: packets that wait to be forwarded | 4096, 6 MB a stream | the oldest go, `packetsOverflowed` |
//! | relay: packets that wait to be sent | 4096, 6 MB a target | dropped, `packetsOverflowed` |
//! | relay: kept to be sent again (`history`) | 1 s, 2048 packets, 4 MiB a stream; 20ms..=60s | not sent again |
//! | relay: the same of all streams (`history_bytes`) | 16 MiB a target; 1 MiB..=1 GiB | each has an equal share |
//! | relay: hosts that may become the source | 256, 256 datagrams, 512 KiB | those who have had 500 ms go, `datagramsRejected` |
//! | relay: requests for a packet | 100, within `history` | given up, `packetsGivenUp` |
//! | relay: sent again | as many bytes as media | not sent again |
//! | relay: key frame requests (`keyframe_interval`) | one a stream in 500 ms; 0s..=1m | joined |
//! | relay: HTTP | 32 connections, 8 KiB of headers, 10 s | closed, the oldest without a whole request first |
//! | control: connections, calls of a host | 32, 16 | closed, RESOURCE_EXHAUSTED |
//! | control: changes that wait, captures at a time | 16, 4 | RESOURCE_EXHAUSTED |
//! | control: packets that wait for who captures | 2048, 4 MiB | left out and counted, `rtptap_control_capture_dropped_total` |
//! | control: datagrams that a target's delay holds back | 4096, 6 MB | dropped, `packetsOverflowed` |
//! | relay: figures and log lines that nobody reads | 256 texts, 1 MiB each | left out and counted |
//! | relay: log lines of one kind | one a second | counted in the next |
//! | relay: session description | 1 MiB | refused |
//! | demo: loss, delay, seconds | 50 %, 5 s, 600 | refused |
//! | demo: what is waited (`--wait`) | 20..=10000 ms | refused |
//! | relay: repair packets | half of the media's bytes | not made |
//! | demo: rates (`--rate`) | 32, of 0.1..=10 Mbit/s each | refused |
//! | demo: datagrams under way on the link | 16 384 each way | dropped, counted as lost on the link |
//!
//! # Malformed and hostile input
//!
//! No input panics. What a client of the control plane can send stands in [docs/relay.md](../../docs/relay.md#control). What damaged captures do is up to `interceptor-inspect`, what is inside of RTP and RTCP to the
//! interceptors; their documentation has tables of their own.
//!
//! | input | what happens | counter | test |
//! |---|---|---|---|
//! | relay: a scan, STUN, DTLS, noise | dropped; who sends it does not become the source | `datagrams_rejected` | `noise_makes_nobody_the_source` |
//! | relay: RTCP of another host, before the source sends media | makes it nobody's source | `datagrams_held`, `datagrams_rejected` | `rtcp_alone_makes_nobody_the_source` |
//! | relay: RTP of a host that `from` does not name | dropped | `datagrams_rejected` | `a_host_that_is_not_believed_is_not_the_source` |
//! | relay: malformed RTP or RTCP | dropped | `datagrams_malformed` | `malformed_rtp_and_rtcp_are_not_forwarded` |
//! | relay: another host than the source | dropped while the source sends | `datagrams_rejected` | `another_host_is_not_the_source` |
//! | relay: broken header extension | forwarded as it came | `extensions_malformed` | `a_broken_header_extension_is_forwarded_as_it_came` |
//! | relay: SSRCs without end | not forwarded; a stream beside them loses nothing | `packets_unproven` | `ssrcs_without_end_are_not_forwarded` |
//! | relay: streams without end | refused while others go on | `streams_refused` | `streams_that_go_on_are_not_pushed_out_by_others` |

use std::error::Error;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use rtptap::cli::{Cli, Command, CompletionsArgs, DemoArgs, InspectArgs};
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
        Command::Relay(args) => Ok(relay::execute(&args)),
        #[cfg(feature = "control")]
        Command::Control(args) => Ok(rtptap::control::execute(&args)),
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
    let live = Live::on_stderr(args.duration())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let result = runtime.block_on(hold_call(&args.plan(), &folder, &live));
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

fn completions(args: &CompletionsArgs) -> ExitCode {
    let mut command = Cli::command();
    clap_complete::generate(args.shell, &mut command, "rtptap", &mut std::io::stdout());
    ExitCode::SUCCESS
}
