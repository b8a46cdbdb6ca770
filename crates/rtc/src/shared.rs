//! What the stack's thread and the owner's handles both reach: the chain, behind a lock that nobody holds for long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use interceptor_core::Chain;

use crate::AdapterCounters;

/// The chain of one connection.
#[derive(Debug)]
pub(crate) struct Shared {
    seat: Mutex<Seat>,
    /// Has an owner worked on the chain? Then it may hold packets, and other deadlines.
    touched: AtomicBool,
}

/// What is behind the lock.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) chain: Chain,
    pub(crate) counters: AdapterCounters,
    /// Media SSRCs of the local streams: a chain has no list of them.
    pub(crate) local: Vec<u32>,
}

impl Shared {
    pub(crate) const fn new(chain: Chain) -> Self {
        let seat = Seat { chain, counters: AdapterCounters::NONE, local: Vec::new() };
        Self { seat: Mutex::new(seat), touched: AtomicBool::new(false) }
    }

    /// A panic in an owner's closure ends no call: the chain is whole after each of its calls.
    #[inline]
    pub(crate) fn lock(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An owner has worked on the chain.
    pub(crate) fn touch(&self) {
        self.touched.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn is_touched(&self) -> bool {
        self.touched.load(Ordering::Relaxed)
    }

    pub(crate) fn take_touched(&self) -> bool {
        self.touched.swap(false, Ordering::AcqRel)
    }
}
