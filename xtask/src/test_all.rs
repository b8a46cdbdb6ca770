//! `test-all`: everything that a test runner can fail on. The workspace's own tests run last, so that their summary ends the output.

use anyhow::{Result, ensure};

use crate::run::{cargo, has_cargo_tool};
use crate::steps::{Step, run_all};
use crate::workspace::Workspace;

/// Crates that promise to work without their default features, and without an async runtime then.
const WITHOUT_DEFAULTS: [&str; 2] = ["interceptor-packet", "interceptor-core"];

/// What must not be in the tree of those crates without default features.
const RUNTIME: [&str; 5] = ["tokio", "tokio-util", "webrtc-util", "async-std", "smol"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let nextest = has_cargo_tool(workspace, "nextest");
    let mut steps = Vec::new();
    // What is not published is built by what runs it, and its users are here.
    for krate in workspace.crates().iter().filter(|krate| krate.publish) {
        let name = krate.name.clone();
        steps.push(Step::new(
            format!("alone-{name}"),
            "builds without the features that its neighbours switch on",
            move |workspace| cargo(workspace, "check --quiet -p").arg(&name).run(),
        ));
    }
    for name in WITHOUT_DEFAULTS {
        steps.push(Step::new(
            format!("tree-{name}"),
            "has no runtime in its tree without default features",
            move |workspace| no_runtime(workspace, name),
        ));
        steps.push(Step::new(
            format!("bare-{name}"),
            "passes its tests without default features",
            move |workspace| tests(workspace, nextest).args(["-p", name, "--no-default-features"]).run(),
        ));
    }
    steps.push(Step::new("doc-tests", "the examples in the documentation work", |workspace| {
        cargo(workspace, "test --quiet --doc --workspace").run()
    }));
    steps.push(Step::new("tests", "the whole workspace", move |workspace| {
        tests(workspace, nextest).arg("--workspace").run()
    }));
    run_all(workspace, "test-all", &steps)
}

/// The test runner without doc tests, which nextest cannot run.
fn tests(workspace: &Workspace, nextest: bool) -> crate::run::Call {
    if nextest {
        return cargo(workspace, "nextest run --no-fail-fast");
    }
    cargo(workspace, "test --no-fail-fast --tests --examples")
}

fn no_runtime(workspace: &Workspace, name: &str) -> Result<()> {
    let tree = cargo(workspace, "tree --no-default-features -e normal --prefix none -p").arg(name).read()?;
    let found = runtime_packages(&tree);
    ensure!(found.is_empty(), "{name} without default features depends on {}", found.join(", "));
    Ok(())
}

/// Runtime packages among the lines of `cargo tree --prefix none` (`name vVERSION …`).
fn runtime_packages(tree: &str) -> Vec<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| RUNTIME.contains(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::runtime_packages;

    #[test]
    fn finds_a_runtime_deep_in_a_tree() {
        let tree = "interceptor-core v0.1.0 (/src)\nbytes v1.12.0\nwebrtc-util v0.17.2\ntokio v1.48.0 (*)\n";
        assert_eq!(runtime_packages(tree), ["webrtc-util", "tokio"]);
    }

    #[test]
    fn a_name_that_only_begins_like_a_runtime_is_fine() {
        assert!(runtime_packages("tokio-like-name v1.0.0\ninterceptor-tokio v0.1.0\n").is_empty());
    }
}
