//! `test-all`: everything that a test runner can fail on. The workspace's own tests run last, so that their summary ends the output.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

use crate::run::{Call, cargo, has_cargo_tool};
use crate::steps::{Step, run_all};
use crate::workspace::{Crate, Workspace};

/// Crates that stand below every interceptor: their trees are small and without an async runtime, and their features, of
/// which none is on by default, are tested off and on. In the workspace a neighbour switches some of them on.
const FOUNDATIONS: [&str; 2] = ["interceptor-packet", "interceptor-core"];

/// What must not be in the tree of those crates as long as no feature asks for it.
const RUNTIME: [&str; 5] = ["tokio", "tokio-util", "webrtc-util", "async-std", "smol"];

/// What must not be in the tree of the program, unless a feature asks for it: a gRPC server is long to build, and few need it.
const CONTROL_PLANE: [&str; 4] = ["tonic", "prost", "h2", "interceptor-grpc"];

/// Packages in the tree of those crates, themselves included, as long as no feature asks for more.
const MAX_TREE: usize = 20;

/// An interceptor of a project of its own, which knows the published crates only.
const OUTSIDE: &str = "crates/internal/outside/Cargo.toml";

/// Whose tests take the whole machine.
const BROWSER: &str = "browser";

/// Features of members that are off and have tests.
const FEATURES: &str = "rtptap/control,interceptor-test/udp,interceptor-tokio/srtp";

/// What stands inside, or beside, whole WebRTC stacks of others: their tests build all of those.
const ADAPTERS: [&str; 3] = ["interceptor-rtc", "interceptor-webrtc", "str0m-tap"];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Leave out what builds the WebRTC stacks of others, for daily work
    #[arg(long)]
    without_adapters: bool,
}

pub(crate) fn run(workspace: &Workspace, args: &Args) -> Result<()> {
    let nextest = has_cargo_tool(workspace, "nextest");
    let mut steps = alone(workspace);
    steps.extend(FOUNDATIONS.into_iter().flat_map(|name| foundation(name, nextest)));
    steps.push(Step::new("tree-rtptap", "has no gRPC in its tree unless asked for", |workspace| {
        let found = found_in_tree(workspace, "rtptap", &CONTROL_PLANE)?;
        ensure!(found.is_empty(), "rtptap depends on {} without features", found.join(", "));
        Ok(())
    }));
    steps.push(Step::new("outside", "an interceptor of another project does what it says", outside));
    steps.push(Step::new("doc-tests", "the examples in the documentation work", |workspace| {
        let all = ["--workspace", "--features", FEATURES];
        excluding_adapters(cargo(workspace, "test --quiet --doc").args(all)).run()
    }));
    if !args.without_adapters {
        steps.push(Step::new("adapters", "the chain works inside other WebRTC stacks", move |workspace| {
            let packages = || ADAPTERS.iter().flat_map(|name| ["-p", name]);
            tests(workspace, nextest).args(packages()).run()?;
            cargo(workspace, "test --quiet --doc").args(packages()).run()
        }));
    }
    // Alone: what runs beside it would take the processor from the browser's encoder.
    steps.push(Step::new("browser", "a live browser and a session get along", move |workspace| {
        tests(workspace, nextest).args(["-p", BROWSER]).run()
    }));
    steps.push(Step::new("congestion", "Adaptive keeps to its gates on simulated links", |workspace| {
        // Optimised: there are minutes of virtual time in it by the hundred.
        cargo(workspace, "test --release --quiet -p rmcat --test it gates").run()
    }));
    // One build for all: what the feature leaves out of the program is built by `alone-rtptap`.
    steps.push(Step::new(
        "tests",
        "the whole workspace, the program with its control plane",
        move |workspace| {
            let all = ["--workspace", "--exclude", BROWSER, "--features", FEATURES];
            excluding_adapters(tests(workspace, nextest).args(all)).run()
        },
    ));
    run_all(workspace, "test-all", &steps)
}

/// Each published crate by itself. What is not published is built by what runs it, and its users are here.
fn alone(workspace: &Workspace) -> Vec<Step> {
    let published = workspace.crates().iter().filter(|krate| krate.publish);
    let step = |krate: &Crate| {
        let name = krate.name.clone();
        Step::new(
            format!("alone-{name}"),
            "builds without the features that its neighbours switch on",
            move |workspace| cargo(workspace, "check --quiet -p").arg(&name).run(),
        )
    };
    published.map(step).collect()
}

