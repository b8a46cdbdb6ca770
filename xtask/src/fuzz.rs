//! `fuzz`: the fuzz targets, one after the other, each for a time. Needs `cargo-fuzz`; the stable toolchain will do.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::run::{cargo, has_cargo_tool};
use crate::workspace::Workspace;

/// The fuzz crate, outside the workspace.
const CRATE: &str = "crates/internal/fuzz";

/// No input makes anybody ask for more than this at once, in megabytes.
const MALLOC_LIMIT: &str = "-malloc_limit_mb=64";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds for each target
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    time: u32,
    /// Only this target (repeatable); default: all
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// Add inputs to the committed corpus that reach code which no other does
    #[arg(long)]
    keep: bool,
}

/// Fuzzes and ends with an error at the first crash, whose input is then in `crates/internal/fuzz/artifacts`.
pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    ensure!(has_cargo_tool(workspace, "fuzz"), "cargo-fuzz is not there: `cargo install cargo-fuzz`");
    let known = targets(workspace)?;
    let chosen = if args.targets.is_empty() { &known } else { &args.targets };
    for target in chosen {
        if !known.contains(target) {
            bail!("there is no fuzz target `{target}`; there are {}", known.join(", "));
        }
        fuzz(workspace, target, args)?;
    }
    Ok(())
}

/// The files in `fuzz_targets`, sorted.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.root().join(CRATE).join("fuzz_targets");
    let entries = fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// New inputs go to a folder of their own, so that a run leaves the committed corpus as it is.
fn fuzz(workspace: &Workspace, target: &str, args: &Args) -> Result<()> {
    let committed = format!("{CRATE}/corpus/{target}");
    let found = format!("target/fuzz/corpus/{target}");
    fs::create_dir_all(workspace.root().join(&found))?;
    let run = || {
        cargo(workspace, "fuzz run")
            .args(["--fuzz-dir", CRATE, "--target-dir", "target/fuzz"])
            // Sanitizers are unstable flags; the compiler itself is the stable one.
            .env("RUSTC_BOOTSTRAP", "1")
            .arg(target)
    };
    let time = format!("-max_total_time={}", args.time);
    run()
        .args([&found, &committed, "--", &time, "-timeout=20", MALLOC_LIMIT, "-print_final_stats=1"])
        .run()?;
    if args.keep {
        run().args([&committed, &found, "--", "-set_cover_merge=1", "-use_counters=0"]).run()?;
    }
    Ok(())
}
