//! What is on its way between sockets, and the task that carries it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::OptionsError;
use tokio::net::UdpSocket;
use tokio::sync::Notify;
use tokio::time::sleep_until;

use super::options::UdpLinkOptions;
use super::stand_in::StandIn;
use crate::{Link, LinkCounters, LinkOptions, Message, Side};

/// What a link and its tasks share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Something has been put into a link, or takes another time than before.
    changed: Notify,
    subject: fn(&[u8]) -> bool,
    pub(super) max_addresses: usize,
}

#[derive(Debug)]
pub(super) struct State {
    ways: [Way; 2],
    pub(super) stand_ins: Vec<StandIn>,
    refused: u64,
    pub(super) closed: bool,
}

/// One direction: what the options are for, and what only takes its time.
#[derive(Debug)]
struct Way {
    subject: Link<Parcel>,
    spared: Link<Parcel>,
}

/// A datagram, and how it leaves the link.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) bytes: Bytes,
    pub(super) to: SocketAddr,
    pub(super) by: Arc<UdpSocket>,
}

impl Message for Parcel {
    fn len_bytes(&self) -> usize {
        self.bytes.len()
    }
}

impl Way {
    fn new(now: Instant, seed: u64, options: LinkOptions) -> Result<Self, OptionsError> {
        let spared = Link::new(now, seed, sparing(&options))?;
        Ok(Self { subject: Link::new(now, seed, options)?, spared })
    }
}

/// The delay of these options, and nothing else.
fn sparing(options: &LinkOptions) -> LinkOptions {
    LinkOptions::default().with_delay(options.delay)
}

impl Shared {
    pub(super) fn new(now: Instant, options: UdpLinkOptions) -> Result<Self, OptionsError> {
        options.validate()?;
        let UdpLinkOptions { seed, ways: [a, b], subject, max_addresses } = options;
        // What one way loses says nothing of the other.
        let ways = [Way::new(now, seed, a)?, Way::new(now, seed ^ u64::MAX, b)?];
        let state = State { ways, stand_ins: Vec::new(), refused: 0, closed: false };
        Ok(Self { state: Mutex::new(state), changed: Notify::new(), subject, max_addresses })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn offer(&self, from: Side, parcel: Parcel) {
        let now = now();
        let mut state = self.lock();
        let way = state.way(from);
        let link = if (self.subject)(&parcel.bytes) { &mut way.subject } else { &mut way.spared };
        link.push(now, parcel);
        drop(state);
        self.changed.notify_one();
    }

    pub(super) fn refuse(&self) {
        self.lock().refused += 1;
    }

    pub(super) fn refused(&self) -> u64 {
        self.lock().refused
    }

    pub(super) fn reconfigure(&self, from: Side, options: LinkOptions) -> Result<(), OptionsError> {
        let now = now();
        let mut state = self.lock();
        let way = state.way(from);
        let sparing = sparing(&options);
        way.subject.reconfigure(now, options)?;
        way.spared.reconfigure(now, sparing)?;
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    pub(super) fn drop_if(&self, from: Side, mut predicate: impl FnMut(u64, &[u8]) -> bool + Send + 'static) {
        self.lock().way(from).subject.drop_if(move |number, parcel| predicate(number, &parcel.bytes));
    }

    pub(super) fn counters(&self, from: Side) -> LinkCounters {
        self.lock().way(from).subject.counters()
    }

    pub(super) fn queue_delay(&self, from: Side) -> Option<Duration> {
        self.lock().way(from).subject.queue_delay(now())
    }

    /// Nobody stands for the addresses of this side any more.
    pub(super) fn forget(&self, side: Side) {
        self.lock().stand_ins.retain(|stand_in| {
            let stays = stand_in.side != side;
            if !stays {
                stand_in.receiver.abort();
            }
            stays
        });
    }

    /// Ends the tasks of all sockets; they hold what holds them.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.stand_ins.drain(..).for_each(|stand_in| stand_in.receiver.abort());
    }
}

impl State {
    fn way(&mut self, from: Side) -> &mut Way {
        let [a, b] = &mut self.ways;
        match from {
            Side::A => a,
            Side::B => b,
        }
    }

    fn links(&mut self) -> impl Iterator<Item = &mut Link<Parcel>> {
        self.ways.iter_mut().flat_map(|way| [&mut way.subject, &mut way.spared])
    }
}

/// Lets what has arrived out of the links, until it is aborted.
pub(super) async fn carry(shared: Arc<Shared>) {
    let mut arrived = Vec::new();
    loop {
        let next = {
            let (now, mut state) = (now(), shared.lock());
            for link in state.links() {
                arrived.extend(std::iter::from_fn(|| link.pop(now)).map(|(_, parcel)| parcel));
            }
            state.links().filter_map(|link| link.next_delivery()).min()
        };
        for Parcel { bytes, to, by } in arrived.drain(..) {
            // Who is gone, or does not listen yet, is not the link's business.
            let _ = by.send_to(&bytes, to).await;
        }
        match next {
            Some(next) => tokio::select! {
                () = sleep_until(next.into()) => {}
                () = shared.changed.notified() => {}
            },
            None => shared.changed.notified().await,
        }
    }
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
