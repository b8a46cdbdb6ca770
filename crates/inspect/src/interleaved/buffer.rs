//! The bytes of a stream that are not understood yet: when they came, and which of them are missing.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

/// Places are counted in bytes from the start of the stream.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    bytes: Vec<u8>,
    /// The place of the first of them.
    base: u64,
    /// The place behind the last byte of each segment, and when it came.
    arrivals: VecDeque<(u64, Duration)>,
    /// Places whose bytes are missing; zeros stand for them.
    holes: VecDeque<Range<u64>>,
}

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it takes, in bytes.
    pub(super) fn cost(&self) -> usize {
        self.bytes.len()
            + self.arrivals.len() * size_of::<(u64, Duration)>()
            + self.holes.len() * size_of::<Range<u64>>()
    }

    /// Adds what came, and so many bytes that are missing behind it.
    pub(super) fn push(&mut self, since: Duration, data: &[u8], missing: usize) {
        self.bytes.extend_from_slice(data);
        let end = self.end();
        if missing > 0 {
            self.bytes.resize(self.bytes.len() + missing, 0);
            self.holes.push_back(end..self.end());
        }
        let end = self.end();
        match self.arrivals.back_mut() {
            Some((last, at)) if *at == since => *last = end,
            _ => self.arrivals.push_back((end, since)),
        }
    }

    /// Drops the first `len` bytes.
    pub(super) fn consume(&mut self, len: usize) {
        self.bytes.drain(..len.min(self.bytes.len()));
        self.base += len as u64;
        while self.arrivals.front().is_some_and(|(end, _)| *end <= self.base) {
            self.arrivals.pop_front();
        }
        while self.holes.front().is_some_and(|hole| hole.end <= self.base) {
            self.holes.pop_front();
        }
        if self.bytes.is_empty() && self.bytes.capacity() > 1 << 17 {
            self.bytes = Vec::new();
        }
    }

    pub(super) fn clear(&mut self) {
        self.consume(self.bytes.len());
        self.bytes = Vec::new();
    }

    /// When the byte at `at` came.
    pub(super) fn arrival(&self, at: usize) -> Duration {
        let place = self.base + at as u64;
        let arrival = self.arrivals.get(self.arrivals.partition_point(|(end, _)| *end <= place));
        arrival.or(self.arrivals.back()).map(|(_, since)| *since).unwrap_or_default()
    }

    /// How many of the bytes in `range` are there before the first that is missing.
    pub(super) fn present(&self, range: Range<usize>) -> usize {
        let (start, end) = (self.base + range.start as u64, self.base + range.end as u64);
        let hole = self.holes.get(self.holes.partition_point(|hole| hole.end <= start));
        let hole = hole.filter(|hole| hole.start < end);
        hole.map_or(range.len(), |hole| hole.start.saturating_sub(start) as usize)
    }

    fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }
}