fn foundation(name: &'static str, nextest: bool) -> [Step; 3] {
    let test = move |workspace: &Workspace| tests(workspace, nextest).args(["-p", name]);
    [
        Step::new(format!("tree-{name}"), "has a small tree without a runtime", move |workspace| {
            small_tree(workspace, name)
        }),
        Step::new(format!("bare-{name}"), "passes its tests without features", move |workspace| {
            test(workspace).run()
        }),
        Step::new(format!("features-{name}"), "passes its tests with all its features", move |workspace| {
            test(workspace).arg("--all-features").run()
        }),
    ]
}

/// The test runner without doc tests, which nextest cannot run.
fn tests(workspace: &Workspace, nextest: bool) -> Call {
    if nextest {
        return cargo(workspace, "nextest run --no-fail-fast");
    }
    cargo(workspace, "test --no-fail-fast --tests --examples")
}

fn excluding_adapters(call: Call) -> Call {
    call.args(ADAPTERS.iter().flat_map(|name| ["--exclude", name]))
}

/// Runs it, and its own tests: nothing in the workspace would notice that what others write no longer builds.
fn outside(workspace: &Workspace) -> Result<()> {
    // The versions that the workspace has built already. Cargo leaves out what is not of use there, and what is left is committed.
    let lock = workspace.root().join(OUTSIDE).with_file_name("Cargo.lock");
    std::fs::copy(workspace.root().join("Cargo.lock"), lock).context("cannot copy Cargo.lock")?;
    for words in ["run", "test"] {
        let call = cargo(workspace, words).args(["--quiet", "--target-dir", "target", "--manifest-path"]);
        call.arg(OUTSIDE).run()?;
    }
    Ok(())
}

fn small_tree(workspace: &Workspace, name: &str) -> Result<()> {
    let tree = cargo(workspace, "tree -e normal --prefix none --no-dedupe -p").arg(name).read()?;
    let found = named(&tree, &RUNTIME);
    ensure!(found.is_empty(), "{name} depends on {}", found.join(", "));
    let packages = packages(&tree);
    ensure!(
        packages <= MAX_TREE,
        "{name} has {packages} packages in its tree, at most {MAX_TREE} are wanted"
    );
    Ok(())
}

/// Packages among the lines of `cargo tree --prefix none`, each counted once.
fn packages(tree: &str) -> usize {
    tree.lines().filter(|line| !line.is_empty()).collect::<BTreeSet<_>>().len()
}

/// Which of these packages are in the tree of a crate without features.
fn found_in_tree(workspace: &Workspace, name: &str, unwanted: &[&str]) -> Result<Vec<String>> {
    let tree = cargo(workspace, "tree -e normal --prefix none -p").arg(name).read()?;
    Ok(named(&tree, unwanted).into_iter().map(str::to_owned).collect())
}

/// Those of `packages` among the lines of `cargo tree --prefix none` (`name vVERSION …`).
fn named<'a>(tree: &'a str, packages: &[&str]) -> Vec<&'a str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| packages.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::{RUNTIME, named, packages};

    #[test]
    fn a_package_that_several_depend_on_counts_once() {
        let tree = "interceptor-core v0.1.0 (/src)\nbytes v1.12.0\nslab v0.4.0\nbytes v1.12.0\nsyn v2.0.0\nsyn v3.0.0\n";
        assert_eq!(packages(tree), 5);
    }

    #[test]
    fn finds_a_runtime_deep_in_a_tree() {
        let tree = "interceptor-core v0.1.0 (/src)\nbytes v1.12.0\nwebrtc-util v0.17.2\ntokio v1.48.0 (*)\n";
        assert_eq!(named(tree, &RUNTIME), ["webrtc-util", "tokio"]);
    }

    #[test]
    fn a_name_that_only_begins_like_a_runtime_is_fine() {
        assert!(named("tokio-like-name v1.0.0\ninterceptor-tokio v0.1.0\n", &RUNTIME).is_empty());
    }
}
