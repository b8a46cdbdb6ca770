//! How far reading is, on standard error, for those who wait there.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a file may take before progress is shown.
const PATIENCE: Duration = Duration::from_secs(1);
/// Bytes between two looks at the clock.
const STEP: u64 = 4 << 20;

/// A bar for a file, a line for a pipe. Nothing at all where standard error is no terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
    told: u64,
}

impl Progress {
    /// Of a file of this length, or of a pipe; `wanted` is false where the report itself shows how far reading is.
    #[expect(clippy::disallowed_methods, reason = "the user's patience is in real time")]
    pub(super) fn new(name: &str, len: Option<u64>, wanted: bool) -> Self {
        let bar = (wanted && io::stderr().is_terminal()).then(|| {
            let template = match len {
                Some(_) => "{msg} {bytes} of {total_bytes} {wide_bar} {eta}",
                None => "{msg}: {bytes} so far; Ctrl-C ends reading and shows the report",
            };
            let style = ProgressStyle::with_template(template);
            let bar = ProgressBar::with_draw_target(len, ProgressDrawTarget::hidden());
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.with_message(name.to_owned())
        });
        Self { bar, began: Instant::now(), told: 0 }
    }

    pub(super) const fn is_shown(&self) -> bool {
        self.bar.is_some()
    }

    /// So many bytes have been read of a file: looks at the clock now and then.
    pub(super) fn passes(&mut self, bytes: u64) {
        if bytes - self.told >= STEP {
            self.show(bytes);
        }
    }

    /// So many bytes have been read, and some time has passed.
    #[expect(clippy::disallowed_methods, reason = "the user's patience is in real time")]
    pub(super) fn show(&mut self, bytes: u64) {
        self.told = bytes;
        let Some(bar) = &self.bar else { return };
        if bar.is_hidden() && Instant::now().duration_since(self.began) >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        bar.set_position(bytes);
        bar.tick();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
