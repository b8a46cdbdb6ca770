//! Datagrams that wait to be sent, one behind the other in one buffer.

use std::collections::VecDeque;
use std::net::SocketAddr;

use interceptor_packet::Ecn;

use super::spare;

/// Buffers larger than this are given back once they are empty: a burst must not stay in memory.
const KEEP_BYTES: usize = 128 * 1024;

/// Datagrams in the order in which they must leave. They lie in one buffer, which an empty queue lends to the others of its thread:
/// queueing does not allocate once it has grown, and datagrams of one size can be sent in one system call.
#[derive(Debug, Default)]
pub struct SendQueue {
    bytes: Vec<u8>,
    /// Where the first datagram starts.
    start: usize,
    packets: VecDeque<Packet>,
    /// Where those packets go that do not go to the peer, in their order. Apart: there are few.
    addresses: VecDeque<SocketAddr>,
    /// Datagrams discarded since this was last asked, and their bytes.
    discarded: (usize, usize),
}

#[derive(Clone, Copy, Debug)]
struct Packet {
    len: usize,
    ecn: Option<Ecn>,
    /// It goes to the first of the addresses.
    addressed: bool,
    path: u8,
}

/// A datagram that is queued, with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queued<'a> {
    pub(crate) bytes: &'a [u8],
    /// The ECN bits that it asks for.
    pub(crate) ecn: Option<Ecn>,
    /// Where it goes; `None`: to the peer.
    pub(crate) to: Option<SocketAddr>,
    /// Which of several networks it leaves by.
    pub(crate) path: u8,
}

/// Datagrams from the front of a [`SendQueue`] that can leave in one system call with segmentation offload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The datagrams one behind the other.
    pub bytes: &'a [u8],
    /// The length of each, in bytes; the last may be shorter.
    pub segment: usize,
    /// How many they are, at least 1.
    pub count: usize,
    /// The ECN bits that they ask for; `None`: none.
    pub ecn: Option<Ecn>,
    /// Where they go; `None`: to the peer.
    pub to: Option<SocketAddr>,
}

impl Run<'_> {
    /// The datagrams, in order.
    pub fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        // An empty datagram is alone, and there all the same.
        let empty = self.bytes.is_empty().then_some(self.bytes);
        empty.into_iter().chain(self.bytes.chunks(self.segment.max(1)))
    }
}

