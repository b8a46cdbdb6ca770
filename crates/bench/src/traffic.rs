//! The packets that every contender gets: 1200-byte payload, one-byte extension 5, 90 kHz, four a millisecond.

use std::time::{Duration, Instant};

use bytes::Bytes;

/// The header extension that incoming packets carry.
pub const EXTENSION_ID: u8 = 5;
/// Its value.
pub const EXTENSION: [u8; 2] = [0x12, 0x34];
/// The payload type of the media.
pub const PAYLOAD_TYPE: u8 = 96;
/// Payload bytes of each packet.
pub const PAYLOAD_LEN: usize = 1200;
/// Virtual time between packets: 1 ms for four.
const SPACING: Duration = Duration::from_micros(250);

/// Where a packet stands in the traffic.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Which stream, from 0.
    pub stream: u32,
    /// Its sequence number.
    pub sequence_number: u16,
    /// Its timestamp, 90 kHz.
    pub timestamp: u32,
    /// When it is handled.
    pub at: Instant,
}

/// An endless sequence of packets, the streams in turn.
#[derive(Clone, Debug)]
pub struct Traffic {
    streams: u32,
    next: u64,
    start: Instant,
    /// Every `n`th packet is left out, pseudo-randomly; 0 for none.
    loss_one_in: u64,
    payload: Bytes,
}

impl Traffic {
    /// Traffic of so many streams that starts at an instant.
    #[must_use]
    pub fn new(streams: u32, start: Instant) -> Self {
        Self { streams, next: 0, start, loss_one_in: 0, payload: Bytes::from(vec![0x5a; PAYLOAD_LEN]) }
    }

    /// Leaves out one packet of `one_in`, at random but the same in each run.
    #[must_use]
    pub const fn with_loss(mut self, one_in: u64) -> Self {
        self.loss_one_in = one_in;
        self
    }

    /// The payload, shared.
    #[must_use]
    pub fn payload(&self) -> Bytes {
        self.payload.clone()
    }

    fn is_lost(&self, index: u64) -> bool {
        self.loss_one_in > 0
            && (index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).is_multiple_of(self.loss_one_in)
    }
}

impl Iterator for Traffic {
    type Item = Place;

    fn next(&mut self) -> Option<Place> {
        loop {
            let index = self.next;
            self.next += 1;
            if self.is_lost(index) {
                continue;
            }
            let number = index / u64::from(self.streams);
            return Some(Place {
                stream: (index % u64::from(self.streams)) as u32,
                sequence_number: number as u16,
                timestamp: (number as u32).wrapping_mul(3000),
                at: self.start + SPACING * (index as u32),
            });
        }
    }
}
