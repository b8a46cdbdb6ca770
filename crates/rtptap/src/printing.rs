//! Text printed by a thread of its own: who prints never waits for who reads.
//!
//! A reader that stops (Ctrl-S, a pager, a pipe that nobody empties) holds up this thread and nothing else. What finds no
//! room is left out and counted; the count is printed where the texts would have been.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Texts that wait for a reader.
const MAX_TEXTS: usize = 256;

/// Their bytes; a single text may be longer.
const MAX_BYTES: usize = 1 << 20;

/// Bytes written in one go: what pipes take at once (POSIX `PIPE_BUF` on Linux), so that each shows that somebody reads.
const CHUNK: usize = 4096;

/// How long [`Printer::finish`] waits for a reader that does not read: for two of them it is less than a second.
const IDLE: Duration = Duration::from_millis(400);

/// How often it waits so long for one that reads, however slowly.
const MAX_WAITS: usize = 10;

/// Pause before a descriptor that does not block is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// Prints texts in order. Clones print to the same place.
#[derive(Clone, Debug)]
pub(crate) struct Printer(Arc<Shared>);

/// How a printer speaks of itself.
pub(crate) struct Wording<F> {
    /// The line that stands for so many texts that were left out.
    pub(crate) left_out: fn(u64) -> String,
    /// Is told, once and from the printer's thread, why nothing can be printed any more.
    pub(crate) closed: F,
}

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    /// Something was printed, written or given up.
    changed: Condvar,
    left_out_line: fn(u64) -> String,
}

#[derive(Debug, Default)]
struct Queue {
    texts: VecDeque<String>,
    /// Of the texts and of the one being written.
    bytes: usize,
    left_out: u64,
    /// Chunks written so far.
    progress: u64,
    /// Nothing can be written any more.
    closed: bool,
}

impl Printer {
    /// Prints to `sink`, which may block.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn spawn<F: FnOnce(&io::Error) + Send + 'static>(
        name: &str,
        sink: impl Write + Send + 'static,
        wording: Wording<F>,
    ) -> io::Result<Self> {
        let Wording { left_out, closed } = wording;
        let shared =
            Arc::new(Shared { queue: Mutex::default(), changed: Condvar::new(), left_out_line: left_out });
        let of_thread = Arc::clone(&shared);
        // Ends with the process: a write that blocks cannot be called off.
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            if let Err(error) = of_thread.write_to(sink) {
                of_thread.close();
                closed(&error);
            }
        })?;
        Ok(Self(shared))
    }

    /// Prints a text, or leaves it out when too much waits already.
    pub(crate) fn print(&self, text: String) {
        let mut queue = self.0.lock();
        let full =
            queue.texts.len() >= MAX_TEXTS || (queue.bytes > 0 && queue.bytes + text.len() > MAX_BYTES);
        if full {
            queue.left_out += 1;
            return;
        }
        self.0.accept(queue, text);
    }

    /// Prints a text that must not be left out, however much waits.
    pub(crate) fn print_last(&self, text: String) {
        self.0.accept(self.0.lock(), text);
    }

    /// Waits until everything is written, but not for a reader that has stopped reading. Was it?
    pub(crate) fn finish(&self) -> bool {
        let mut queue = self.0.lock();
        for _ in 0..MAX_WAITS {
            let before = queue.progress;
            let waiting = |queue: &mut Queue| !queue.is_over() && queue.progress == before;
            let waited = self.0.changed.wait_timeout_while(queue, IDLE, waiting);
            let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            queue = after;
            if queue.is_over() || timeout.timed_out() {
                break;
            }
        }
        queue.is_over()
    }
}

impl Shared {
    fn accept(&self, mut queue: MutexGuard<'_, Queue>, text: String) {
        if queue.closed || text.is_empty() {
            return;
        }
        let left_out = std::mem::take(&mut queue.left_out);
        let notice = (left_out > 0).then(|| (self.left_out_line)(left_out));
        for text in notice.into_iter().chain([text]) {
            queue.bytes += text.len();
            queue.texts.push_back(text);
        }
        self.changed.notify_all();
    }

    /// Until nothing can be written any more.
    fn write_to(&self, mut sink: impl Write) -> io::Result<()> {
        loop {
            let text = self.next();
            for chunk in text.as_bytes().chunks(CHUNK) {
                write_all(&mut sink, chunk)?;
                self.note(|queue| queue.progress += 1);
            }
            retried(|| sink.flush())?;
            self.note(|queue| queue.bytes -= text.len());
        }
    }

