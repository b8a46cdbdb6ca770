//! What a jitter buffer in the chain tells of a remote stream.

use std::time::Duration;

use interceptor_core::{CounterCell, Playout};

/// The newest [`Playout`]; nothing before the first packet was emitted.
#[derive(Debug, Default)]
pub(crate) struct PlayoutCells {
    delay: CounterCell,
    target: CounterCell,
    minimum: CounterCell,
    emitted: CounterCell,
    pub(crate) discarded: CounterCell,
}

impl PlayoutCells {
    pub(crate) fn set(&self, playout: &Playout) {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.delay.set(nanos(playout.delay_sum));
        self.target.set(nanos(playout.target_sum));
        self.minimum.set(nanos(playout.minimum_sum));
        self.emitted.set(playout.emitted);
        self.discarded.set(playout.discarded);
    }

    pub(crate) fn emitted(&self) -> Option<u64> {
        Some(self.emitted.get()).filter(|emitted| *emitted > 0)
    }

    /// Delay, target delay and minimum delay, each added up over what was emitted.
    pub(crate) fn sums(&self) -> [Option<Duration>; 3] {
        let known = self.emitted().is_some();
        [&self.delay, &self.target, &self.minimum].map(|sum| known.then(|| Duration::from_nanos(sum.get())))
    }
}
