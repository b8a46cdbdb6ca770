//! A sink that remembers what it was given.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::{Origin, RtpPacket};
use interceptor_pcap_dump::{CaptureEnd, Direction, PacketSink, PcapDumpOptions, Record};

/// What a sink was given of one packet.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) connection: String,
    pub(crate) timestamp: Duration,
    pub(crate) direction: Direction,
    pub(crate) data: Vec<u8>,
    pub(crate) missed: u64,
    pub(crate) origin: Origin,
    pub(crate) source: SocketAddr,
}

/// A sink that remembers.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Shared>);

#[derive(Default)]
struct Shared {
    seen: Mutex<Seen>,
    ended: Condvar,
}

#[derive(Default)]
struct Seen {
    packets: Vec<Given>,
    ends: Vec<CaptureEnd>,
}

impl Memory {
    pub(crate) fn given(&self) -> Vec<Given> {
        self.seen().packets.clone()
    }

    pub(crate) fn ends(&self) -> Vec<CaptureEnd> {
        self.seen().ends.clone()
    }

    /// Waits until a capture has ended; for ever if none does.
    pub(crate) fn wait_for_end(&self) {
        drop(self.0.ended.wait_while(self.seen(), |seen| seen.ends.is_empty()).unwrap());
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap()
    }

    /// Sequence numbers of the RTP packets.
    pub(crate) fn sequence_numbers(&self) -> Vec<u16> {
        let rtp = |given: &Given| RtpPacket::parse(Bytes::copy_from_slice(&given.data)).ok();
        self.given().iter().filter_map(rtp).map(|packet| packet.sequence_number()).collect()
    }

    pub(crate) fn options(&self) -> PcapDumpOptions {
        let memory = self.clone();
        PcapDumpOptions::default().with_sink(move |_| Ok(memory.clone()))
    }
}

impl PacketSink for Memory {
    fn write(&mut self, record: &Record<'_>) -> io::Result<()> {
        self.seen().packets.push(Given {
            connection: record.connection.to_owned(),
            timestamp: record.timestamp,
            direction: record.direction,
            data: record.data().to_vec(),
            missed: record.missed,
            origin: record.packet.info().origin,
            source: record.source(),
        });
        Ok(())
    }

    fn close(&mut self, end: &CaptureEnd) -> io::Result<()> {
        self.seen().ends.push(*end);
        self.0.ended.notify_all();
        Ok(())
    }
}
