//! Measures chains side by side: every contender runs every scenario in turn, in one process, several rounds.

use std::process::ExitCode;

use bench::measure::{Plan, run};
use bench::report;
use clap::Parser;

/// Nanoseconds and heap allocations a packet.
#[derive(Debug, Parser)]
struct Args {
    /// Rounds of each measurement; the median is reported.
    #[arg(long, default_value_t = 9, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Only scenarios whose name starts with this, for example S1.
    #[arg(long)]
    scenario: Option<String>,
    /// One JSON object on standard output.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let plan = Plan { rounds: args.rounds, scenario: args.scenario };
    let result = run(&plan)
        .and_then(|results| if args.json { report::json(&results) } else { Ok(report::table(&results)) });
    match result {
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
