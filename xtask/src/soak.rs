//! `soak`: the relay under attack for as long as you like, built as it is shipped.

use anyhow::Result;

use crate::run::cargo;
use crate::workspace::Workspace;

/// The test, which is a short one unless it is told the time.
const TEST: &str = "relay_cmd::soak::a_call_goes_on_while_everybody_attacks";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds of the attack
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    time: u32,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    cargo(workspace, "test --release -p rtptap --test it --")
        .args(["--exact", TEST, "--nocapture"])
        .env("RTPTAP_SOAK_SECONDS", &args.time.to_string())
        .run()
}
