//! The order of a chain, for people to read.

use std::fmt;
use std::time::Duration;

use crate::Stage;

/// The interceptors of a chain from the wire up. `Display` prints a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    rows: Vec<LayoutRow>,
}

/// One interceptor of a [`Layout`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayoutRow {
    /// Where it stands.
    pub stage: Stage,
    /// Its name.
    pub name: &'static str,
    /// Local streams that it takes part in.
    pub local_streams: usize,
    /// Remote streams that it takes part in.
    pub remote_streams: usize,
    /// Errors that its hooks returned.
    pub errors: u64,
    /// It panicked and takes no part any more.
    pub bypassed: bool,
    /// The time until it wants to be woken, from the last input on; `None` when it does not.
    pub wakes_in: Option<Duration>,
    /// What it wants to be woken for, in its own words; empty when it does not say.
    pub wakes_for: &'static str,
}

impl Layout {
    pub(super) const fn new(rows: Vec<LayoutRow>) -> Self {
        Self { rows }
    }

    /// The rows, from the wire up.
    #[must_use]
    pub fn rows(&self) -> &[LayoutRow] {
        &self.rows
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<14} {:<20} {:>6} {:>6} {:>6}", "stage", "interceptor", "local", "remote", "errors")?;
        for row in &self.rows {
            let LayoutRow { stage, name, local_streams, remote_streams, errors, .. } = row;
            write!(f, "{stage:<14} {name:<20} {local_streams:>6} {remote_streams:>6} {errors:>6}")?;
            match row {
                LayoutRow { bypassed: true, .. } => f.write_str("  bypassed")?,
                LayoutRow { wakes_in: Some(time), wakes_for, .. } if !wakes_for.is_empty() => {
                    write!(f, "  {wakes_for} in {time:?}")?;
                }
                _ => {}
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
