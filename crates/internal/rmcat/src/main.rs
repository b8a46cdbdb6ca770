//! Runs cases by hand.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rmcat::case::{self, Case};
use rmcat::gate::GATES;
use rmcat::{Contender, FixedRate, OurScream, Ours, Outcome, Record, Schedule, run, series};

/// Congestion controllers on simulated bottlenecks.
#[derive(Debug, Parser)]
struct Args {
    /// Cases whose name is or begins with this; may be given several times. Default: all.
    #[arg(long)]
    case: Vec<String>,
    /// Seeds: a number of them from 1 on, or a list as 3,7,10-19.
    #[arg(long, default_value = "3")]
    seeds: String,
    /// A flow over a capacity of your own, in Mb/s at seconds: 1.0,2.5@40.
    #[arg(long, conflicts_with_all = ["case", "trace"])]
    schedule: Option<Schedule>,
    /// The same from a file: lines of seconds and Mb/s, or milliseconds as Mahimahi writes them.
    #[arg(long, conflicts_with = "case")]
    trace: Option<PathBuf>,
    /// How long a flow over a capacity of your own runs, in seconds.
    #[arg(long, default_value_t = 100.0)]
    seconds: f64,
    /// Its queue in milliseconds.
    #[arg(long, default_value_t = 300)]
    queue: u64,
    /// Its one-way delay in milliseconds.
    #[arg(long, default_value_t = 50)]
    delay: u64,
    /// Flows over it.
    #[arg(long, default_value_t = 1)]
    flows: usize,
    /// Who sends: adaptive or fixed=MBIT.
    #[arg(long, default_value = "adaptive")]
    contender: String,
    /// Also each second of the first seed.
    #[arg(long)]
    timeline: bool,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

fn main() -> ExitCode {
    match act(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rmcat: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(args: &Args) -> Result<()> {
    let cases = cases(args)?;
    let seeds = seeds(&args.seeds)?;
    let contender = contender(&args.contender)?;
    for outcome in series(&cases, contender.as_ref(), &seeds, args.threads)? {
        println!("{}", line(&outcome));
    }
    if args.timeline {
        for case in &cases {
            let seed = seeds.first().copied().unwrap_or(1);
            timeline(case, &run(&case.plan(seed), contender.as_ref(), seed)?);
        }
    }
    Ok(())
}

fn cases(args: &Args) -> Result<Vec<Case>> {
    if let Some(schedule) = own_schedule(args)? {
        let own = Case::own(schedule, args.seconds).with(|plan| {
            plan.forward.queue = Duration::from_millis(args.queue);
            for flow in &mut plan.media {
                flow.tail.delay = Duration::from_millis(args.delay);
            }
            let flow = plan.media.first().cloned();
            plan.media = flow.into_iter().cycle().take(args.flows).collect();
        });
        return Ok(vec![own]);
    }
    let mut cases = case::all();
    if !args.case.is_empty() {
        let named = |name: &str| args.case.iter().any(|wanted| wanted == name);
        let begins = |name: &str| {
            args.case.iter().any(|wanted| {
                name.starts_with(wanted.as_str()) && !case::all().iter().any(|case| case.name == wanted)
            })
        };
        cases.retain(|case| named(case.name) || begins(case.name));
    }
    ensure!(!cases.is_empty(), "no such case");
    Ok(cases)
}

fn own_schedule(args: &Args) -> Result<Option<Schedule>> {
    let Some(path) = &args.trace else { return Ok(args.schedule.clone()) };
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    Schedule::from_trace(&text).map(Some)
}

fn seeds(text: &str) -> Result<Vec<u64>> {
    if let Ok(count) = text.parse::<u64>() {
        return Ok((1..=count).collect());
    }
    let mut seeds = Vec::new();
    for word in text.split(',') {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let number = |word: &str| word.trim().parse::<u64>().with_context(|| format!("not a seed: {word}"));
        seeds.extend(number(first)?..=number(last)?);
    }
    Ok(seeds)
}

/// Who sends, by name.
fn contender(name: &str) -> Result<Box<dyn Contender>> {
    if name == "adaptive" {
        return Ok(Box::new(Ours));
    }
    if name == "scream" {
        return Ok(Box::new(OurScream));
    }
    let mbit = name.strip_prefix("fixed=").with_context(|| format!("nobody is called {name}"))?;
    let mbit: f64 = mbit.parse().context("not a rate")?;
    Ok(Box::new(FixedRate { bits_per_second: (mbit * 1e6) as u64 }))
}

/// Medians, with the span of the seeds behind them, and gates that do not hold.
fn line(outcome: &Outcome) -> String {
    let mut line = format!("{:9}", outcome.case);
    for figure in &outcome.figures {
        let least = figure.values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = figure.values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        line += &format!("  {} {:.3} [{least:.3}..{most:.3}]", figure.name, figure.median());
        for gate in GATES.iter().filter(|gate| gate.case == outcome.case && gate.metric == figure.name) {
            let value = gate.figure(&figure.values);
            if !gate.holds(value) {
                line += &format!("  MISSED: {} {:.3}, {} {}", gate.metric_name(), value, gate.op, gate.limit);
            }
        }
    }
    line
}

/// A line a second: what the link carries, and of each flow the target and what came, in Mb/s; then the mean wait.
fn timeline(case: &Case, record: &Record) {
    println!("\n{}: second, capacity | target, received of each flow | mean wait in ms", case.name);
    let mut second = 0.0;
    while second < record.plan.duration {
        let capacity = record.plan.forward.capacity.as_ref().map_or(0, |capacity| capacity.at(second));
        print!("{second:4} {:6.3} |", capacity as f64 / 1e6);
        for flow in &record.flows {
            let received = flow.received(second, second + 1.0);
            print!(" {:6.3} {:6.3} |", flow.target(second + 1.0) / 1e6, received / 1e6);
        }
        println!(" {:5.1}", record.mean_wait(second, second + 1.0));
        second += 1.0;
    }
}
