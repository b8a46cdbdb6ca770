//! The writer thread: takes packets off the queue and hands them to their connection's sink.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::intake::{Intake, Next};
use super::open::Open;
use super::queue::Working;
use super::syncer::Syncer;
use super::{Captured, Message, Packet, SyncJob, Tap};
use crate::file::Files;
use crate::{PacketView, Record};

/// Runs until every sender is gone and the queue is empty.
pub(super) fn run(receiver: &Receiver<Message>, working: &Working, files: Arc<Files>, syncer: &Syncer) {
    let mut intake = Intake::new(receiver, files.options.flush_interval);
    let mut desk = Desk { files, syncer, open: BTreeMap::new(), datagram: Vec::new() };
    loop {
        match intake.next(!desk.open.is_empty()) {
            Next::Message(Message::Packet(captured)) => {
                let bytes = captured.packet.wire_len();
                desk.packet(&captured);
                drop(captured);
                working.take_off(bytes);
            }
            Next::Message(message) => desk.handle(message),
            Next::Tick => desk.tidy(),
            Next::End => return desk.end(),
        }
    }
}

/// All captures under way.
struct Desk<'a> {
    files: Arc<Files>,
    syncer: &'a Syncer,
    open: BTreeMap<u64, Open>,
    /// An RTP packet in one piece.
    datagram: Vec<u8>,
}

impl Desk<'_> {
    fn handle(&mut self, message: Message) {
        match message {
            Message::Open(tap, at) => {
                self.open(&tap, at);
            }
            Message::Announce(tap, said) => self.open(&tap, said.timestamp).announce(&said),
            Message::Packet(captured) => self.packet(&captured),
            Message::Flush(tap, done) => {
                if let Some(open) = self.open.get_mut(&tap.key) {
                    open.flush();
                }
                // Whoever waited may have given up.
                let _ = done.send(());
            }
            Message::Close(tap, end, done) => {
                if let Some(open) = self.open.remove(&tap.key) {
                    open.close(&end);
                }
                let Some(done) = done else { return };
                if let Err(error) = self.syncer.jobs.send(SyncJob::Acknowledge(done)) {
                    tracing::error!(%error, "the syncer is gone");
                }
            }
        }
    }

    fn packet(&mut self, captured: &Captured) {
        let mut datagram = std::mem::take(&mut self.datagram);
        let packet = match &captured.packet {
            Packet::Rtp(rtp) => {
                datagram.clear();
                rtp.as_slices().into_iter().for_each(|slice| datagram.extend_from_slice(slice));
                PacketView::Rtp(rtp)
            }
            Packet::Rtcp(rtcp) => PacketView::Rtcp(rtcp),
        };
        let record = Record {
            connection: &captured.tap.capture.id,
            timestamp: captured.timestamp,
            direction: captured.direction,
            endpoints: captured.tap.endpoints,
            packet,
            missed: captured.missed,
            kept: self.files.options.kept(packet),
            datagram: match packet {
                PacketView::Rtp(_) => &datagram,
                PacketView::Rtcp(rtcp) => rtcp.as_bytes(),
            },
        };
        self.open(&captured.tap, captured.timestamp).write(&record);
        self.datagram = datagram;
    }

    /// The capture of `tap`, begun if it is new.
    fn open(&mut self, tap: &Arc<Tap>, at: Duration) -> &mut Open {
        self.open.entry(tap.key).or_insert_with(|| Open::begin(&self.files, self.syncer, tap, at))
    }

    /// Flushes what has waited, and ends captures whose interceptor has gone though there was no room for its word.
    fn tidy(&mut self) {
        let gone: Vec<u64> =
            self.open.iter().filter(|(_, open)| open.is_orphan()).map(|(key, _)| *key).collect();
        for open in gone.iter().filter_map(|key| self.open.remove(key)) {
            open.abandon();
        }
        self.open.values_mut().for_each(Open::flush);
    }

    fn end(self) {
        self.open.into_values().for_each(Open::abandon);
    }
}
