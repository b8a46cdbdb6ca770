//! What has been read of a capture so far, to be looked at between two records.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interceptor_inspect::capture::Record;
use interceptor_inspect::{InspectOptions, Inspector, Summary};

use super::timeline::Timeline;

/// An inspector, and the course of the streams where that is wanted.
pub(super) struct Seen {
    pub(super) inspector: RefCell<Inspector>,
    timeline: Option<Arc<Mutex<Timeline>>>,
    first: Cell<Option<Duration>>,
}

impl Seen {
    pub(super) fn new(options: &InspectOptions, with_course: bool) -> Self {
        let mut inspector = Inspector::new(options.clone());
        let timeline = with_course.then(Arc::<Mutex<Timeline>>::default);
        if let Some(timeline) = &timeline {
            let told = Arc::clone(timeline);
            inspector.observe(move |at, datagram| lock(&told).receive(at, datagram));
        }
        Self { inspector: RefCell::new(inspector), timeline, first: Cell::new(None) }
    }

    pub(super) fn take(&self, record: &Record<'_>) {
        if let (Some(timeline), Some(at)) = (&self.timeline, record.at) {
            let first = self.first.get().unwrap_or(at);
            self.first.set(Some(first));
            let at = at.as_secs_f64() - first.as_secs_f64();
            if lock(timeline).is_step(at) {
                let summary = self.summary();
                lock(timeline).ask(at, &summary);
            }
        }
        self.inspector.borrow_mut().record(record);
    }

    pub(super) fn summary(&self) -> Summary {
        self.inspector.borrow().summary()
    }

    /// The course to the end.
    pub(super) fn into_timeline(self) -> Option<Timeline> {
        let mut timeline = std::mem::take(&mut *lock(self.timeline.as_ref()?));
        timeline.finish(&self.summary());
        Some(timeline)
    }
}

/// Nothing that holds the lock panics; only the inspector's thread takes it.
fn lock(timeline: &Mutex<Timeline>) -> MutexGuard<'_, Timeline> {
    timeline.lock().unwrap_or_else(PoisonError::into_inner)
}
