//! `publish` among the checks: every crate builds alone from what the registry would receive.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run::cargo;
use crate::workspace::{Crate, Workspace};

/// Where the packages are unpacked, below the root.
const FOLDER: &str = "target/packages";

/// Packs every published crate and checks each from its package. Cargo's own verification would build all dependencies anew,
/// in a folder of its own each time: it takes a package of a version that it has unpacked before for unchanged. Here the
/// packages are unpacked side by side instead, and what the workspace has built already serves them.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let published: Vec<&Crate> = workspace.crates().iter().filter(|krate| krate.publish).collect();
    let names = || published.iter().flat_map(|krate| ["-p", krate.name.as_str()]);
    cargo(workspace, "package --quiet --no-verify --allow-dirty --target-dir target").args(names()).run()?;
    unpack(workspace.root(), &published)?;
    for krate in &published {
        let call = cargo(workspace, "check --quiet --target-dir target --manifest-path");
        call.arg(format!("{FOLDER}/Cargo.toml")).args(["-p", &krate.name]).run()?;
    }
    Ok(())
}

/// A workspace of the packages, in which each finds the others as the registry would give them.
fn unpack(root: &Path, published: &[&Crate]) -> Result<()> {
    let folder = root.join(FOLDER);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {FOLDER}"))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {FOLDER}"))?;
    for krate in published {
        let archive = format!("../package/{}.crate", package(krate));
        // Not with the times in the archive, which are always the same: cargo would see no change.
        let status = Command::new("tar").args(["-xzmf", &archive]).current_dir(&folder).status();
        ensure!(status.context("cannot start `tar`")?.success(), "cannot unpack {archive}");
    }
    std::fs::write(folder.join("Cargo.toml"), manifest(published)).context("cannot write the workspace")?;
    // The versions that the workspace has built already.
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).context("cannot copy Cargo.lock")?;
    Ok(())
}

fn manifest(published: &[&Crate]) -> String {
    let mut manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[patch.crates-io]\n".to_owned();
    for krate in published {
        // A `String` takes every write.
        let _ = writeln!(manifest, "{} = {{ path = \"{}\" }}", krate.name, package(krate));
    }
    manifest
}

/// How cargo names a package's archive and the folder in it.
fn package(krate: &Crate) -> String {
    format!("{}-{}", krate.name, krate.version)
}

#[cfg(test)]
mod tests {
    use super::manifest;
    use crate::workspace::Crate;

    #[test]
    fn each_package_finds_the_others() {
        let krate = |name: &str, version: &str| Crate {
            name: name.to_owned(),
            version: version.to_owned(),
            ..Crate::default()
        };
        let (core, tool) = (krate("core", "0.2.0"), krate("tool", "1.0.0-rc.1"));
        let expected =
            "[patch.crates-io]\ncore = { path = \"core-0.2.0\" }\ntool = { path = \"tool-1.0.0-rc.1\" }\n";
        assert!(manifest(&[&core, &tool]).ends_with(expected));
    }
}
