//! Workspace automation: every check and every build step is one `cargo xtask …` command, the same on a desk and in CI.

mod bench;
mod ci;
mod demo;
mod fuzz;
mod new_interceptor;
mod proto;
mod publish;
mod rehearsal;
mod run;
mod soak;
mod steps;
mod test_all;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Workspace automation")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Watch a lossy call repaired: builds `rtptap` for release and runs `rtptap demo` with the arguments
    #[command(disable_help_flag = true)]
    Demo(run::PassThrough),
    /// Measure the hot paths: runs the `bench` package under the bench profile with the arguments
    #[command(disable_help_flag = true)]
    Bench(run::PassThrough),
    /// Run every test: the workspace, the doc tests, each crate alone, the lowest two with and without features
    TestAll(test_all::Args),
    /// Run every other check that a pull request must pass
    Ci(ci::Args),
    /// Look for crashes with the fuzz targets (cargo-fuzz)
    Fuzz(fuzz::Args),
    /// Attack a relay in every way at once for ten minutes, beside a call that must not suffer
    Soak(soak::Args),
    /// Check the house rules that no other tool checks
    Tidy(tidy::Args),
    /// Write the Rust of every `.proto` file
    Proto,
    /// Publish crates to the registry in dependency order
    Publish(publish::Args),
    /// Make a crate to start an interceptor from, which passes every check as it is
    NewInterceptor(new_interceptor::Args),
}

fn main() -> ExitCode {
    let outcome = Workspace::load().and_then(|workspace| match Cli::parse().task {
        Task::Demo(args) => demo::run(&workspace, &args),
        Task::Bench(args) => bench::run(&workspace, &args),
        Task::TestAll(args) => test_all::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Ci(args) => ci::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Fuzz(args) => fuzz::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Soak(args) => soak::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Tidy(args) => tidy::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::Proto => proto::write(&workspace).map(|()| ExitCode::SUCCESS),
        Task::Publish(args) => publish::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
        Task::NewInterceptor(args) => new_interceptor::run(&workspace, &args).map(|()| ExitCode::SUCCESS),
    });
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
