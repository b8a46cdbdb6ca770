//! Who clears up after a call: exactly once, whichever way it ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use tonic::Code;

use super::{Place, Shared};
use crate::observer::Watch;
use crate::peers::Slot;
use crate::timer::Timer;

/// Goes with the handler's future, then with the response's body: when it is dropped, the call is over.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) shared: Arc<Shared>,
    timer: Timer,
    /// What the call counts as, as far as that is known.
    pub(crate) code: Option<Code>,
    /// What it counts as if the response ends without a word.
    pub(crate) fallback: Code,
    // Before the places: who keeps a resource for each has given it back when the next call comes.
    pub(crate) watches: Option<Arc<[Box<dyn Watch>]>>,
    _place: Option<Place>,
    _slot: Option<Slot>,
}

impl Owner {
    pub(super) fn new(
        shared: Arc<Shared>,
        watches: Option<Arc<[Box<dyn Watch>]>>,
        place: Option<Place>,
        slot: Option<Slot>,
    ) -> Self {
        Self {
            shared,
            timer: Timer::default(),
            code: None,
            fallback: Code::Unknown,
            watches,
            _place: place,
            _slot: slot,
        }
    }

    /// Nothing has come of the call's part that is polled now. Ready once the call has been ended; whoever ends it later wakes this task.
    pub(crate) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(cause) = self.timer.poll(&self.shared, cx) {
            self.shared.end(cause);
            return Poll::Ready(());
        }
        self.shared.answering.register(cx.waker());
        // Whoever ended it before the waker was there has woken nobody.
        if self.shared.is_ended() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let shared = &*self.shared;
        let elapsed = shared.elapsed();
        let ended = shared.status().map(|status| status.code());
        if self.code.is_none() {
            shared.abandoned.store(true, Ordering::Relaxed);
        }
        shared.meter.close(elapsed);
        // Who still waits for messages of this call waits in vain.
        shared.requesting.wake();
        let panicked = shared.has_panicked().then_some(Code::Unknown);
        let code = ended.or(panicked).or(self.code).unwrap_or(Code::Cancelled);
        let stats = shared.meter.stats(elapsed);
        shared.span.handled(&stats, code);
        for watch in self.watches.iter().flat_map(|watches| watches.iter()) {
            // One that panics, of which the panic hook tells, keeps nobody else from hearing of the end.
            _ = catch_unwind(AssertUnwindSafe(|| watch.handled(&shared.info, &stats, code)));
        }
    }
}
