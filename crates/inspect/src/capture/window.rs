//! A byte stream seen through a buffer that knows its place in the file.

use std::io::{ErrorKind, Read};

/// The buffer begins with this length, and grows while there is more to read, to twice what was asked for: then a byte is
/// moved about once, however little is consumed at a time.
const LEAST: usize = 8 * 1024;
/// Long files are read this many bytes at once.
const CHUNK: usize = 256 * 1024;

/// The bytes from the present place on, as many as were asked for.
#[derive(Debug)]
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Place of `start` in the file.
    offset: u64,
    ended: bool,
    failure: Option<std::io::Error>,
}

impl<R: Read> Window<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, end: 0, offset: 0, ended: false, failure: None }
    }

    pub(super) const fn reader(&self) -> &R {
        &self.reader
    }

    /// Where the window begins, in bytes from the start of the file.
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// What is buffered; more after [`want`](Self::want).
    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The error that ended the file before its end.
    pub(super) const fn take_failure(&mut self) -> Option<std::io::Error> {
        self.failure.take()
    }

    /// Tries to have `len` bytes buffered. `false`: the file has fewer; all it has are buffered.
    #[inline]
    pub(super) fn want(&mut self, len: usize) -> bool {
        self.end - self.start >= len || self.read_to(len)
    }

    #[cold]
    fn read_to(&mut self, len: usize) -> bool {
        while self.end - self.start < len && !self.ended {
            if self.end == self.buffer.len() {
                self.make_room(len);
            }
            let Some(room) = self.buffer.get_mut(self.end..) else { break };
            match self.reader.read(room) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end = (self.end + read).min(self.buffer.len()),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
            }
        }
        self.end - self.start >= len
    }

    /// Makes room behind the end: what has been consumed, else more.
    fn make_room(&mut self, len: usize) {
        if self.start > 0 && 2 * self.start >= self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            let room = (2 * self.end).clamp(LEAST, (2 * len).max(CHUNK));
            self.buffer.resize(room, 0);
        }
    }

    /// Moves on by `len` of the buffered bytes.
    #[inline]
    pub(super) fn consume(&mut self, len: usize) {
        let len = len.min(self.end - self.start);
        self.start += len;
        self.offset += len as u64;
    }

    /// Moves on to the end of what is buffered.
    pub(super) fn consume_all(&mut self) {
        self.consume(self.end - self.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that never ends.
    struct Zeros;

    impl Read for Zeros {
        fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
            room.fill(0);
            Ok(room.len())
        }
    }

    #[test]
    fn much_wanted_and_little_consumed_moves_few_bytes_and_keeps_the_buffer_small() {
        const WANTED: usize = 1 << 20;
        let mut window = Window::new(Zeros);
        let mut rooms = 0;
        for _ in 0..3 * WANTED / 64 {
            rooms += usize::from(window.end - window.start < WANTED && window.end == window.buffer.len());
            assert!(window.want(WANTED) && window.bytes().len() >= WANTED);
            window.consume(64);
        }
        assert!(window.buffer.len() <= 2 * WANTED && rooms < 10, "{} {rooms}", window.buffer.len());
    }

    #[test]
    fn gives_what_there_is_and_knows_where_it_stands() {
        let mut window = Window::new(&[1u8, 2, 3, 4, 5][..]);
        assert!(window.want(2) && window.bytes().starts_with(&[1, 2]));
        window.consume(3);
        assert_eq!((window.offset(), window.want(3), window.bytes()), (3, false, &[4, 5][..]));
        window.consume(100);
        assert_eq!((window.offset(), window.bytes().len()), (5, 0));
    }
}
