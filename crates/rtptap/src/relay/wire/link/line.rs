//! Datagrams that wait for their time, in order: none overtakes another.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use interceptor_tokio::BatchSocket;
use tokio::time::Instant;

/// As many as may wait before a leg's socket: more find no room.
const MAX_DATAGRAMS: usize = 4096;

/// The same in bytes, of 1500 a datagram.
const MAX_BYTES: usize = MAX_DATAGRAMS * 1500;

/// One of them.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) socket: Arc<BatchSocket>,
    pub(super) to: SocketAddr,
    pub(super) datagram: Box<[u8]>,
}

impl Held {
    /// Sends it if there is room.
    pub(super) fn try_send(&self) -> io::Result<usize> {
        self.socket.try_send_to(&self.datagram, self.to)
    }
}

/// Bounded in datagrams and in bytes.
#[derive(Debug, Default)]
pub(super) struct Line {
    waiting: VecDeque<(Instant, Held)>,
    bytes: usize,
}

impl Line {
    /// `false`: there is no room. One that would be due before the last leaves with the last.
    pub(super) fn push(&mut self, due: Instant, held: Held) -> bool {
        let bytes = self.bytes + held.datagram.len();
        if self.waiting.len() >= MAX_DATAGRAMS || bytes > MAX_BYTES {
            return false;
        }
        self.bytes = bytes;
        let due = self.waiting.back().map_or(due, |(last, _)| due.max(*last));
        self.waiting.push_back((due, held));
        true
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// The first, if it is due.
    pub(super) fn first_due(&self, now: Instant) -> Option<&Held> {
        self.waiting.front().filter(|(due, _)| *due <= now).map(|(_, held)| held)
    }

    /// The first, due or not.
    pub(super) fn pop(&mut self) -> Option<Held> {
        let (_, held) = self.waiting.pop_front()?;
        self.bytes -= held.datagram.len();
        Some(held)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::UdpSocket;

    use super::*;

    async fn held(len: usize) -> Held {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (to, socket) = (socket.local_addr().unwrap(), Arc::new(BatchSocket::new(socket).unwrap()));
        Held { to, socket, datagram: vec![0; len].into() }
    }

    #[tokio::test]
    async fn none_overtakes_another_and_none_leaves_before_its_time() {
        let (mut line, start) = (Line::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        for (due, len) in [(40, 1), (20, 2), (60, 3)] {
            assert!(line.push(at(due), held(len).await));
        }
        assert_eq!((line.len(), line.bytes(), line.next_due()), (3, 6, Some(at(40))));
        assert!(line.first_due(at(39)).is_none());
        let mut left = Vec::new();
        while line.first_due(at(40)).is_some() {
            left.extend(line.pop().map(|held| held.datagram.len()));
        }
        assert_eq!((left, line.bytes()), (vec![1, 2], 3));
        assert_eq!(line.pop().map(|held| held.datagram.len()), Some(3));
        assert!(line.is_empty() && line.pop().is_none());
    }

    #[tokio::test]
    async fn a_full_line_takes_no_more_in_count_or_in_bytes() {
        let one = held(0).await;
        let of =
            |len: usize| Held { socket: Arc::clone(&one.socket), to: one.to, datagram: vec![0; len].into() };
        let now = Instant::now();
        let mut line = Line::default();
        assert_eq!((0..5000).filter(|_| line.push(now, of(1))).count(), MAX_DATAGRAMS);
        let mut line = Line::default();
        let taken = (0..5000).filter(|_| line.push(now, of(60_000))).count();
        assert_eq!(taken, MAX_BYTES / 60_000);
    }
}
