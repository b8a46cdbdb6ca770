//! `ci`: every check beside the tests. Each is a named step, and each job of the hosted CI is one such step.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::new_interceptor;
use crate::proto;
use crate::rehearsal;
use crate::run::cargo;
use crate::steps::{Step, run_all};
use crate::tidy;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run only this step (repeatable)
    #[arg(long = "step", value_name = "NAME")]
    steps: Vec<String>,
    /// List the steps and run nothing
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let (always, on_request) = (always(workspace), on_request());
    if args.list {
        always.iter().for_each(|step| println!("{:14} {}", step.name, step.about));
        on_request.iter().for_each(|step| println!("{:14} {} (only by --step)", step.name, step.about));
        return Ok(());
    }
    if args.steps.is_empty() {
        return run_all(workspace, "ci", &always);
    }
    let mut known: Vec<Step> = always.into_iter().chain(on_request).collect();
    let mut chosen = Vec::new();
    for name in &args.steps {
        let Some(index) = known.iter().position(|step| step.name == *name) else {
            bail!("there is no step `{name}` here; `cargo xtask ci --list` names them");
        };
        chosen.push(known.swap_remove(index));
    }
    run_all(workspace, "ci", &chosen)
}

/// What runs without asking: needs the Rust toolchain and the registry only.
fn always(workspace: &Workspace) -> Vec<Step> {
    let mut steps = vec![
        Step::new("fmt", "rustfmt would change nothing", |workspace| {
            cargo(workspace, "fmt --all -- --check").run()
        }),
        Step::new("clippy", "no lint fires, tests and examples included", |workspace| {
            cargo(workspace, "clippy --workspace --all-targets --features rtptap/control,interceptor-test/udp,interceptor-tokio/srtp -- -D warnings")
                .run()?;
            // What is not built in leaves nothing behind that nobody uses.
            cargo(workspace, "clippy --package rtptap --all-targets -- -D warnings").run()
        }),
        Step::new("doc", "the documentation builds without a warning", |workspace| {
            cargo(workspace, "doc --workspace --no-deps --features rtptap/control,interceptor-test/udp,interceptor-tokio/srtp")
                .env("RUSTDOCFLAGS", "-D warnings")
                .run()
        }),
        Step::new("tidy", "the house rules hold", tidy::check),
        Step::new("proto", "the generated Rust is what the .proto files say", proto::check),
        Step::new("publish", "every crate builds alone from what the registry would receive", rehearsal::run),
        Step::new("template", "what new-interceptor makes passes the lints and its own tests", template),
    ];
    steps.extend(fuzz(workspace));
    steps.extend(instructions(workspace));
    steps
}

/// Outside the workspace, so that a member which is gone again cannot be left behind; with the lints of a member.
fn template(workspace: &Workspace) -> Result<()> {
    let dir = std::env::temp_dir().join(format!("interceptor-template-{}", std::process::id()));
    let made = new_interceptor::run(workspace, &new_interceptor::Args::outside("template-check", &dir));
    let checked = made.and_then(|()| check_template(workspace, &dir));
    let _left_for_the_system = std::fs::remove_dir_all(&dir);
    checked
}

/// Those of `[workspace.lints]` that `-D warnings` does not switch on by itself.
const MEMBERS_LINTS: [&str; 9] = [
    "missing_debug_implementations",
    "unnameable_types",
    "unreachable_pub",
    "clippy::unwrap_used",
    "clippy::expect_used",
    "clippy::indexing_slicing",
    "clippy::panic",
    "clippy::too_many_lines",
    "clippy::use_self",
];

fn check_template(workspace: &Workspace, dir: &Path) -> Result<()> {
    // The versions that the workspace has built already.
    std::fs::copy(workspace.root().join("Cargo.lock"), dir.join("Cargo.lock"))
        .context("cannot copy Cargo.lock")?;
    let manifest = dir.join("Cargo.toml");
    let call = |words| {
        cargo(workspace, words).arg("--target-dir").arg("target").arg("--manifest-path").arg(&manifest)
    };
    let lints = MEMBERS_LINTS.iter().flat_map(|lint| ["-D", lint]);
    call("clippy --quiet --all-targets")
        .args(["--", "-D", "warnings"])
        .args(lints)
        .env("CLIPPY_CONF_DIR", &workspace.root().to_string_lossy())
        .run()?;
    call("test --quiet").run()
}

