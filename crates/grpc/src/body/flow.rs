//! One direction of a call: the walk over its messages, the limits of each, and the wait for tokens.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use interceptor_stream::{Lane, Verdict};
use tokio::time::{Sleep, sleep_until};

use crate::call::Shared;
use crate::frames::{Admission, Frames, Gate, MessageHead, Step};
use crate::observer::{Message, Watch};
use crate::timer::poll_now;

/// What has come of it.
#[derive(Debug)]
pub(crate) enum Came {
    /// These bytes go on.
    Data(Bytes),
    /// The call has been ended.
    End,
    /// The next frame, please.
    More,
}

/// One direction of a call.
#[derive(Debug)]
pub(crate) struct Flow {
    frames: Frames,
    lane: Lane,
    /// When to ask again about the message that is held back.
    until: Option<u64>,
    /// For how long the message that goes on now was held back.
    waited: u64,
    sleep: Option<Pin<Box<Sleep>>>,
    fresh: bool,
    /// It is not gRPC: there are no messages in it.
    opaque: bool,
}

impl Flow {
    pub(crate) fn new(lane: Lane) -> Self {
        Self {
            frames: Frames::default(),
            lane,
            until: None,
            waited: 0,
            sleep: None,
            fresh: false,
            opaque: false,
        }
    }

    /// What comes is not gRPC, and goes on as it is.
    pub(crate) fn pass_all(&mut self) {
        self.opaque = true;
    }

    /// The next frame, after [`Came::More`].
    #[inline]
    pub(crate) fn feed(&mut self, frame: Bytes) {
        self.frames.feed(frame);
        self.fresh = true;
    }

    /// True if nothing is kept here.
    pub(crate) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// The beginning of a message at the very end.
    pub(crate) fn finish(&mut self) -> Option<Bytes> {
        self.frames.finish()
    }

    /// Goes on until something comes of it, or tokens are waited for.
    pub(crate) fn poll(
        &mut self,
        shared: &Shared,
        watches: Option<&[Box<dyn Watch>]>,
        cx: &mut Context<'_>,
    ) -> Poll<Came> {
        if !self.frames.has_work() {
            return Poll::Ready(Came::More);
        }
        if self.opaque {
            shared.moved(shared.now());
            return Poll::Ready(Came::Data(self.frames.take()));
        }
        loop {
            ready!(self.poll_tokens(shared, cx));
            // The only time that the clock is read for this frame, unless a message of it waits.
            let now = shared.now();
            if std::mem::take(&mut self.fresh) {
                shared.moved(now);
            }
            let Self { frames, lane, until, waited, .. } = self;
            let watches = watches.unwrap_or_default();
            let step = frames.step(&mut LaneGate { lane, until, waited, now, shared, watches });
            lane.settle();
            // What was allowed before the message that is held back goes on in any case.
            if until.is_some()
                && let Err(cause) = lane.hold(frames.held_bytes() as u64)
            {
                shared.end(cause);
            }
            match step {
                Step::Data(data) => return Poll::Ready(Came::Data(data)),
                Step::More => return Poll::Ready(Came::More),
                Step::End => return Poll::Ready(Came::End),
                Step::Wait if shared.is_ended() => return Poll::Ready(Came::End),
                Step::Wait => {}
            }
        }
    }

    /// Waits until the message that is held back may be asked about again.
    #[inline]
    fn poll_tokens(&mut self, shared: &Shared, cx: &mut Context<'_>) -> Poll<()> {
        let Some(until) = self.until else { return Poll::Ready(()) };
        // A time that no clock gets to is waited for until the call ends for another reason.
        let Some(at) = shared.instant(until) else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if sleep.deadline() != at {
            sleep.as_mut().reset(at);
        }
        ready!(poll_now(sleep.as_mut(), cx));
        self.until = None;
        Poll::Ready(())
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        if let Some(head) = self.frames.unfinished() {
            self.lane.refused(u64::from(head.bytes));
        }
    }
}

/// Asks the lane, with the time of this frame.
struct LaneGate<'a> {
    lane: &'a mut Lane,
    until: &'a mut Option<u64>,
    waited: &'a mut u64,
    now: u64,
    shared: &'a Shared,
    watches: &'a [Box<dyn Watch>],
}

impl LaneGate<'_> {
    /// A message that waits, or has to, or does not pass.
    #[cold]
    fn admit_slowly(&mut self, head: MessageHead) -> Admission {
        match self.lane.admit(u64::from(head.bytes), self.now) {
            Verdict::Pass => {
                *self.waited = self.lane.held_nanos(self.now);
                Admission::Pass
            }
            Verdict::Wait { until_nanos } => {
                *self.until = Some(until_nanos);
                Admission::Wait
            }
            Verdict::Drop => Admission::Drop,
            Verdict::End(_) => {
                // The lane has ended the meter; the other parts of the call have not heard of it yet.
                self.shared.wake();
                Admission::End
            }
        }
    }

    /// A message that was held back, or is large, or that somebody watches.
    fn passed_noted(&mut self, bytes: u64, large: bool) {
        self.lane.settle();
        let waited = std::mem::take(self.waited);
        self.lane.passed(bytes, waited);
        if large || !self.watches.is_empty() {
            let waited = Duration::from_nanos(waited);
            let message = Message { direction: self.lane.direction(), bytes, waited, large };
            self.shared.span.passed(&message, &self.shared.meter);
            for watch in self.watches {
                watch.message(&self.shared.info, &message);
            }
        }
    }
}

impl Gate for LaneGate<'_> {
    #[inline(always)]
    fn admit(&mut self, head: MessageHead) -> Admission {
        if !self.lane.is_holding() && self.lane.grant(u64::from(head.bytes), self.now) {
            return Admission::Pass;
        }
        self.admit_slowly(head)
    }

    #[inline]
    fn passed(&mut self, head: MessageHead) {
        let bytes = u64::from(head.bytes);
        let large = self.lane.is_large(bytes);
        if large || !self.watches.is_empty() || self.lane.is_holding() {
            self.passed_noted(bytes, large);
        } else {
            self.lane.passed_unsettled(bytes);
        }
    }
}
