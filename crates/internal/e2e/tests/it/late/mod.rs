//! Late packets, outages and restarts, through the chain that a receiver has: what the statistics say, what the reports tell
//! the sender, and what is asked for.

mod cases;
mod prop;
mod receiver;

use std::time::Duration;

use receiver::{Receiver, Stream};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