impl SendQueue {
    /// An empty queue.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            packets: VecDeque::new(),
            addresses: VecDeque::new(),
            discarded: (0, 0),
        }
    }

    /// Adds a datagram made of `parts`.
    #[inline]
    pub fn push(&mut self, parts: &[&[u8]], ecn: Option<Ecn>) {
        self.push_over(parts, ecn, 0);
    }

    /// [`push`](Self::push), of one that leaves by this path.
    #[inline]
    pub(crate) fn push_over(&mut self, parts: &[&[u8]], ecn: Option<Ecn>, path: u8) {
        self.have_buffer();
        let before = self.bytes.len();
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.packets.push_back(Packet { len: self.bytes.len() - before, ecn, addressed: false, path });
    }

    /// Adds a datagram that goes to this address and not to the peer. Only a transport that
    /// [says that it can](crate::TransportSender::can_send_to) is given such.
    pub fn push_to(&mut self, datagram: &[u8], to: SocketAddr) {
        self.have_buffer();
        self.bytes.extend_from_slice(datagram);
        self.packets.push_back(Packet { len: datagram.len(), ecn: None, addressed: true, path: 0 });
        self.addresses.push_back(to);
    }

    /// Adds one that is another's, as it is there.
    pub(crate) fn push_any(&mut self, Queued { bytes, ecn, to, path }: Queued<'_>) {
        // A queue that is never empty must not keep what has left it.
        if self.start > self.bytes.len() / 2 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        match to {
            Some(to) => self.push_to(bytes, to),
            None => self.push_over(&[bytes], ecn, path),
        }
    }

    /// Adds all of another queue, which is empty then.
    pub(crate) fn append(&mut self, other: &mut Self) {
        other.iter().for_each(|queued| self.push_any(queued));
        other.pop(other.len());
    }

    /// All datagrams.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Queued<'_>> {
        let (mut at, mut addresses) = (self.start, self.addresses.iter());
        self.packets.iter().map(move |packet| {
            let bytes = self.bytes.get(at..at + packet.len).unwrap_or_default();
            at += packet.len;
            let to = if packet.addressed { addresses.next().copied() } else { None };
            Queued { bytes, ecn: packet.ecn, to, path: packet.path }
        })
    }

    /// Where the first datagram goes; `None`: to the peer.
    #[must_use]
    pub fn front_to(&self) -> Option<SocketAddr> {
        self.packets.front().filter(|packet| packet.addressed).and_then(|_| self.addresses.front().copied())
    }

    /// The first datagram.
    #[inline]
    #[must_use]
    pub fn front(&self) -> Option<&[u8]> {
        self.packets.front().map(|packet| self.slice(packet.len))
    }

    /// As many datagrams from the front as can leave together: to the peer, of one length, but for the last, with the same ECN
    /// bits, at most `max_count` and at most `max_bytes` in all; never less than one. One that goes elsewhere leaves alone.
    #[inline]
    #[must_use]
    pub fn run(&self, max_count: usize, max_bytes: usize) -> Option<Run<'_>> {
        let &Packet { len: segment, ecn, addressed, .. } = self.packets.front()?;
        let (mut count, mut len) = (1, segment);
        if addressed {
            return Some(Run { bytes: self.slice(len), segment, count, ecn, to: self.front_to() });
        }
        for packet in self.packets.iter().take(max_count).skip(1) {
            // An empty datagram cannot be told from none.
            let fits = packet.len <= segment && packet.len > 0 && len + packet.len <= max_bytes;
            if !fits || packet.ecn != ecn || packet.addressed {
                break;
            }
            count += 1;
            len += packet.len;
            if packet.len < segment {
                break;
            }
        }
        Some(Run { bytes: self.slice(len), segment, count, ecn, to: None })
    }

    /// Removes the first datagram because it cannot be sent.
    pub fn discard(&mut self) {
        if let Some(packet) = self.packets.front() {
            self.discarded.0 += 1;
            self.discarded.1 += packet.len;
            self.pop(1);
        }
    }

    /// Datagrams discarded since this was last asked, and their bytes.
    pub(crate) fn take_discarded(&mut self) -> (usize, usize) {
        std::mem::take(&mut self.discarded)
    }

    /// Removes `count` datagrams from the front: they have been sent.
    #[inline]
    pub fn pop(&mut self, count: usize) {
        for packet in self.packets.drain(..count.min(self.packets.len())) {
            self.start += packet.len;
            if packet.addressed {
                self.addresses.pop_front();
            }
        }
        if self.packets.is_empty() {
            self.reset();
        }
    }

    /// Datagrams in the queue.
    #[inline]
    #[must_use]
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// Is there none?
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Their bytes in all.
    #[inline]
    #[must_use]
    pub const fn len_bytes(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    fn slice(&self, len: usize) -> &[u8] {
        self.bytes.get(self.start..self.start + len).unwrap_or_default()
    }

    #[inline]
    fn have_buffer(&mut self) {
        if self.bytes.capacity() == 0 {
            self.bytes = spare::take();
        }
    }

    #[inline]
    fn reset(&mut self) {
        self.start = 0;
        let bytes = std::mem::take(&mut self.bytes);
        if bytes.capacity() <= KEEP_BYTES {
            spare::give(bytes);
        } else {
            self.packets = VecDeque::new();
            self.addresses = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use interceptor_packet::Ecn;
    use proptest::prelude::*;

    use super::{KEEP_BYTES, SendQueue};

    fn queue(lens: &[usize]) -> SendQueue {
        let mut queue = SendQueue::new();
        lens.iter().enumerate().for_each(|(at, len)| queue.push(&[&vec![at as u8; *len]], None));
        queue
    }

    fn run(queue: &SendQueue, max_count: usize, max_bytes: usize) -> (usize, usize, usize) {
        queue
            .run(max_count, max_bytes)
            .map(|run| (run.count, run.segment, run.bytes.len()))
            .unwrap_or_default()
    }

    #[test]
    fn a_run_is_of_one_size_but_for_the_last() {
        assert_eq!(run(&queue(&[5, 5, 5, 3, 5]), 64, 1000), (4, 5, 18));
        assert_eq!(run(&queue(&[5, 6, 5]), 64, 1000), (1, 5, 5));
        assert_eq!(run(&queue(&[5, 5, 5]), 2, 1000), (2, 5, 10));
        assert_eq!(run(&queue(&[5, 5, 5]), 64, 14), (2, 5, 10));
        assert_eq!(run(&queue(&[5, 0]), 64, 1000), (1, 5, 5));
        assert_eq!(run(&queue(&[500]), 64, 100), (1, 500, 500));
        assert_eq!(run(&queue(&[]), 64, 100), (0, 0, 0));
    }

    #[test]
    fn other_ecn_bits_end_a_run() {
        let mut queue = queue(&[5]);
        queue.push(&[b"12", b"345"], Some(Ecn::Ect1));
        assert_eq!(run(&queue, 64, 1000), (1, 5, 5));
        queue.pop(1);
        assert_eq!(queue.front(), Some(&b"12345"[..]));
    }

    #[test]
    fn what_goes_elsewhere_leaves_alone_and_in_its_turn() {
        let mut queue = queue(&[5, 5]);
        let (near, far) = (([127, 0, 0, 1], 1).into(), ([192, 0, 2, 1], 2).into());
        queue.push_to(b"stun1", near);
        queue.push_to(b"stun2", far);
        queue.push(&[b"media"], None);
        let mut runs = Vec::new();
        while let Some(run) = queue.run(64, 1000) {
            assert_eq!(run.to, queue.front_to());
            let count = run.count;
            runs.push((count, run.to));
            queue.pop(count);
        }
        assert_eq!(runs, [(2, None), (1, Some(near)), (1, Some(far)), (1, None)]);
    }

    #[test]
    fn what_has_left_a_queue_that_is_never_empty_does_not_stay_in_memory() {
        let mut all = queue(&[100]);
        for round in 0..10_000_u32 {
            let mut other = SendQueue::new();
            other.push(&[&round.to_be_bytes(), &[0; 96]], None);
            all.append(&mut other);
            assert!(other.is_empty());
            all.pop(1);
        }
        assert_eq!(all.front().map(<[u8]>::len), Some(100));
        assert_eq!(all.front().and_then(|front| front.first_chunk()), Some(&9_999_u32.to_be_bytes()));
        assert!(all.bytes.capacity() < 1000, "{}", all.bytes.capacity());
    }

    #[test]
    fn a_burst_does_not_stay_in_memory() {
        let mut queue = queue(&[KEEP_BYTES, 1]);
        queue.pop(2);
        assert_eq!((queue.bytes.capacity(), queue.packets.capacity(), queue.len_bytes()), (0, 0, 0));
    }

    proptest! {
        /// What goes in comes out, in order, whatever the runs.
        #[test]
        fn runs_cover_the_queue(lens in prop::collection::vec(0..6_usize, 0..40), max in 1..9_usize) {
            let mut queue = queue(&lens);
            let all: Vec<u8> = lens.iter().enumerate().flat_map(|(at, len)| vec![at as u8; *len]).collect();
            let (mut seen, mut count) = (Vec::new(), 0);
            while let Some(run) = queue.run(max, 12) {
                prop_assert!(run.count <= max);
                seen.extend_from_slice(run.bytes);
                count += run.count;
                let done = run.count;
                queue.pop(done);
            }
            prop_assert_eq!((seen, count, queue.len_bytes()), (all, lens.len(), 0));
        }
    }
}
