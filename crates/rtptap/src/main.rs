//! The `rtptap` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    eprintln!("error: this build has no commands yet");
    ExitCode::FAILURE
}
