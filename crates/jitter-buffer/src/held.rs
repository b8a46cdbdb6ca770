//! What waits, in order of number.

use std::collections::VecDeque;

use interceptor_core::packet::RtpPacket;

/// A packet that waits.
#[derive(Debug)]
pub(crate) struct Held {
    /// On a line that does not end.
    pub(crate) number: i64,
    /// When it is to leave, and when it came: nanoseconds since the connection's start.
    pub(crate) due: i64,
    pub(crate) arrival: i64,
    pub(crate) packet: RtpPacket,
}

impl Held {
    /// What it counts for the limits: its bytes, and itself.
    pub(crate) fn bytes(&self) -> usize {
        self.packet.total_len() + size_of::<Self>()
    }
}

/// Packets in order, each number once. Grows as it is needed, and keeps its size; holes take no room.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    packets: VecDeque<Held>,
    bytes: usize,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.packets.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<&Held> {
        self.packets.front()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Held> {
        self.packets.iter()
    }

    pub(crate) fn pop(&mut self) -> Option<Held> {
        let held = self.packets.pop_front()?;
        self.bytes -= held.bytes();
        Some(held)
    }

    /// Puts a packet in its place. `false`: its number is there already, and it is gone.
    #[inline]
    pub(crate) fn insert(&mut self, held: Held) -> bool {
        let bytes = held.bytes();
        let fits = if self.packets.back().is_none_or(|last| last.number < held.number) {
            self.packets.push_back(held);
            true
        } else {
            self.insert_before(held)
        };
        self.bytes += if fits { bytes } else { 0 };
        fits
    }

    #[cold]
    fn insert_before(&mut self, mut held: Held) -> bool {
        let Err(place) = self.packets.binary_search_by_key(&held.number, |other| other.number) else {
            return false;
        };
        // What was missing never holds up what came in its time.
        if let Some(next) = self.packets.get(place) {
            held.due = held.due.min(next.due);
        }
        self.packets.insert(place, held);
        true
    }
}

const _: () = assert!(size_of::<Held>() <= 168, "as documented, of what waits");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_in_order_whatever_the_order_of_coming() {
        let held = |number, due| Held { number, due, arrival: 0, packet: RtpPacket::default() };
        let mut queue = Queue::default();
        for (number, due) in [(5, 50), (7, 70), (6, 99), (1, 10), (9, 90)] {
            assert!(queue.insert(held(number, due)));
        }
        assert!(!queue.insert(held(6, 0)));
        assert_eq!(queue.bytes(), 5 * held(0, 0).bytes());
        let left: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|held| (held.number, held.due)).collect();
        assert_eq!(left, [(1, 10), (5, 50), (6, 70), (7, 70), (9, 90)]);
        assert_eq!(queue.bytes(), 0);
    }
}
