//! A whole session over UDP loopback beside a loop that makes the same system calls: `interceptor-tokio`'s example
//! `throughput`, in a process of its own.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};

/// What `--scenario` calls it.
pub const NAME: &str = "session";

/// One way to make system calls. Times are nanoseconds of processor time a packet, sending and receiving together, the
/// kernel's part included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Throughput {
    /// How many system calls.
    pub variant: String,
    /// The loop that does nothing else.
    pub bare_ns: f64,
    /// Two sessions.
    pub session_ns: f64,
}

impl Throughput {
    /// What the session takes beyond the loop, in percent of that.
    #[must_use]
    pub fn overhead(&self) -> f64 {
        100.0 * (self.session_ns / self.bare_ns - 1.0)
    }

    fn packets_a_second(&self) -> f64 {
        1e9 / self.session_ns
    }
}

/// Builds and runs the example.
///
/// # Errors
/// It does not build, or fails.
pub fn measure() -> anyhow::Result<Vec<Throughput>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let example = ["--quiet", "--profile", "bench", "-p", "interceptor-tokio", "--example", "throughput"];
    let mut command = Command::new(cargo);
    command.arg("run").args(example).args(["--", "--json"]).stderr(Stdio::inherit());
    let output = command.output().context("running the example `throughput`")?;
    ensure!(output.status.success(), "the example `throughput` ended with {}", output.status);
    parse(&String::from_utf8(output.stdout)?)
}

fn parse(lines: &str) -> anyhow::Result<Vec<Throughput>> {
    lines.lines().map(|line| serde_json::from_str(line).with_context(|| format!("reading {line}"))).collect()
}

/// The section of `docs/benchmarks.md`.
#[must_use]
pub fn section(rows: &[Throughput]) -> String {
    let mut text = "\
## Session

`interceptor-tokio` from end to end on one core: bursts of 32 packets of 1200 bytes from one session to another over UDP \
loopback, without interceptors, beside a loop that makes the same system calls and nothing else. Processor time of the thread, the kernel's part \
included, for sending and receiving a packet; medians of 41 rounds in turn. Batched calls (`write_all`, segmentation offload, \
batched receive) are what helps most: the kernel's part is by far the largest.

| system calls | bare loop ns | session ns | session packets/s a core | overhead |
|---|--:|--:|--:|--:|
"
    .to_owned();
    for row in rows {
        let Throughput { variant, bare_ns, session_ns } = row;
        let (rate, overhead) = (row.packets_a_second(), row.overhead());
        let _ =
            writeln!(text, "| {variant} | {bare_ns:.0} | {session_ns:.0} | {rate:.0} | {overhead:+.1} % |");
    }
    text.push('\n');
    text
}

/// For terminals.
#[must_use]
pub fn table(rows: &[Throughput]) -> String {
    let mut text = String::new();
    for row in rows {
        let Throughput { variant, bare_ns, session_ns } = row;
        let overhead = row.overhead();
        let _ = writeln!(
            text,
            "session         {variant:<32} bare {bare_ns:>6.0}   session {session_ns:>6.0} ns CPU a packet  {overhead:+.1} %"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_example_prints_becomes_a_table() {
        let printed = r#"{"variant":"one system call a packet","bare_ns":4000.0,"session_ns":4400.0}"#;
        let rows = parse(printed).unwrap();
        assert!(
            section(&rows).contains("| one system call a packet | 4000 | 4400 | 227273 | +10.0 % |"),
            "{rows:?}"
        );
        assert!(table(&rows).contains("+10.0 %"));
        assert!(parse("bare 4000").is_err());
    }
}
