//! Where the packets of a leg become blocks, on the capture's thread: it may wait for the client, and media does not wait for it.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_pcap_dump::{CaptureEnd, PacketSink, PcapDumpHandle, Record};
use tokio::sync::{Notify, mpsc};

use super::blocks::{Blocks, LegCount, way};
use super::places::Place;
use crate::relay::control::generated::CaptureResponse;
use crate::relay::wire::Peers;

/// Blocks are sent once there are so many bytes of them, or when the capture is flushed.
const ENOUGH_BYTES: usize = 16 << 10;

/// What the legs of one capture write into.
pub(super) struct Section {
    blocks: Blocks,
    /// The capture's until the last of its packets is on its way, however long the client lets them wait. Above `messages`, so that there is
    /// room for another capture when the client sees this one end.
    place: Place,
    messages: mpsc::Sender<CaptureResponse>,
    most: u64,
    /// Said once [`most`](Self::most) are there.
    full: Arc<Notify>,
}

/// Of several threads one at a time has something to write; in truth there is one thread.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<Section>>);

impl Shared {
    /// `most` 0: no bound.
    pub(super) fn new(
        place: Place,
        blocks: Blocks,
        messages: mpsc::Sender<CaptureResponse>,
        most: u64,
        full: Arc<Notify>,
    ) -> Self {
        Self(Arc::new(Mutex::new(Section { blocks, place, messages, most, full })))
    }

    /// What counts those that find no room.
    pub(super) fn count_with(&self, queue: PcapDumpHandle) {
        self.lock().place.tally().count_with(queue);
    }

    /// What has been made so far, to be sent first.
    pub(super) fn head(&self) -> CaptureResponse {
        self.lock().message()
    }

    fn lock(&self) -> MutexGuard<'_, Section> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Section {
    fn message(&mut self) -> CaptureResponse {
        let tally = self.place.tally();
        let (packets, dropped) = (tally.packets(), tally.dropped());
        CaptureResponse { pcapng: self.blocks.take().into(), packets, dropped }
    }

    /// Waits for room, so that packets wait in the queue before this, and are dropped there.
    fn send(&mut self) {
        let message = self.message();
        // A client that has gone is no failure of the capture, which ends as soon as that is seen.
        let _ = self.messages.blocking_send(message);
    }

    /// As many as there may be, or nobody there to get more.
    fn is_over(&self) -> bool {
        self.is_full() || self.messages.is_closed()
    }

    fn is_full(&self) -> bool {
        self.most > 0 && self.place.tally().packets() >= self.most
    }
}

/// One leg of a capture.
pub(super) struct LegSink {
    pub(super) section: Shared,
    /// Its number in the section.
    pub(super) number: u32,
    pub(super) peers: Arc<Peers>,
    pub(super) counts: [LegCount; 2],
}

impl PacketSink for LegSink {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut section = self.section.lock();
        if section.is_over() {
            return Ok(());
        }
        let mut record = *record;
        if let Some(peer) = self.peers.media().filter(|peer| fits(*peer, &record)) {
            record.endpoints.remote = peer;
        }
        section.blocks.packet(self.number, &record)?;
        section.place.tally().add_packet();
        if let Some(count) = self.counts.get_mut(way(record.direction) as usize) {
            count.taken += 1;
            count.missed += record.missed;
        }
        if section.is_full() {
            section.full.notify_one();
        }
        if section.blocks.len() >= ENOUGH_BYTES {
            section.send();
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut section = self.section.lock();
        if section.blocks.len() > 0 {
            section.send();
        }
        Ok(())
    }

    fn close(&mut self, end: &CaptureEnd) -> io::Result<()> {
        let mut section = self.section.lock();
        section.blocks.end(self.number, &self.counts, end)?;
        section.send();
        Ok(())
    }
}

/// Both addresses of a packet are of one family.
fn fits(peer: SocketAddr, record: &Record<'_>) -> bool {
    peer.is_ipv4() == record.endpoints.local.is_ipv4()
}
