//! The meter of one stream: what its two lanes share, and what anybody may look at.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::both::Both;
use super::rates::Rates;
use super::tally::Tally;
use super::{Cause, Direction, Lane, StreamLimits, StreamStats};

/// The meter of one stream: its limits, what has gone through, and whether and why it was ended. Shared; nothing here waits or reads a clock.
#[derive(Debug)]
pub struct Meter {
    limits: StreamLimits,
    max_duration_nanos: u64,
    max_idle_nanos: u64,
    pub(super) received: Tally,
    pub(super) sent: Tally,
    /// Behind a lock, since both lanes take from it.
    pub(super) both: Option<Mutex<Both>>,
    /// When something moved last, or will have by what is held back.
    moved_nanos: AtomicU64,
    /// When the stream was closed; `u64::MAX` before.
    closed_nanos: AtomicU64,
    ended: OnceLock<Cause>,
}

/// A meter with its two lanes, each of which belongs to the one who moves messages that way.
#[derive(Debug)]
#[non_exhaustive]
pub struct Metered {
    /// What both share.
    pub meter: Arc<Meter>,
    /// For what comes from the peer.
    pub received: Lane,
    /// For what goes to the peer.
    pub sent: Lane,
}

impl Metered {
    /// The meter of a stream that begins at `origin`. All times here are nanoseconds after that.
    ///
    /// The limits are not [checked](StreamLimits::check) again: one that is out of range is taken at its word. Of 0 messages, or within 0 s, none
    /// passes.
    #[must_use]
    pub fn new(limits: &StreamLimits, origin: Instant) -> Self {
        let meter = Arc::new(Meter {
            limits: *limits,
            max_duration_nanos: limits.max_duration.map_or(u64::MAX, nanos),
            max_idle_nanos: limits.max_idle.map_or(u64::MAX, nanos),
            received: Tally::default(),
            sent: Tally::default(),
            both: Rates::new(&limits.both, origin).map(Both::new).map(Mutex::new),
            moved_nanos: AtomicU64::new(0),
            closed_nanos: AtomicU64::new(u64::MAX),
            ended: OnceLock::new(),
        });
        let lane = |direction| Lane::new(Arc::clone(&meter), direction, origin);
        Self { received: lane(Direction::Received), sent: lane(Direction::Sent), meter }
    }
}

impl Meter {
    /// The limits it was made with.
    #[must_use]
    pub const fn limits(&self) -> &StreamLimits {
        &self.limits
    }

    /// Something moved, in either direction: begins the time anew after which the stream is idle.
    #[inline]
    pub fn moved(&self, elapsed_nanos: u64) {
        if elapsed_nanos > self.moved_nanos.load(Ordering::Relaxed) {
            self.moved_nanos.store(elapsed_nanos, Ordering::Relaxed);
        }
    }

    /// When [`expired`](Self::expired) will have something to say, if nothing moves until then; `None` without such limits. It may become later,
    /// never earlier: who waits for it asks again when the time has come.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let at = self.max_duration_nanos.min(self.idle_at());
        (at != u64::MAX).then_some(at)
    }

    /// Whether the stream was open, or idle, for too long; to be [ended](Self::end) with that.
    #[must_use]
    pub fn expired(&self, elapsed_nanos: u64) -> Option<Cause> {
        let idle = || self.limits.max_idle.filter(|_| elapsed_nanos >= self.idle_at());
        self.outlived(elapsed_nanos).or_else(|| idle().map(|max| Cause::Idle { max }))
    }

    /// Whether the stream was open for too long. No message passes from then on, idle or not.
    pub(crate) fn outlived(&self, elapsed_nanos: u64) -> Option<Cause> {
        let max = self.limits.max_duration.filter(|_| elapsed_nanos >= self.max_duration_nanos);
        max.map(|max| Cause::Duration { max })
    }

    /// Ends the stream: from now on each lane refuses what comes. True if this was the first cause; the first one stays.
    pub fn end(&self, cause: Cause) -> bool {
        self.ended.set(cause).is_ok()
    }

    /// Why it was ended, if it was.
    #[inline]
    #[must_use]
    pub fn ended(&self) -> Option<Cause> {
        self.ended.get().copied()
    }

    /// The stream is over, whatever the reason: its duration is settled. Only the first call counts.
    pub fn close(&self, elapsed_nanos: u64) {
        _ = self.closed_nanos.compare_exchange(u64::MAX, elapsed_nanos, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// True once it was [closed](Self::close).
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed_nanos.load(Ordering::Relaxed) != u64::MAX
    }

    /// What has gone through until now. Counts of one direction may be a message apart from each other while it moves.
    #[must_use]
    pub fn stats(&self, elapsed_nanos: u64) -> StreamStats {
        let open = elapsed_nanos.min(self.closed_nanos.load(Ordering::Relaxed));
        StreamStats {
            duration: Duration::from_nanos(open),
            received: self.received.traffic(),
            sent: self.sent.traffic(),
            ended: self.ended(),
        }
    }

    pub(super) const fn tally(&self, direction: Direction) -> &Tally {
        match direction {
            Direction::Received => &self.received,
            Direction::Sent => &self.sent,
        }
    }

    fn idle_at(&self) -> u64 {
        self.moved_nanos.load(Ordering::Relaxed).saturating_add(self.max_idle_nanos)
    }
}

/// 584 years are for ever.
pub(super) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
