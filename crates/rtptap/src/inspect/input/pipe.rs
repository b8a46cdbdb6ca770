//! A pipe that may be silent for as long as it likes: it is read on a thread, so that clocks and signals are heard meanwhile.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::event::Event;
use super::interrupt::Interrupt;

/// What a writer that ends by the same Ctrl-C hands over at last is waited for so long: tcpdump writes what it has kept back
/// when it ends.
const GRACE: Duration = Duration::from_millis(300);
/// As much as a pipe holds on Linux.
const CHUNK: usize = 64 * 1024;
/// Chunks on their way: while one is looked into, the next is read.
const CHUNKS: usize = 4;

/// Where a pipe comes from.
#[derive(Debug)]
pub(super) enum Origin {
    Stdin,
    Path(PathBuf),
}

/// The reading end. What it has given when it ends depends on the writer, or on the user: see [`Interrupt`].
#[derive(Debug)]
pub(in crate::inspect) struct Pipe {
    events: Receiver<Event>,
    spent: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
    end: usize,
    ended: bool,
    /// When waiting for the writer's last words ends.
    until: Option<Instant>,
}

impl Pipe {
    /// Opens it; `None`: a signal came first. A named pipe opens when there is a writer, which may be never.
    pub(super) fn open(origin: Origin, interrupt: &Arc<Interrupt>) -> io::Result<Option<Self>> {
        let (to, events) = channel();
        let (spent, empty) = channel();
        interrupt.wake(to.clone());
        thread::Builder::new().name("pipe".to_owned()).spawn(move || pump(origin, &to, &empty))?;
        for _ in 0..CHUNKS {
            // The other end is there: the thread waits for these.
            let _ = spent.send(vec![0; CHUNK]);
        }
        match events.recv() {
            Ok(Event::Opened(Ok(()))) => {
                Ok(Some(Self { events, spent, chunk: Vec::new(), at: 0, end: 0, ended: false, until: None }))
            }
            Ok(Event::Opened(Err(error))) => Err(error),
            _ => Ok(None),
        }
    }

    /// As [`Read::read`], but gives up at `deadline`: `None`.
    #[expect(clippy::disallowed_methods, reason = "the user waits in real time")]
    pub(in crate::inspect) fn read_until(
        &mut self,
        room: &mut [u8],
        deadline: Option<Instant>,
    ) -> Option<io::Result<usize>> {
        while self.at == self.end && !self.ended {
            let now = Instant::now();
            let wait = [deadline, self.until].into_iter().flatten().min();
            let event = match wait {
                None => self.events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(at) => self.events.recv_timeout(at.saturating_duration_since(now)),
            };
            match event {
                Ok(Event::Bytes(chunk, len)) => self.take(chunk, len),
                Ok(Event::Stop) => self.until = Some(now + GRACE),
                Ok(Event::End(Some(error))) => {
                    self.ended = true;
                    return Some(Err(error));
                }
                Ok(Event::Opened(_)) => {}
                Ok(Event::End(None)) | Err(RecvTimeoutError::Disconnected) => self.ended = true,
                Err(RecvTimeoutError::Timeout) => {
                    if self.until.is_none_or(|until| Instant::now() < until) {
                        return None;
                    }
                    self.ended = true;
                }
            }
            // A writer that never pauses is not waited for, either.
            self.ended |= self.until.is_some_and(|until| Instant::now() >= until);
        }
        let some = self.chunk.get(self.at..self.end).unwrap_or_default();
        let len = some.len().min(room.len());
        if let (Some(from), Some(to)) = (some.get(..len), room.get_mut(..len)) {
            to.copy_from_slice(from);
        }
        self.at += len;
        Some(Ok(len))
    }

    fn take(&mut self, chunk: Vec<u8>, len: usize) {
        let old = std::mem::replace(&mut self.chunk, chunk);
        (self.at, self.end) = (0, len);
        if !old.is_empty() {
            // A thread that has ended needs no buffers.
            let _ = self.spent.send(old);
        }
    }
}

/// Reads until the end, or until nobody listens any more.
fn pump(origin: Origin, to: &Sender<Event>, empty: &Receiver<Vec<u8>>) {
    let opened: io::Result<Box<dyn Read>> = match origin {
        Origin::Stdin => Ok(Box::new(io::stdin())),
        Origin::Path(path) => File::open(path).map(|file| Box::new(file) as Box<dyn Read>),
    };
    let (opened, reader) = match opened {
        Ok(reader) => (Ok(()), Some(reader)),
        Err(error) => (Err(error), None),
    };
    if to.send(Event::Opened(opened)).is_err() {
        return;
    }
    let Some(mut reader) = reader else { return };
    for mut chunk in empty {
        let event = loop {
            match reader.read(&mut chunk) {
                Ok(0) => break Event::End(None),
                Ok(len) => break Event::Bytes(chunk, len),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => break Event::End(Some(error)),
            }
        };
        let over = matches!(event, Event::End(_));
        if to.send(event).is_err() || over {
            return;
        }
    }
}
