//! The `rtptap` command.

use std::process::ExitCode;

use clap::Parser;
use rtptap::cli::{Cli, Command};

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Demo(_) => fail("this build cannot make calls yet: the sessions are not part of it"),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("error: {why}");
    ExitCode::FAILURE
}
