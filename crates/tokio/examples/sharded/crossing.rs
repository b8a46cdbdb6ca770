//! The way of a source's packets to the other cores: once a core, whatever number of viewers there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Batches that wait for a core. One that is further behind than that has no use for what it missed: a viewer shall see what is
/// going on now. A batch is at most [`BATCH`] packets.
const WAITING: usize = 16;

/// Packets that are handed on together.
pub(crate) const BATCH: usize = 64;

pub(crate) type Batch = Vec<RtpPacket>;

/// The ends of all cores.
#[derive(Default)]
pub(crate) struct Crossing {
    cores: Vec<Sender<Batch>>,
    /// Packets for which a core had no room.
    left_out: Arc<AtomicU64>,
}

impl Crossing {
    /// One more core.
    pub(crate) fn join(&mut self) -> Receiver<Batch> {
        let (sender, receiver) = channel(WAITING);
        self.cores.push(sender);
        receiver
    }

    pub(crate) fn left_out(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.left_out)
    }

    /// Hands a copy to each core, and never waits: a slow core costs its own viewers something, and no others.
    pub(crate) fn hand_on(&self, packets: &[RtpPacket]) {
        for core in &self.cores {
            match core.try_reserve() {
                Ok(place) => place.send(packets.iter().filter_map(copy).collect()),
                Err(_) => drop(self.left_out.fetch_add(packets.len() as u64, Relaxed)),
            }
        }
    }
}

/// With bytes of its own: each viewer's history counts its references to them, and a count that two cores write goes to and fro
/// between their caches.
fn copy(packet: &RtpPacket) -> Option<RtpPacket> {
    // What was read once is read again.
    RtpPacket::parse(Bytes::copy_from_slice(&packet.to_bytes())).ok()
}
