//! Several transports as one: a path each.

mod receive;
mod send;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

pub use receive::PathReceivers;
pub use send::PathSenders;

use super::{Transport, TransportReceiver, TransportSender};

/// Several transports to one peer, over different networks: a stream may leave by several at once, so that what one loses another brings
/// (SMPTE ST 2022-7, RFC 7198; `interceptor-merge` makes the copies, and merges them). Made by
/// [`SessionBuilder::path`](crate::SessionBuilder::path), or by hand to stand behind another transport.
///
/// What comes over a path has its number in [`PacketInfo::path`](interceptor_packet::PacketInfo::path). A packet leaves by the path that
/// its `PacketInfo` says, and is discarded and counted ([`discarded_sends`](crate::SessionCounters::discarded_sends)) if there is none, or
/// none any more. Datagrams that are no packets leave by path 0, those for an address too.
///
/// A path that fails is given up; the session ends when all have failed. One that takes nothing for a while keeps up to 64 datagrams, and
/// what more there is for it is discarded: it does not hold the others up. Keep
/// [`send_queue`](crate::SessionOptions::send_queue) above 64 times the number of paths.
///
/// Each path encrypts for itself: put an `SrtpTransport` around each, or what comes second over the other path is a replay.
#[derive(Default)]
pub struct Paths {
    list: Vec<Path>,
}

/// One of them, with its two halves.
struct Path {
    number: u8,
    sender: Box<dyn TransportSender>,
    receiver: Box<dyn TransportReceiver>,
    overhead: usize,
}

impl Paths {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { list: Vec::new() }
    }

    /// One more. A second one of the same number takes the place of the first.
    #[must_use]
    pub fn with<T: Transport>(mut self, path: u8, transport: T) -> Self {
        let overhead = transport.overhead();
        let (sender, receiver) = transport.split();
        self.list.retain(|other| other.number != path);
        let (sender, receiver) = (Box::new(sender), Box::new(receiver));
        self.list.push(Path { number: path, sender, receiver, overhead });
        self.list.sort_by_key(|path| path.number);
        self
    }
}

impl Transport for Paths {
    type Sender = PathSenders;
    type Receiver = PathReceivers;

    fn split(self) -> (PathSenders, PathReceivers) {
        let halves = self.list.into_iter().map(|path| {
            let state = Arc::new(State::default());
            let sender = send::PathSender::new(path.number, path.sender, Arc::clone(&state));
            (sender, receive::PathReceiver::new(path.number, path.receiver, state))
        });
        let (senders, receivers) = halves.unzip();
        (PathSenders::new(senders), PathReceivers::new(receivers))
    }

    /// That of the one that adds most.
    fn overhead(&self) -> usize {
        self.list.iter().map(|path| path.overhead).max().unwrap_or_default()
    }
}

impl fmt::Debug for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|path| path.number)).finish()
    }
}

/// What the two halves of a path know of each other.
#[derive(Debug, Default)]
struct State {
    failed: AtomicBool,
    /// Datagrams that have left by it.
    sent: AtomicU64,
}

impl State {
    /// Has either half failed for good?
    fn has_failed(&self) -> bool {
        // Relaxed, as all here: nothing else is read on the strength of it.
        self.failed.load(Relaxed)
    }

    fn fail(&self) {
        self.failed.store(true, Relaxed);
    }
}
