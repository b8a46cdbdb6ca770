//! A runtime on virtual time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::{Builder, Runtime};

/// Every ticker's interval is a multiple of this: NACKs each 100 ms, reports each second, statistics each 10 s.
const TICK: Duration = Duration::from_millis(100);

/// The wall clock that reports are given.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(super) fn now_fn(&self) -> Arc<dyn Fn() -> SystemTime + std::marker::Send + Sync> {
        let nanos = Arc::clone(&self.0);
        Arc::new(move || SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos.load(Ordering::Relaxed)))
    }
}

/// Moves both clocks.
pub(super) struct VirtualTime {
    start: Instant,
    next_tick: Instant,
    clock: Clock,
}

impl VirtualTime {
    pub(super) fn new(start: Instant, clock: Clock) -> Self {
        Self { start, next_tick: start + TICK, clock }
    }

    /// When it all began.
    pub(super) const fn start(&self) -> Instant {
        self.start
    }

    /// It is `now`: the tickers that are due run.
    #[inline]
    pub(super) async fn reach(&mut self, now: Instant) {
        let nanos = now.saturating_duration_since(self.start).as_nanos();
        self.clock.0.store(nanos as u64, Ordering::Relaxed);
        if now >= self.next_tick {
            self.tick().await;
        }
    }

    #[cold]
    async fn tick(&mut self) {
        self.next_tick += TICK;
        tokio::time::advance(TICK).await;
    }
}

pub(super) fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_time().start_paused(true).build()?)
}
