//! The writer thread: takes packets off the queue and hands them to their connection's sink.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::intake::{Intake, Next};
use super::syncer::Syncer;
use super::{Captured, Failure, Message, Packet, SyncJob, Tap};
use crate::file::{FileSink, Files};
use crate::handle::Capture;
use crate::{CaptureEnd, CaptureError, PacketSink, PacketView, Record};

/// Runs until every sender is gone and the queue is empty.
pub(super) fn run(receiver: &Receiver<Message>, queued: &AtomicUsize, files: Arc<Files>, syncer: &Syncer) {
    let interval = files.options.flush_interval;
    let mut desk = Desk { files, syncer, open: BTreeMap::new(), datagram: Vec::new() };
    let mut intake = Intake::new(receiver);
    let mut flush_at = now() + interval;
    loop {
        let deadline = (!desk.open.is_empty()).then_some(flush_at);
        match intake.next(deadline) {
            Next::Message(Message::Packet(captured)) => {
                let bytes = captured.packet.wire_len();
                desk.packet(&captured);
                drop(captured);
                queued.fetch_sub(bytes, Ordering::Relaxed);
            }
            Next::Message(message) => desk.handle(message),
            Next::Look => {
                let now = now();
                if now >= flush_at {
                    desk.tidy();
                    flush_at = now + interval;
                }
            }
            Next::End => return desk.end(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the flush interval runs in real time, on a thread of its own")]
fn now() -> Instant {
    Instant::now()
}

/// All captures under way.
struct Desk<'a> {
    files: Arc<Files>,
    syncer: &'a Syncer,
    open: BTreeMap<u64, Open>,
    /// An RTP packet in one piece.
    datagram: Vec<u8>,
}

/// One capture under way.
struct Open {
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

impl Desk<'_> {
    fn handle(&mut self, message: Message) {
        match message {
            Message::Open(tap, at) => {
                self.open(&tap, at);
            }
            Message::Packet(captured) => self.packet(&captured),
            Message::Flush(tap, done) => {
                if let Some(open) = self.open.get_mut(&tap.key) {
                    open.flush();
                }
                // Whoever waited may have given up.
                let _ = done.send(());
            }
            Message::Close(tap, end, done) => {
                if let Some(open) = self.open.remove(&tap.key) {
                    open.close(&end);
                }
                let Some(done) = done else { return };
                if let Err(error) = self.syncer.jobs.send(SyncJob::Acknowledge(done)) {
                    tracing::error!(%error, "the syncer is gone");
                }
            }
        }
    }

    fn packet(&mut self, captured: &Captured) {
        let mut datagram = std::mem::take(&mut self.datagram);
        let packet = match &captured.packet {
            Packet::Rtp(rtp) => {
                datagram.clear();
                rtp.as_slices().into_iter().for_each(|slice| datagram.extend_from_slice(slice));
                PacketView::Rtp(rtp)
            }
            Packet::Rtcp(rtcp) => PacketView::Rtcp(rtcp),
        };
        let record = Record {
            connection: &captured.tap.capture.id,
            timestamp: captured.timestamp,
            direction: captured.direction,
            endpoints: captured.tap.endpoints,
            packet,
            missed: captured.missed,
            kept: self.files.options.kept(packet),
            datagram: match packet {
                PacketView::Rtp(_) => &datagram,
                PacketView::Rtcp(rtcp) => rtcp.as_bytes(),
            },
        };
        self.open(&captured.tap, captured.timestamp).write(&record);
        self.datagram = datagram;
    }

    /// The capture of `tap`, begun if it is new.
    fn open(&mut self, tap: &Arc<Tap>, at: Duration) -> &mut Open {
        self.open.entry(tap.key).or_insert_with(|| Open::begin(&self.files, self.syncer, tap, at))
    }

    /// Flushes what has waited, and ends captures whose interceptor has gone without a word.
    fn tidy(&mut self) {
        let gone: Vec<u64> =
            self.open.iter().filter(|(_, open)| open.life.strong_count() == 0).map(|(key, _)| *key).collect();
        for open in gone.iter().filter_map(|key| self.open.remove(key)) {
            open.abandon();
        }
        self.open.values_mut().for_each(Open::flush);
    }

    fn end(self) {
        self.open.into_values().for_each(Open::abandon);
    }
}

impl Open {
    fn begin(files: &Arc<Files>, syncer: &Syncer, tap: &Tap, at: Duration) -> Self {
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

    fn write(&mut self, record: &Record<'_>) {
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

    fn flush(&mut self) {
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

    fn close(mut self, end: &CaptureEnd) {
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

    /// Closes without knowing when it ended and what was missed at last.
    fn abandon(self) {
        let end = CaptureEnd { timestamp: self.latest, missed_incoming: 0, missed_outgoing: 0 };
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
