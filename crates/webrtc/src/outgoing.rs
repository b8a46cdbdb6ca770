//! What interceptors have made for the wire and nobody has written yet.

use std::collections::VecDeque;

use interceptor_core::Outgoing;

/// A bounded queue; the oldest go first.
#[derive(Debug)]
pub(crate) struct Waiting {
    queue: VecDeque<Outgoing>,
    bytes: usize,
    most_packets: usize,
    most_bytes: usize,
}

impl Waiting {
    pub(crate) const fn new(most_packets: usize, most_bytes: usize) -> Self {
        Self { queue: VecDeque::new(), bytes: 0, most_packets, most_bytes }
    }

    /// Adds a packet; returns how many had to go for it.
    pub(crate) fn push(&mut self, packet: Outgoing) -> u64 {
        let mut dropped = 0;
        let bytes = len(&packet);
        while self.queue.len() >= self.most_packets || self.bytes + bytes > self.most_bytes {
            let Some(oldest) = self.queue.pop_front() else { break };
            self.bytes -= len(&oldest);
            dropped += 1;
        }
        self.bytes += bytes;
        self.queue.push_back(packet);
        dropped
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Everything, in order.
    pub(crate) fn take(&mut self) -> VecDeque<Outgoing> {
        self.bytes = 0;
        std::mem::take(&mut self.queue)
    }
}

fn len(packet: &Outgoing) -> usize {
    match packet {
        Outgoing::Rtp(packet) => packet.total_len(),
        Outgoing::Rtcp(packet) => packet.len(),
    }
}