/// The fuzz crate stands outside the workspace: nothing else would notice that it no longer builds.
/// Its corpora are replayed by ordinary tests.
fn fuzz(workspace: &Workspace) -> Option<Step> {
    workspace.root().join("crates/internal/fuzz/Cargo.toml").exists().then(|| {
        Step::new("fuzz", "the fuzz targets compile", |workspace| {
            cargo(workspace, "check --manifest-path crates/internal/fuzz/Cargo.toml --target-dir target")
                .run()
        })
    })
}

/// The instruction-count gate, where valgrind can run it; where every tool must be there it fails without.
fn instructions(workspace: &Workspace) -> Option<Step> {
    let measured = workspace.get("bench")?.benches.iter().any(|name| name == "instructions");
    let runnable = starts("valgrind") && starts("gungraun-runner");
    (measured && (runnable || tools_required())).then(|| {
        Step::new("instructions", "instruction counts are within 3 % of the baseline", |workspace| {
            // What counts them is built with the profile of the benchmarks, this which compares need not be.
            cargo(workspace, "run -p bench -- --instructions --check").run()
        })
    })
}

/// What needs another tool, another toolchain or the repository's history.
fn on_request() -> Vec<Step> {
    vec![
        Step::new("msrv", "each crate builds with its own rust-version (cargo-hack, rustup)", |workspace| {
            cargo(workspace, "hack check --rust-version --workspace --ignore-private").run()
        }),
        Step::new("features", "every set of features builds (cargo-hack)", |workspace| {
            cargo(workspace, "hack check --feature-powerset --workspace --ignore-private").run()
        }),
        Step::new("deny", "licences, sources and advisories are fine (cargo-deny)", |workspace| {
            cargo(workspace, "deny --workspace check").run()
        }),
        Step::new("machete", "no dependency is unused (cargo-machete)", |workspace| {
            cargo(workspace, "machete").run()
        }),
        Step::new("miri", "unit tests of the structures pass under Miri (nightly)", miri),
        Step::new("semver", "no breaking change without a new version (cargo-semver-checks)", |workspace| {
            let baseline =
                std::env::var("SEMVER_BASELINE").context("SEMVER_BASELINE names no git revision")?;
            cargo(workspace, "semver-checks --workspace --baseline-rev").arg(baseline).run()
        }),
    ]
}

/// The unit tests only: integration tests drive whole chains for virtual hours, too much for an interpreter.
fn miri(workspace: &Workspace) -> Result<()> {
    let packages = STRUCTURES.iter().flat_map(|name| ["-p", name]);
    // Property tests look for their regression files, and need fewer cases where each takes a hundred times as long.
    let call = cargo(workspace, "miri test --lib").args(packages).env("PROPTEST_CASES", "8");
    call.env("MIRIFLAGS", "-Zmiri-disable-isolation").run()
}

/// Crates without sockets, files and threads of their own.
const STRUCTURES: [&str; 9] = [
    "interceptor-packet",
    "interceptor-core",
    "interceptor-hdrext",
    "interceptor-nack",
    "interceptor-report",
    "interceptor-rfc8888",
    "interceptor-rtx",
    "interceptor-stats",
    "interceptor-twcc",
];

/// Set where a check must fail without an outside program, as the tests that need one do.
fn tools_required() -> bool {
    std::env::var_os("INTERCEPTOR_REQUIRE_TOOLS").is_some_and(|value| value == "1")
}

fn starts(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{always, on_request};
    use crate::workspace::Workspace;

    /// `step: [a, b]`, `{ step: a, …`, `--step a`; not `${{ … }}`.
    fn steps_in(workflow: &str) -> BTreeSet<&str> {
        let lists = workflow.split("step: ").skip(1).filter_map(|rest| {
            let list =
                rest.strip_prefix('[').map_or_else(|| rest.split(',').next(), |rest| rest.split(']').next());
            list.map(|list| list.split(", "))
        });
        let calls = workflow.split("--step ").skip(1).filter_map(|rest| rest.split_whitespace().next());
        lists.flatten().chain(calls.filter(|name| !name.starts_with('$'))).collect()
    }

    #[test]
    fn the_hosted_jobs_run_every_step_and_no_other() {
        let workspace = Workspace::load().unwrap();
        let workflow = std::fs::read_to_string(workspace.root().join(".github/workflows/ci.yml")).unwrap();
        let steps: Vec<_> = always(&workspace).into_iter().chain(on_request()).collect();
        // Its baseline is of one compiler; hosted machines have the newest.
        let known: BTreeSet<&str> =
            steps.iter().map(|step| step.name.as_str()).filter(|name| *name != "instructions").collect();
        assert_eq!(steps_in(&workflow), known);
    }
}
