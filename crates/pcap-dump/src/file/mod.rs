//! The built-in sink: files with rotation, a ring, a total cap and names that only complete files have.

pub(crate) mod ledger;
mod open;
pub(crate) mod template;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossbeam_channel::Sender;

use crate::announce::Announcement;
use crate::encode::{self, Head};
use crate::handle::Capture;
use crate::writer::{Failure, SyncJob};
use crate::{CaptureEnd, CaptureError, Endpoints, PcapDumpOptions, Record};
use ledger::Ledger;
use open::OpenFile;
use template::{Template, Values};

/// Encoded bytes that are written at once, without waiting for the flush interval.
const CHUNK: usize = 32 << 10;

/// Kept free below the rotation limit for what stands at a file's end.
const TRAILER: u64 = 256;

/// The files of one connection.
pub(crate) struct FileSink {
    files: Arc<Files>,
    key: u64,
    capture: Arc<Capture>,
    syncer: Sender<SyncJob>,
    number: u64,
    /// The last announcement of each direction: every file begins with them.
    said: Vec<Arc<Announcement>>,
    open: Option<OpenFile>,
}

/// What a capture does after a complete file.
#[derive(Clone, Copy, PartialEq)]
enum Goes {
    /// Another file follows.
    On,
    Stops,
}

/// What all captures of a factory share.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) options: PcapDumpOptions,
    template: Template,
    ledger: Mutex<Ledger>,
    next_key: AtomicU64,
}

impl Files {
    pub(crate) fn new(options: PcapDumpOptions, template: Template) -> Self {
        let ledger = Mutex::new(Ledger::new(options.max_total_bytes));
        Self { options, template, ledger, next_key: AtomicU64::new(0) }
    }

    /// Tells the captures of the factory apart.
    pub(crate) fn next_key(&self) -> u64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FileSink {
    /// Begins the first file.
    pub(crate) fn start(
        files: Arc<Files>,
        key: u64,
        capture: Arc<Capture>,
        syncer: Sender<SyncJob>,
        endpoints: Endpoints,
        at: Duration,
    ) -> Result<Self, CaptureError> {
        let mut sink = Self { files, key, capture, syncer, number: 0, said: Vec::new(), open: None };
        let open = sink.begin(at, endpoints)?;
        sink.open = Some(open);
        Ok(sink)
    }

    pub(crate) fn write(&mut self, record: &Record<'_>) -> Result<(), Failure> {
        if self.is_due(record) {
            self.complete(None)?;
        }
        let before = self.current(record)?.encode(record).map_err(|_| Failure::Skip)?;
        if self.outgrows(before) {
            self.complete(None)?;
            self.current(record)?.encode(record).map_err(|_| Failure::Skip)?;
        }
        let open = self.current(record)?;
        open.tally.count(record);
        if open.encoder.buffer().len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what has become known of the streams, into this file and those to come.
    pub(crate) fn announce(&mut self, said: &Arc<Announcement>) {
        self.said.retain(|earlier| earlier.direction != said.direction);
        self.said.push(Arc::clone(said));
        if let Some(open) = &mut self.open {
            open.announce(said);
        }
    }

    /// Writes what is encoded.
    pub(crate) fn flush(&mut self) -> Result<(), CaptureError> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let bytes = open.encoder.buffer().len();
        let mut ledger = self.files.ledger();
        let written = ledger.grow(bytes).and_then(|()| open.write().inspect_err(|_| ledger.shrink(bytes)));
        drop(ledger);
        if let Err(error) = written {
            // What is whole so far gets its name all the same; the first error is the one to tell.
            let _ = self.name(Goes::Stops);
            return Err(error);
        }
        self.capture.add_file_bytes(bytes);
        Ok(())
    }

    /// Ends the last file and the ring.
    pub(crate) fn close(&mut self, end: &CaptureEnd) -> Result<(), CaptureError> {
        let completed = self.complete(Some(end));
        self.files.ledger().end(self.key);
        completed
    }

    /// Ends the present file; the capture goes on in the next one when `end` is `None`.
    fn complete(&mut self, end: Option<&CaptureEnd>) -> Result<(), CaptureError> {
        let goes = if end.is_some() { Goes::Stops } else { Goes::On };
        let Some(open) = &mut self.open else { return Ok(()) };
        let tally = open.tally;
        if let Err(error) = open.encoder.finish(&tally, end) {
            tracing::debug!(path = %open.part.display(), %error, "no statistics at the end of a capture file");
        }
        self.flush()?;
        self.name(goes)
    }

    /// Gives the present file its name, to the disk and to the ledger.
    fn name(&mut self, goes: Goes) -> Result<(), CaptureError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        open.rename()?;
        self.capture.file_renamed(&open.part, &open.path);
        tracing::debug!(path = %open.path.display(), bytes = open.written, "capture file complete");
        // The file that comes next is one of the ring.
        let keep = self.files.options.ring_files.map(|files| files - usize::from(goes == Goes::On));
        self.files.ledger().complete(self.key, &self.capture, open.path.clone(), open.written, keep);
        if self.files.options.fsync {
            let job = SyncJob::File { file: open.file, path: open.path, capture: Arc::clone(&self.capture) };
            // Without its syncer the factory is ending: the system writes the file when it sees fit.
            let _ = self.syncer.send(job);
        }
        Ok(())
    }

    fn current(&mut self, record: &Record<'_>) -> Result<&mut OpenFile, CaptureError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => self.begin(record.timestamp, record.endpoints)?,
        };
        Ok(self.open.insert(open))
    }

    fn begin(&mut self, start: Duration, endpoints: Endpoints) -> Result<OpenFile, CaptureError> {
        self.number += 1;
        let options = &self.files.options;
        let wanted = self.files.template.expand(&Values {
            id: &self.capture.id,
            number: self.number,
            start,
            extension: options.format.extension(),
            numbered: options.rotates(),
        });
        let head = Head { connection: &self.capture.id, start, endpoints };
        let encoder = encode::start(options, &head);
        let encoder = encoder.map_err(|source| CaptureError::File {
            action: "create",
            path: wanted.clone(),
            source,
        })?;
        let mut open = OpenFile::create(&wanted, options.overwrite, encoder, start)?;
        self.said.iter().for_each(|said| open.announce(said));
        self.capture.file_begun(&open.part);
        tracing::debug!(path = %open.part.display(), "capture file begun");
        Ok(open)
    }

    fn is_due(&self, record: &Record<'_>) -> bool {
        let (Some(open), Some(after)) = (&self.open, self.files.options.rotate_after) else { return false };
        !open.tally.is_empty() && record.timestamp.saturating_sub(open.start) >= after
    }

    /// Does the packet that was just encoded, behind `before`, make the file too large? Then it is taken back out.
    /// A file's first packet stays whatever its size.
    fn outgrows(&mut self, before: usize) -> bool {
        let (Some(open), Some(limit)) = (&mut self.open, self.files.options.rotate_bytes) else {
            return false;
        };
        let outgrown = !open.tally.is_empty() && open.size() + TRAILER > limit;
        if outgrown {
            open.encoder.buffer().truncate(before);
        }
        outgrown
    }
}
