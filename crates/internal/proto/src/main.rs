//! Writes the Rust of every `.proto` file that the workspace has, or checks that what is committed is what would be written.
//!
//! `cargo xtask proto` runs it. A crate of its own, so that nobody waits for its dependencies who does not need them.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

/// What is generated from what, relative to the workspace's root.
struct Source {
    /// Where imports are looked for.
    include: &'static str,
    /// Below it.
    proto: &'static str,
    /// Gets one file, named after the package.
    out: &'static str,
    /// Messages that can be printed as JSON, under the names of `/stats`.
    json: &'static [&'static str],
}

/// One line for each service.
const SOURCES: [Source; 1] = [Source {
    include: "crates/rtptap/proto",
    proto: "rtptap/v1/relay.proto",
    out: "crates/rtptap/src/relay/control/generated",
    json: &[
        "WatchResponse",
        "LegStats",
        "PacketBook",
        "Transport",
        "Repair",
        "StreamStats",
        "LegsResponse",
        "Leg",
        "Limit",
        "Rules",
        "SetRulesResponse",
    ],
}];

fn main() -> ExitCode {
    let check = std::env::args().any(|argument| argument == "--check");
    match SOURCES.iter().try_for_each(|source| if check { source.check() } else { source.write() }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Source {
    fn write(&self) -> Result<()> {
        let out = root().join(self.out);
        std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", self.out))?;
        self.generate(&out)
    }

    /// Writes it elsewhere and compares.
    fn check(&self) -> Result<()> {
        let trial = std::env::temp_dir().join(format!("interceptor-proto-{}", std::process::id()));
        std::fs::create_dir_all(&trial).context("cannot make a temporary folder")?;
        let checked = self.generate(&trial).and_then(|()| self.compare(&trial));
        let _left_for_the_system = std::fs::remove_dir_all(&trial);
        checked
    }

    fn compare(&self, made: &Path) -> Result<()> {
        for file in std::fs::read_dir(made)? {
            let file = file?;
            let committed = root().join(self.out).join(file.file_name());
            let same = std::fs::read(&committed).ok() == Some(std::fs::read(file.path())?);
            ensure!(
                same,
                "{}/{} is not what {} says: run `cargo xtask proto`",
                self.out,
                file.file_name().display(),
                self.proto
            );
        }
        Ok(())
    }

    fn generate(&self, out: &Path) -> Result<()> {
        let include = root().join(self.include);
        let files = protox::compile([include.join(self.proto)], [&include])
            .with_context(|| format!("{} cannot be compiled", self.proto))?;
        let mut build = tonic_prost_build::configure()
            .build_server(true)
            .build_client(true)
            // One that is split off a larger buffer is not copied.
            .bytes(".")
            .emit_rerun_if_changed(false)
            .out_dir(out);
        for message in self.json {
            build = build.message_attribute(
                message,
                "#[derive(serde::Serialize)]\n#[serde(rename_all = \"camelCase\")]",
            );
        }
        build.compile_fds(files).with_context(|| format!("{} cannot be generated", self.proto))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}
