//! Runs outside programs: says what it runs on stderr, and turns a failure into one clear message.

use std::ffi::OsStr;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Arguments that go to another program untouched.
#[derive(clap::Args)]
pub(crate) struct PassThrough {
    /// Arguments for the program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) args: Vec<String>,
}

/// A program call that runs in the workspace root.
pub(crate) struct Call {
    command: Command,
}

/// Beginnings of the variables in which cargo describes the package that it runs.
const OWN_PACKAGE: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];

/// `cargo` with `words` split at spaces; arguments with spaces go through [`Call::arg`].
pub(crate) fn cargo(workspace: &Workspace, words: &str) -> Call {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(workspace.root()).args(words.split_whitespace());
    // `cargo run` tells this program about its own package; a cargo subcommand would take it for its caller's.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| OWN_PACKAGE.iter().any(|prefix| name.starts_with(prefix))) {
            command.env_remove(name);
        }
    }
    Call { command }
}

/// True if `cargo TOOL --version` works.
pub(crate) fn has_cargo_tool(workspace: &Workspace, tool: &str) -> bool {
    let mut call = cargo(workspace, tool).arg("--version");
    call.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    call.command.status().is_ok_and(|status| status.success())
}

impl Call {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: &str) -> Self {
        self.command.env(key, value);
        self
    }

    /// Runs it; anything but success is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        self.announce();
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line()))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.line());
        }
        Ok(())
    }

    /// Runs it and hands its exit code on, for programs whose exit code means something to the caller.
    pub(crate) fn forward(mut self) -> Result<ExitCode> {
        self.announce();
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line()))?;
        let Some(code) = status.code() else { bail!("`{}` was killed ({status})", self.line()) };
        Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
    }

    /// Runs it and returns its stdout.
    pub(crate) fn read(mut self) -> Result<String> {
        self.announce();
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().with_context(|| format!("cannot start `{}`", self.line()))?;
        if !output.status.success() {
            bail!("`{}` failed ({})", self.line(), output.status);
        }
        String::from_utf8(output.stdout).with_context(|| format!("`{}` printed invalid UTF-8", self.line()))
    }

    fn announce(&self) {
        eprintln!("$ {}", self.line());
    }

    /// The call as one would type it, environment changes included.
    fn line(&self) -> String {
        let quote = |text: &OsStr| {
            let text = text.to_string_lossy();
            if text.contains([' ', '"', '\'']) { format!("{text:?}") } else { text.into_owned() }
        };
        let envs = self.command.get_envs().filter_map(|(key, value)| {
            value.map(|value| format!("{}={} ", key.to_string_lossy(), quote(value)))
        });
        let program = std::path::Path::new(self.command.get_program());
        let program = program.file_stem().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
        let args = self.command.get_args().map(|arg| format!(" {}", quote(arg)));
        envs.chain([program]).chain(args).collect()
    }
}
