//! The command line.

use clap::Parser;

use crate::link::Badness;

/// Your own camera, there and back through a chain of interceptors, over a link that you make as bad as you like.
///
/// Prints one address: open it in a browser. Nothing leaves this machine.
#[derive(Clone, Debug, Parser)]
#[command(name = "browser")]
pub(crate) struct Args {
    /// Port of the page; 0 takes a free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Media packets lost to begin with, in percent, each way: 0 to 30.
    #[arg(long, value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=30))]
    loss: u32,
    /// Delay to begin with, in milliseconds, each way: 0 to 300.
    #[arg(long, value_name = "MS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=300))]
    delay: u32,
    /// Jitter to begin with, in milliseconds: 0 to 100.
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    jitter: u32,
    /// Calls at a time, one a tab: 1 to 16.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=16))]
    calls: u32,
}

impl Args {
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) const fn max_calls(&self) -> usize {
        self.calls as usize
    }

    /// What a call begins with.
    pub(crate) fn badness(&self) -> Badness {
        let loss = f64::from(self.loss) / 100.0;
        Badness { loss, delay_ms: self.delay, jitter_ms: self.jitter, rate: None }
    }
}
