//! The paths that are measured.

use std::time::Duration;

use interceptor_test::{LinkOptions, Loss};

/// One path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// The round trip in milliseconds.
    pub rtt: u64,
    /// The part of the packets that is lost.
    pub loss: f64,
    /// The mean length of a run of losses.
    pub burst: u32,
}

/// All of them, in the order of the table.
#[must_use]
pub fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for rtt in [20, 100, 300] {
        for loss in [0.01, 0.05, 0.1, 0.2] {
            cells.extend([1, 3, 8].map(|burst| Cell { rtt, loss, burst }));
        }
    }
    cells
}

impl Cell {
    /// For how long after its time a packet is of use.
    #[must_use]
    pub const fn slack(&self) -> Duration {
        Duration::from_millis(if self.rtt <= 20 { 100 } else { 300 })
    }

    /// The round trip.
    #[must_use]
    pub const fn round_trip(&self) -> Duration {
        Duration::from_millis(self.rtt)
    }

    /// A mean run in packets: of independent losses it is a little longer than one.
    #[must_use]
    pub fn run_packets(&self) -> f64 {
        f64::from(self.burst).max(1.0 / (1.0 - self.loss))
    }

    /// The way of the media, and the way back.
    #[must_use]
    pub fn links(&self) -> (LinkOptions, LinkOptions) {
        let link = LinkOptions::default().with_delay(self.round_trip() / 2);
        let independent = Loss::random(self.loss);
        let forward =
            if self.burst == 1 { independent.clone() } else { Loss::burst(self.loss, f64::from(self.burst)) };
        (link.clone().with_loss(forward), link.with_loss(independent))
    }
}
