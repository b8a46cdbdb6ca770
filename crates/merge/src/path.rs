//! One path: how it does beside the others.

use std::time::{Duration, Instant};

/// Of a mean, how much the newest sample counts: 1/16, as in RFC 3550 §6.4.1.
const SMOOTHING: i64 = 16;

/// So many packets in [`MISMATCH_NANOS`] that are not what another path has brought: this path carries something else.
const MISMATCHES: u32 = 100;
const MISMATCH_NANOS: u64 = 1_000_000_000;

/// How one path of a stream does. Of the media alone: retransmissions and FEC are merged in the same way, and not counted here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathReport {
    /// Packets that came over it.
    pub received: u64,
    /// Of these: the first copy, which went on.
    pub first: u64,
    /// Of these: no other path has brought them, so far.
    pub unique: u64,
    /// Packets that it should have brought between its first and its newest, and did not.
    pub lost: u64,
    /// Packets whose payload was another than what another path had brought, which has the lower number.
    pub mismatched: u64,
    /// How much later than the first copy its copies come, smoothed; zero for the path that is always first.
    pub skew: Duration,
    /// The most.
    pub max_skew: Duration,
    /// When its last packet came; `None` before the first. [`Instant::elapsed`]'s place is the driver's clock.
    pub last: Option<Instant>,
    /// It brings nothing, while others do.
    pub dead: bool,
    /// It is shut out: it carries something else than the path with the lower number.
    pub distrusted: bool,
}

/// What is kept of a path; times are in nanoseconds since the chain began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    pub(crate) received: u64,
    pub(crate) first: u64,
    pub(crate) unique: u64,
    mismatched: u64,
    pub(crate) numbers: Numbers,
    skew: i64,
    max_skew: u64,
    last: u64,
    /// From packet to packet, smoothed.
    interval: i64,
    /// Others have brought packets since then, and this one has not.
    pub(crate) behind_since: Option<u64>,
    pub(crate) dead: bool,
    pub(crate) distrusted: bool,
    mismatches: u32,
    mismatches_since: u64,
}

/// A path's numbers, to know what it has lost.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// First and highest of the sender's present count, or of the last if nothing of that has come; `None` before the first.
    span: Option<(i64, i64)>,
    distinct: u64,
    lost_before: u64,
}

impl Numbers {
    /// The highest number, of the sender's present count or the last.
    #[inline]
    pub(crate) fn highest(&self) -> Option<i64> {
        self.span.map(|(_, highest)| highest)
    }

    /// A number has come; `new`: over this path for the first time. The sender's present count begins at `began`.
    #[inline]
    pub(crate) fn note(&mut self, number: i64, new: bool, began: i64) {
        let (mut first, mut highest) = self.span.unwrap_or((number, number));
        if (number < began) != (highest < began) {
            if number < began {
                // Late, of a count that is over.
                return;
            }
            (self.lost_before, self.distinct) = (self.lost(), 0);
            (first, highest) = (number, number);
        }
        self.span = Some((first.min(number), highest.max(number)));
        self.distinct += u64::from(new);
    }

    fn lost(&self) -> u64 {
        let expected = self.span.map_or(0, |(first, highest)| highest.abs_diff(first) + 1);
        self.lost_before + expected.saturating_sub(self.distinct)
    }
}

impl Path {
    /// Has anything come over it?
    pub(crate) const fn has_begun(&self) -> bool {
        self.received > 0
    }

    /// A packet has come; gives how long there had been none, if the path was dead.
    #[inline]
    pub(crate) fn arrive(&mut self, now: u64) -> Option<Duration> {
        let silent = now.saturating_sub(self.last);
        let returned = self.dead.then(|| Duration::from_nanos(silent));
        if self.received == 1 {
            self.interval = i64::try_from(silent).unwrap_or(i64::MAX);
        } else if self.received > 1 && !self.dead {
            smooth(&mut self.interval, silent);
        }
        self.received += 1;
        (self.last, self.dead, self.behind_since) = (now, false, None);
        returned
    }

    /// How long nothing has come, if that is so long that it is dead: others have brought packets for more than three of its intervals, and
    /// for longer than it may be late.
    pub(crate) fn dies(&mut self, now: u64, skew: u64) -> Option<Duration> {
        let behind = now.saturating_sub(self.behind_since?);
        if self.dead || behind <= skew.max(self.interval.unsigned_abs().saturating_mul(3)) {
            return None;
        }
        self.dead = true;
        Some(Duration::from_nanos(now.saturating_sub(self.last)))
    }

    /// Its copy came so much later than the first.
    #[inline]
    pub(crate) fn lag(&mut self, nanos: u64) {
        smooth(&mut self.skew, nanos);
        self.max_skew = self.max_skew.max(nanos);
    }

    /// Its payload was another; `true`: once too often.
    #[cold]
    pub(crate) fn mismatch(&mut self, now: u64) -> bool {
        self.mismatched += 1;
        if self.mismatches == 0 || now.saturating_sub(self.mismatches_since) > MISMATCH_NANOS {
            (self.mismatches, self.mismatches_since) = (0, now);
        }
        self.mismatches += 1;
        let distrusts = self.mismatches >= MISMATCHES && !self.distrusted;
        self.distrusted |= distrusts;
        distrusts
    }

    /// How it does; `start` is when the chain began.
    pub(crate) fn report(&self, start: Instant) -> PathReport {
        let last = self.has_begun().then_some(Duration::from_nanos(self.last));
        PathReport {
            received: self.received,
            first: self.first,
            unique: self.unique,
            lost: self.numbers.lost(),
            mismatched: self.mismatched,
            skew: Duration::from_nanos(self.skew.unsigned_abs()),
            max_skew: Duration::from_nanos(self.max_skew),
            last: last.and_then(|last| start.checked_add(last)),
            dead: self.dead,
            distrusted: self.distrusted,
        }
    }
}

/// Neither a mean nor a sample is below zero.
#[inline]
fn smooth(mean: &mut i64, sample: u64) {
    let sample = i64::try_from(sample).unwrap_or(i64::MAX);
    *mean += (sample - *mean) / SMOOTHING;
}
