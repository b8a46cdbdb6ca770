//! One capture under way: its sink, and what happens when that fails.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::syncer::Syncer;
use super::{Failure, Tap};
use crate::announce::Announcement;
use crate::file::{FileSink, Files};
use crate::handle::Capture;
use crate::{CaptureEnd, CaptureError, PacketSink, Record};

/// One capture under way.
pub(super) struct Open {
    capture: Arc<Capture>,
    life: Weak<()>,
    /// `None`: it has stopped.
    sink: Option<Sink>,
    dirty: bool,
    latest: Duration,
}

enum Sink {
    File(FileSink),
    User(Box<dyn PacketSink>),
}

impl Open {
    pub(super) fn begin(files: &Arc<Files>, syncer: &Syncer, tap: &Tap, at: Duration) -> Self {
        let capture = Arc::clone(&tap.capture);
        let mut open = Self { capture, life: Arc::downgrade(&tap.life), sink: None, dirty: true, latest: at };
        let made = match &files.options.sink {
            Some(maker) => guarded(|| maker.make(&tap.capture.id)).map(Sink::User),
            None => {
                let capture = Arc::clone(&tap.capture);
                let jobs = syncer.jobs.clone();
                FileSink::start(Arc::clone(files), tap.key, capture, jobs, tap.endpoints, at).map(Sink::File)
            }
        };
        match made {
            Ok(sink) => open.sink = Some(sink),
            Err(error) => open.capture.stop(error),
        }
        open
    }

    pub(super) fn write(&mut self, record: &Record<'_>) {
        self.latest = self.latest.max(record.timestamp);
        self.dirty = true;
        let Some(sink) = &mut self.sink else { return };
        let written = match sink {
            Sink::File(file) => file.write(record),
            Sink::User(user) => user_write(user, record),
        };
        match written {
            Ok(()) => self.capture.add_written(record.data().len()),
            Err(Failure::Skip) => self.capture.add_skipped(),
            Err(Failure::Stop(error)) => self.stop(error),
        }
    }

    /// A user's sink gets packets alone.
    pub(super) fn announce(&mut self, said: &Arc<Announcement>) {
        if let Some(Sink::File(file)) = &mut self.sink {
            self.dirty = true;
            file.announce(said);
        }
    }

    pub(super) fn flush(&mut self) {
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        let flushed = match &mut self.sink {
            Some(Sink::File(file)) => file.flush(),
            Some(Sink::User(user)) => guarded(|| user.flush()),
            None => return,
        };
        if let Err(error) = flushed {
            self.stop(error);
        }
    }

    pub(super) fn close(mut self, end: &CaptureEnd) {
        let closed = match &mut self.sink {
            Some(Sink::File(file)) => file.close(end),
            Some(Sink::User(user)) => guarded(|| user.close(end)),
            None => return,
        };
        match closed {
            Ok(()) => self.drop_sink(),
            Err(error) => self.stop(error),
        }
    }

    /// Its interceptor has gone, and nothing of it is in the queue.
    pub(super) fn is_orphan(&self) -> bool {
        self.life.strong_count() == 0
    }

    /// Closes without having been told to: there was no room for the word.
    pub(super) fn abandon(self) {
        let unknown = CaptureEnd { timestamp: self.latest, missed_incoming: 0, missed_outgoing: 0 };
        let end = self.capture.end().unwrap_or(unknown);
        self.close(&end);
    }

    fn stop(&mut self, error: CaptureError) {
        self.capture.stop(error);
        self.drop_sink();
    }

    /// A user's destructor may panic as well.
    fn drop_sink(&mut self) {
        let sink = self.sink.take();
        let _ = catch_unwind(AssertUnwindSafe(move || drop(sink)));
    }
}

fn user_write(sink: &mut Box<dyn PacketSink>, record: &Record<'_>) -> Result<(), Failure> {
    match guarded(|| sink.write(record)) {
        Err(CaptureError::Sink(error)) if error.kind() == io::ErrorKind::InvalidInput => Err(Failure::Skip),
        written => written.map_err(Failure::Stop),
    }
}

/// Calls a user's code: its panic must not end the captures of other connections.
fn guarded<T>(call: impl FnOnce() -> io::Result<T>) -> Result<T, CaptureError> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| CaptureError::SinkPanicked)?.map_err(CaptureError::Sink)
}
