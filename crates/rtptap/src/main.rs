//! The `rtptap` command.

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
