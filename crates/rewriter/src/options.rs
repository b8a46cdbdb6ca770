//! How much a rewriter remembers.

use std::time::Duration;

/// How much a [`Rewriter`](crate::Rewriter) remembers, and what it leaves out by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RewriterOptions {
    /// How many of a source's last numbers are remembered, 64..=16 384, made a power of two: for packets that come late, and to say
    /// what a NACK means. Default 1024, the window that `interceptor-nack` asks within. Costs a bit each, from the first packet
    /// that is left out on.
    pub window: u16,
    /// How many sources, from before the last switches, are remembered for NACKs, 0..=64. Default 4.
    pub past_sources: u8,
    /// Of how many sources the last sender report is kept, 0..=64; the one heard of longest ago makes room. Default 8: two
    /// publishers of three layers, and some.
    pub reports: u8,
    /// How far the step that sender reports say may be from the time that has passed; beyond it they are not believed. 0..=10 s.
    /// Default 1 s: more than a path's jitter, less than clocks that have nothing to do with each other are apart.
    pub report_tolerance: Duration,
    /// Leave out packets without payload (padding only): they probe the path to the forwarder. Default yes.
    pub leave_padding_out: bool,
}

impl Default for RewriterOptions {
    fn default() -> Self {
        Self {
            window: 1024,
            past_sources: 4,
            reports: 8,
            report_tolerance: Duration::from_secs(1),
            leave_padding_out: true,
        }
    }
}

impl RewriterOptions {
    /// How many of a source's last numbers are remembered. See [`window`](Self::window).
    #[must_use]
    pub const fn with_window(mut self, numbers: u16) -> Self {
        self.window = numbers;
        self
    }

    /// How many sources from before the last switches are remembered. See [`past_sources`](Self::past_sources).
    #[must_use]
    pub const fn with_past_sources(mut self, sources: u8) -> Self {
        self.past_sources = sources;
        self
    }

    /// Of how many sources the last sender report is kept. See [`reports`](Self::reports).
    #[must_use]
    pub const fn with_reports(mut self, sources: u8) -> Self {
        self.reports = sources;
        self
    }

    /// How far reports may be from the time that has passed. See [`report_tolerance`](Self::report_tolerance).
    #[must_use]
    pub const fn with_report_tolerance(mut self, tolerance: Duration) -> Self {
        self.report_tolerance = tolerance;
        self
    }

    /// Whether packets without payload are left out. See [`leave_padding_out`](Self::leave_padding_out).
    #[must_use]
    pub const fn with_leave_padding_out(mut self, leave_out: bool) -> Self {
        self.leave_padding_out = leave_out;
        self
    }

    /// # Errors
    /// The first option that is out of its range.
    pub(crate) fn check(&self) -> Result<(), RewriterOptionsError> {
        let wrong = |field, value: String, range| Err(RewriterOptionsError { field, value, range });
        if !(64..=16_384).contains(&self.window) {
            return wrong("window", self.window.to_string(), "in 64..=16384");
        }
        if self.past_sources > 64 {
            return wrong("past_sources", self.past_sources.to_string(), "in 0..=64");
        }
        if self.reports > 64 {
            return wrong("reports", self.reports.to_string(), "in 0..=64");
        }
        if self.report_tolerance > Duration::from_secs(10) {
            return wrong("report_tolerance", format!("{:?}", self.report_tolerance), "in 0s..=10s");
        }
        Ok(())
    }
}

/// An option is outside its range. Returned when a rewriter is made, never later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("RewriterOptions::{field} is {value}, it has to be {range}")]
#[non_exhaustive]
pub struct RewriterOptionsError {
    /// The field.
    pub field: &'static str,
    /// Its value, as `Debug` prints it.
    pub value: String,
    /// What would be right.
    pub range: &'static str,
}