    fn next(&self) -> String {
        let mut queue = self.lock();
        loop {
            if let Some(text) = queue.texts.pop_front() {
                return text;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        self.note(|queue| *queue = Queue { closed: true, ..Queue::default() });
    }

    fn note(&self, change: impl FnOnce(&mut Queue)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_over(&self) -> bool {
        self.bytes == 0
    }
}

fn write_all(sink: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = retried(|| sink.write(bytes))?;
        let Some(rest) = bytes.get(written..).filter(|_| written > 0) else {
            return Err(ErrorKind::WriteZero.into());
        };
        bytes = rest;
    }
    Ok(())
}

/// A terminal or pipe may have been set not to block by somebody who shares it.
fn retried<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::park_timeout(RETRY),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

    use super::*;

    /// Takes a write when the test reads it.
    struct Pipe(SyncSender<String>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.0.send(text).map_err(|_| ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn printer() -> (Printer, Receiver<String>, Receiver<ErrorKind>) {
        let (sink, read) = sync_channel(0);
        let (told, closed): (Sender<ErrorKind>, _) = channel();
        let wording = Wording {
            left_out: |count| format!("{count} left out\n"),
            closed: move |error: &io::Error| told.send(error.kind()).unwrap(),
        };
        (Printer::spawn("test", Pipe(sink), wording).unwrap(), read, closed)
    }

    #[test]
    fn who_prints_never_waits_and_what_is_left_out_is_counted_in_its_place() {
        let (printer, read, _) = printer();
        // The first may be in the thread's hands already, which leaves room for one more.
        let count = MAX_TEXTS + 10;
        (0..count).for_each(|number| printer.print(format!("{number}\n")));
        let mut texts = vec![read.recv().unwrap()];
        while texts.len() < MAX_TEXTS {
            texts.push(read.recv().unwrap());
        }
        printer.print("after\n".to_owned());
        let rest: Vec<String> =
            read.iter().scan((), |(), text| (text != "after\n").then_some(text)).collect();
        texts.extend(rest);
        let notice = texts.pop().unwrap();
        let numbers: Vec<String> = (0..texts.len()).map(|number| format!("{number}\n")).collect();
        assert_eq!(texts, numbers);
        assert_eq!(notice, format!("{} left out\n", count - texts.len()));
        assert!(printer.finish());
    }

    #[test]
    fn bytes_are_bounded_and_one_long_text_is_taken_all_the_same() {
        let (printer, read, _) = printer();
        printer.print("a".repeat(2 * MAX_BYTES));
        printer.print("left out".to_owned());
        printer.print_last("the end".to_owned());
        let mut printed = String::new();
        while !printed.ends_with("the end") {
            printed += &read.recv().unwrap();
        }
        assert_eq!(printed.len(), 2 * MAX_BYTES + "1 left out\n".len() + "the end".len());
        assert!(printer.finish());
    }

    #[test]
    fn a_reader_that_has_stopped_is_not_waited_for() {
        let (printer, _read, _) = printer();
        printer.print_last("nobody reads this".to_owned());
        assert!(!printer.finish());
    }

    #[test]
    fn a_reader_that_has_gone_is_told_of_once_and_costs_nothing() {
        let (printer, read, closed) = printer();
        drop(read);
        printer.print("a".to_owned());
        assert_eq!(closed.recv(), Ok(ErrorKind::BrokenPipe));
        printer.print("b".to_owned());
        printer.print_last("c".to_owned());
        assert!(printer.finish());
        assert!(closed.recv().is_err(), "once");
    }

    #[test]
    fn a_sink_that_does_not_block_is_tried_again() {
        struct Reluctant(Sender<String>, bool);
        impl Write for Reluctant {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(ErrorKind::WouldBlock.into());
                }
                let part = bytes.get(..2).unwrap_or(bytes);
                self.0.send(String::from_utf8_lossy(part).into_owned()).unwrap();
                Ok(part.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let (sink, read) = channel();
        let wording = Wording { left_out: |count| count.to_string(), closed: |_: &io::Error| {} };
        let printer = Printer::spawn("test", Reluctant(sink, false), wording).unwrap();
        printer.print("abcde".to_owned());
        assert!(printer.finish());
        assert_eq!(read.try_iter().collect::<String>(), "abcde");
    }
}
