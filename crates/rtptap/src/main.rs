//! Command-line tool: watch a lossy call repaired, inspect RTP captures, relay RTP.
//!
//! ```console
//! $ cargo install rtptap
//! $ rtptap demo                                                   # a call over a lossy link, with repair off and on
//! $ rtptap inspect call.pcapng --pt 96=VP8/90000                  # streams in a capture, their losses and jitter
//! $ rtptap relay --listen 0.0.0.0:5004 --to 192.0.2.7:5004        # RTP on to a target, repaired on both sides
//! ```
//!
//! | command | what it does |
//! |---|---|
//! | `demo` | Two sessions talk over UDP on this machine, with a relay between them that delays and drops packets. Needs no network, camera or microphone. Prints a table, and writes the capture, the statistics and a page of plots |
//! | `inspect` | Reads pcap, pcapng and rtpdump of any size, also off a pipe: packets, losses, jitter and spacing as Wireshark counts them, besides duplicates, reordering, runs of losses, drift, retransmission and FEC streams, round trips. `--json`, `--csv`, and `--fail-if` for scripts |
//! | `relay` | Takes RTP from one source to any number of targets: asks the source for what is missing, answers the targets from its history, keeps lip sync. Statistics over HTTP, also for Prometheus |
//! | `completions` | Prints completions for a shell |
//!
//! `rtptap COMMAND --help` has all options, with examples and exit codes. How the figures of `inspect` come about is in
//! [docs/inspect.md](https://github.com/interceptor-rs/interceptor/blob/main/docs/inspect.md), tried command lines for `relay` with ffmpeg and
//! GStreamer in [docs/relay.md](https://github.com/interceptor-rs/interceptor/blob/main/docs/relay.md).

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
