//! The `rtptap` command.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use rtptap::cli::{Cli, Command, DemoArgs};
use rtptap::demo::{DemoReport, Live, OutputFolder, closing_table, hold_call};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(args) => demo(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
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
