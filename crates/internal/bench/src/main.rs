//! Measures chains side by side: every contender runs every scenario in turn, in one process, several rounds.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use anyhow::{Context as _, ensure};
use bench::measure::{Plan, run};
use bench::report;
use bench::results::Results;
use bench::{congestion, instructions};
use bench::{forward, rtptap, session, sessions, streams};
use clap::Parser;

/// Nanoseconds and heap allocations a packet; or, with `--instructions`, instructions.
#[derive(Debug, Parser)]
struct Args {
    /// Rounds of each measurement; the median is reported.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Only scenarios whose name starts with this, for example S1; session, sessions, rtptap and forward are measured as whole
    /// programs, and congestion is simulated, which writes docs/congestion.md unless JSON is asked for.
    #[arg(long)]
    scenario: Option<String>,
    /// Only variants whose name starts with this, for example datagram.
    #[arg(long)]
    variant: Option<String>,
    /// Only contenders whose name starts with this, for example rtc.
    #[arg(long)]
    contender: Option<String>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
    /// Write docs/benchmarks.md as well, with `--scenario` only that section; needs the peers.
    #[arg(long, conflicts_with_all = ["variant", "contender"])]
    write: bool,
    /// Count instructions of ours under callgrind instead; with `--scenario streams` those of gRPC calls over loopback.
    #[arg(long)]
    instructions: bool,
    /// With `--instructions`: fail if a count is more than 3 % over the baseline.
    #[arg(long, requires = "instructions", conflicts_with = "scenario")]
    check: bool,
    /// With `--instructions`: what is counted is the baseline from now on.
    #[arg(long, requires = "instructions", conflicts_with_all = ["check", "scenario"])]
    accept: bool,
    /// Be one of the loops that stand beside the others in `--scenario forward`: the way that it works, and where it sends.
    #[cfg(target_os = "linux")]
    #[arg(long, hide = true, num_args = 2.., exclusive = true)]
    bare_loop: Vec<String>,
    /// Be one of the processes of `--scenario sessions`: what it is to do, as JSON.
    #[cfg(target_os = "linux")]
    #[arg(long, hide = true, exclusive = true)]
    sessions_part: Option<String>,
}

fn main() -> ExitCode {
    match act(Args::parse()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(args: Args) -> anyhow::Result<String> {
    #[cfg(target_os = "linux")]
    if let [way, to @ ..] = &args.bare_loop[..] {
        let to: Vec<_> = to.iter().map(|to| to.parse()).collect::<Result<_, _>>()?;
        return forward::run_bare(way, &to).map(|()| String::new());
    }
    #[cfg(target_os = "linux")]
    if let Some(order) = &args.sessions_part {
        return sessions::run_part(order).map(|()| String::new());
    }
    if args.instructions && args.scenario.as_deref() == Some(streams::NAME) {
        return instructions::calls();
    }
    if args.instructions {
        return match (args.check, args.accept) {
            (true, _) => instructions::check(),
            (_, true) => instructions::accept(),
            _ => instructions::show(),
        };
    }
    if args.scenario.as_deref() == Some(congestion::NAME) {
        return simulate(&args);
    }
    // What stands beside the stacks is built in by a feature of its own.
    let beside = args.scenario.as_deref() == Some(streams::NAME) && cfg!(feature = "stream-peers");
    let whole = [session::NAME, sessions::NAME, rtptap::NAME, forward::NAME];
    let alone = beside || args.scenario.as_deref().is_some_and(|scenario| whole.contains(&scenario));
    ensure!(
        !args.write || alone || cfg!(feature = "peers"),
        "the page needs the peers: `cargo xtask bench --peers --write`"
    );
    let (with_session, with_rtptap) = (wants(&args, session::NAME), wants(&args, rtptap::NAME));
    let (with_forward, with_sessions) = (wants(&args, forward::NAME), wants(&args, sessions::NAME));
    let Args { rounds, variant, contender, .. } = args;
    let plan = Plan { rounds, scenario: args.scenario.clone(), variant, contender };
    let mut results = run(&plan)?;
    if with_session {
        results.session = session::measure()?;
    }
    if with_rtptap {
        results.rtptap = Some(rtptap::measure(rounds)?);
    }
    let chosen = |variant: &str, contender: &str| plan.chooses(variant, contender);
    if with_forward {
        results.forward = Some(forward::measure(rounds, &chosen)?);
    }
    if with_sessions {
        results.sessions = Some(sessions::measure(rounds, &chosen)?);
    }
    if args.write {
        write_page(&results, args.scenario.as_deref())?;
    }
    if args.json { report::json(&results) } else { Ok(report::table(&results)) }
}

/// Congestion controllers: figures of a simulation, which no machine changes.
fn simulate(args: &Args) -> anyhow::Result<String> {
    ensure!(
        cfg!(feature = "congestion-peers"),
        "this needs the peers: `cargo xtask bench --scenario congestion` builds them in"
    );
    let results = congestion::measure(&congestion::SEEDS)?;
    if args.json {
        return congestion::json(&results);
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
    congestion::write(root, &results, &format!("Of {}, {} seeds each.", day(), congestion::SEEDS.len()))?;
    Ok(congestion::table(&results))
}

/// Whole programs are measured when they are asked for, and when everything is.
fn wants(args: &Args, name: &str) -> bool {
    let all = cfg!(feature = "peers") && args.variant.is_none() && args.contender.is_none();
    args.scenario.as_deref().map_or(all, |scenario| scenario == name)
}

/// The whole page, or one scenario's section of it.
fn write_page(results: &Results, scenario: Option<&str>) -> anyhow::Result<()> {
    let date = &day();
    let version = Command::new("rustc").arg("--version").output().context("asking rustc for its version")?;
    let version = String::from_utf8_lossy(&version.stdout);
    let version = version.trim();
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../..")).join(report::PAGE);
    let text = match scenario {
        None => report::page(results, date, version),
        Some(id) => {
            let page = std::fs::read_to_string(&path).with_context(|| format!("reading {}", report::PAGE))?;
            let section = report::section_of(results, id).with_context(|| format!("{id} has no section"))?;
            let run = format!("{}, {version}, {date}.", results.machine);
            report::refresh(&page, &section, &run).context("the page is not one that this program wrote")?
        }
    };
    std::fs::write(&path, text).with_context(|| format!("writing {}", report::PAGE))
}

#[expect(clippy::disallowed_methods, reason = "pages bear the day's date")]
fn day() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    now.split('T').next().unwrap_or_default().to_owned()
}
