//! What a capture has written so far, to be read from anywhere.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::{CaptureEnd, CaptureError};

/// The newest files that [`PcapDumpHandle::files`] remembers.
const MAX_PATHS: usize = 1024;

/// Reads what a capture, or all captures of a factory, have written. Cheap to clone; media never waits for it.
/// Stays readable after the connection has ended.
#[derive(Clone, Debug)]
pub struct PcapDumpHandle(pub(crate) Arc<Capture>);

/// Numbers of a [`PcapDumpHandle`], from the start of the capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PcapDumpCounters {
    /// Packets handed to the file or sink.
    pub written: u64,
    /// RTP and RTCP bytes of these, after [`headers_only`](crate::PcapDumpOptions::headers_only) and
    /// [`snaplen`](crate::PcapDumpOptions::snaplen).
    pub bytes: u64,
    /// Packets that the queue had no room for.
    pub dropped: u64,
    /// Packets that the format cannot hold (longer than an IP packet), or that the sink skipped.
    pub skipped: u64,
    /// Files begun.
    pub files: u64,
    /// Bytes in files, headers included, deleted files included. Grows when buffers are flushed.
    pub file_bytes: u64,
}

impl PcapDumpHandle {
    /// The connection, or empty for a whole factory.
    #[must_use]
    pub fn connection(&self) -> &str {
        &self.0.id
    }

    /// What was counted.
    #[must_use]
    pub fn counters(&self) -> PcapDumpCounters {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        PcapDumpCounters {
            written: read(&self.0.written),
            bytes: read(&self.0.bytes),
            dropped: read(&self.0.dropped),
            skipped: read(&self.0.skipped),
            files: read(&self.0.files),
            file_bytes: read(&self.0.file_bytes),
        }
    }

    /// Why the capture stopped before its connection; for a whole factory the first such error.
    #[must_use]
    pub fn error(&self) -> Option<Arc<CaptureError>> {
        self.0.error.get().cloned()
    }

    /// The captures of a factory that are under way or still being written, oldest first; empty for a connection.
    #[must_use]
    pub fn captures(&self) -> Vec<Self> {
        self.0.parts().iter().filter_map(Weak::upgrade).map(Self).collect()
    }

    /// The capture's files that exist, oldest first: complete ones under their names, the one being written under its
    /// name with `.part` behind. The newest 1024; empty for a user's sink.
    #[must_use]
    pub fn files(&self) -> Vec<PathBuf> {
        self.0.paths().iter().cloned().collect()
    }
}

/// The shared state of one capture, or the sums of a factory.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    pub(crate) id: Arc<str>,
    written: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
    skipped: AtomicU64,
    files: AtomicU64,
    file_bytes: AtomicU64,
    stopped: AtomicBool,
    error: OnceLock<Arc<CaptureError>>,
    /// For the writer, should the queue have no room for the word that it is over.
    end: OnceLock<CaptureEnd>,
    paths: Mutex<VecDeque<PathBuf>>,
    /// The factory's sums.
    total: Option<Arc<Self>>,
    /// The captures that these are sums of.
    parts: Mutex<Vec<Weak<Self>>>,
}

impl Capture {
    pub(crate) fn begin(id: Arc<str>, total: &Arc<Self>) -> Arc<Self> {
        let capture = Arc::new(Self { id, total: Some(Arc::clone(total)), ..Self::default() });
        let mut parts = total.parts();
        parts.retain(|part| part.strong_count() > 0);
        parts.push(Arc::downgrade(&capture));
        capture
    }

    pub(crate) fn add_written(&self, bytes: usize) {
        self.add(1, |capture| &capture.written);
        self.add(bytes as u64, |capture| &capture.bytes);
    }

    pub(crate) fn add_dropped(&self) {
        self.add(1, |capture| &capture.dropped);
    }

    pub(crate) fn add_skipped(&self) {
        self.add(1, |capture| &capture.skipped);
    }

    pub(crate) fn add_file_bytes(&self, bytes: usize) {
        self.add(bytes as u64, |capture| &capture.file_bytes);
    }

    pub(crate) fn file_begun(&self, path: &Path) {
        self.add(1, |capture| &capture.files);
        self.each(|capture| {
            let mut paths = capture.paths();
            if paths.len() >= MAX_PATHS {
                paths.pop_front();
            }
            paths.push_back(path.to_path_buf());
        });
    }

    pub(crate) fn file_renamed(&self, from: &Path, to: &Path) {
        self.each(|capture| {
            if let Some(path) = capture.paths().iter_mut().rev().find(|path| *path == from) {
                *path = to.to_path_buf();
            }
        });
    }

    pub(crate) fn file_deleted(&self, gone: &Path) {
        self.each(|capture| capture.paths().retain(|path| path != gone));
    }

    /// The capture stops; the first reason counts.
    pub(crate) fn stop(&self, error: CaptureError) {
        let error = Arc::new(error);
        if self.error.set(Arc::clone(&error)).is_err() {
            return;
        }
        self.stopped.store(true, Ordering::Release);
        tracing::warn!(connection = &*self.id, %error, "capture stopped");
        if let Some(total) = &self.total {
            // For the factory another capture's error may have been the first.
            let _ = total.error.set(error);
        }
    }

    #[inline]
    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    pub(crate) fn error(&self) -> Option<Arc<CaptureError>> {
        self.error.get().cloned()
    }

    pub(crate) fn finish(&self, end: CaptureEnd) {
        // It ends once.
        let _ = self.end.set(end);
    }

    pub(crate) fn end(&self) -> Option<CaptureEnd> {
        self.end.get().copied()
    }

    fn add(&self, amount: u64, counter: impl Fn(&Self) -> &AtomicU64) {
        self.each(|capture| {
            counter(capture).fetch_add(amount, Ordering::Relaxed);
        });
    }

    /// This capture and its factory's sums.
    fn each(&self, change: impl Fn(&Self)) {
        change(self);
        if let Some(total) = &self.total {
            change(total);
        }
    }

    fn parts(&self) -> MutexGuard<'_, Vec<Weak<Self>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn paths(&self) -> MutexGuard<'_, VecDeque<PathBuf>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
