//! The way from the media path to the disk: a bounded queue, one writer thread and one syncer thread a factory.
//!
//! One queue for all of a factory's connections bounds the memory of the whole process and needs two threads whether
//! there is one connection or a thousand. The price: a sink that hangs holds up the captures of the other connections
//! (never their media).

mod intake;
mod open;
mod queue;
mod syncer;
mod thread;

use std::sync::Arc;
use std::time::Duration;
use std::{io, thread as std_thread};

use crossbeam_channel::{Receiver, Sender, bounded};
use interceptor_packet::{RtcpPacket, RtpPacket};

use crate::announce::Announcement;
use crate::file::Files;
use crate::handle::Capture;
use crate::{CaptureEnd, CaptureError, Direction, Endpoints};

pub(crate) use queue::{Queue, Refused};
pub(crate) use syncer::SyncJob;

/// A running writer thread. Dropped with the last capture that uses it: the thread then finishes what is queued.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) queue: Queue,
    /// Nothing ever comes; it disconnects when the thread has ended.
    ended: Receiver<()>,
    close_timeout: Duration,
}

/// What goes through the queue.
pub(crate) enum Message {
    /// A capture begins: make its file even if no packet ever comes.
    Open(Arc<Tap>, Duration),
    /// What is known of the streams.
    Announce(Arc<Tap>, Arc<Announcement>),
    Packet(Captured),
    /// Write what came before this; then say so.
    Flush(Arc<Tap>, Sender<()>),
    /// A capture ends; say so when its files are complete.
    Close(Arc<Tap>, CaptureEnd, Option<Sender<()>>),
}

/// Where packets come from: one connection, between the addresses of the time.
#[derive(Debug)]
pub(crate) struct Tap {
    pub(crate) key: u64,
    pub(crate) capture: Arc<Capture>,
    pub(crate) endpoints: Endpoints,
    /// Held by the interceptor and by everything of it in the queue: once it is gone, nothing more comes.
    pub(crate) life: Arc<()>,
}

/// A packet on its way to the writer.
pub(crate) struct Captured {
    pub(crate) tap: Arc<Tap>,
    /// Since 1970-01-01 00:00 UTC.
    pub(crate) timestamp: Duration,
    pub(crate) packet: Packet,
    pub(crate) direction: Direction,
    pub(crate) missed: u64,
}

pub(crate) enum Packet {
    Rtp(RtpPacket),
    Rtcp(RtcpPacket),
}

const _: () =
    assert!(size_of::<Message>() <= 208, "this many bytes times `queue_packets` are allocated at once");

/// Why a sink did not take a packet.
pub(crate) enum Failure {
    /// This packet cannot be captured, the next may.
    Skip,
    /// The capture is over.
    Stop(CaptureError),
}

impl From<CaptureError> for Failure {
    fn from(error: CaptureError) -> Self {
        Self::Stop(error)
    }
}

impl Writer {
    pub(crate) fn spawn(files: Arc<Files>) -> io::Result<Arc<Self>> {
        let options = files.options.clone();
        let (queue, receiver, working) = Queue::new(&options);
        let (alive, ended) = bounded(0);
        let jobs = syncer::spawn()?;
        std_thread::Builder::new().name("pcap-dump".into()).spawn(move || {
            thread::run(&receiver, &working, files, &jobs);
            // The syncer ends when it has done all jobs; only then is everything on the disk.
            jobs.join();
            drop(alive);
        })?;
        Ok(Arc::new(Self { queue, ended, close_timeout: options.close_timeout }))
    }
}

impl Drop for Writer {
    /// Whoever drops the last capture and ends the process finds its files complete, if the disk can be that quick.
    fn drop(&mut self) {
        self.queue.disconnect();
        let _ = self.ended.recv_timeout(self.close_timeout);
    }
}
