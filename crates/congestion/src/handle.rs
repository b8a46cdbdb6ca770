//! Reading targets and setting limits, from any thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_core::{LinkState, OptionsError, StreamTarget};

use crate::{CongestionCounters, RateLimits, Reason, Trip};

/// Reads what the interceptors of a factory have decided and tells them what has changed. Cheap to clone, `Send` and `Sync`; made before
/// chains are built.
///
/// What is set holds from the next packet or timer of a connection on, and within 100 ms while it sends. Packets take no lock.
#[derive(Clone, Debug)]
pub struct CongestionHandle {
    hub: Arc<Hub>,
    /// Only the connections of this name.
    id: Option<Arc<str>>,
}

/// How one connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CongestionState {
    /// The connection's name.
    pub connection: Arc<str>,
    /// What may be sent, in bits per second, IP and UDP headers included.
    pub target: u64,
    /// The part of it that lasts: for choices that are dear to take back.
    pub stable: u64,
    /// Between what it has to stay at present.
    pub limits: RateLimits,
    /// What moved it last.
    pub reason: Reason,
    /// How the controller sees the path.
    pub link: LinkState,
    /// Bytes on the way.
    pub in_flight: u32,
    /// Why the circuit breaker is open, if it is.
    pub breaker: Option<Trip>,
    /// The shares of the streams that say what they can use.
    pub streams: Vec<StreamTarget>,
    /// What was counted.
    pub counters: CongestionCounters,
}

/// All connections of a factory.
#[derive(Debug, Default)]
pub(crate) struct Hub {
    state: Mutex<HubState>,
}

#[derive(Debug, Default)]
struct HubState {
    sides: BTreeMap<Arc<str>, Vec<Arc<Side>>>,
    /// Limits in force for connections to come.
    limits: Option<RateLimits>,
    /// What closed connections had counted.
    closed: CongestionCounters,
}

/// One connection, as it is seen from outside.
#[derive(Debug)]
pub(crate) struct Side {
    state: Mutex<CongestionState>,
    orders: Mutex<Orders>,
    /// Changes with every order.
    generation: AtomicU32,
}

/// What a connection is told to do, since it has looked last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Orders {
    pub(crate) limits: Option<RateLimits>,
    /// `Some(None)`: no REMB is to be sent any more.
    pub(crate) remb: Option<Option<u64>>,
    pub(crate) route_change: bool,
    pub(crate) reset_breaker: bool,
}

impl CongestionHandle {
    pub(crate) fn new() -> Self {
        Self { hub: Arc::default(), id: None }
    }

    pub(crate) const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The same for connections of this name only, whether there are any or not.
    #[must_use]
    pub fn connection(&self, id: &str) -> Self {
        Self { hub: Arc::clone(&self.hub), id: Some(id.into()) }
    }

    /// What may be sent, in bits per second, IP and UDP headers included: of the first connection; `None` if there is none.
    #[must_use]
    pub fn target(&self) -> Option<u64> {
        self.first(|state| state.target)
    }

    /// The part of the target that lasts, of the first connection.
    #[must_use]
    pub fn stable(&self) -> Option<u64> {
        self.first(|state| state.stable)
    }

    /// How the controller sees the path of the first connection.
    #[must_use]
    pub fn link(&self) -> Option<LinkState> {
        self.first(|state| state.link)
    }

    /// The share of the local stream with this media SSRC, of the first connection that has one.
    #[must_use]
    pub fn stream_target(&self, ssrc: u32) -> Option<StreamTarget> {
        let of = |state: &CongestionState| state.streams.iter().find(|stream| stream.ssrc == ssrc).copied();
        self.sides().iter().find_map(|side| of(&lock(&side.state)))
    }

    /// How all connections stand, by name.
    #[must_use]
    pub fn connections(&self) -> Vec<CongestionState> {
        self.sides().iter().map(|side| lock(&side.state).clone()).collect()
    }

    /// What was counted, closed connections included unless this is one [`connection`](Self::connection)'s.
    #[must_use]
    pub fn totals(&self) -> CongestionCounters {
        let sides = self.sides();
        let mut totals =
            if self.id.is_none() { lock(&self.hub.state).closed } else { CongestionCounters::default() };
        sides.iter().for_each(|side| totals += lock(&side.state).counters);
        totals
    }

    /// Sets between what the target has to stay, in place of `min_bitrate` and `max_bitrate`. Without [`connection`](Self::connection) for
    /// connections to come, too. Gives how many connections hear it.
    ///
    /// # Errors
    /// A minimum over the maximum, or under 5000 bits per second.
    pub fn set_limits(&self, limits: RateLimits) -> Result<usize, OptionsError> {
        let right = (5000..=limits.max).contains(&limits.min);
        OptionsError::unless(right, "RateLimits", "min", limits.min, "in 5000..=max")?;
        if self.id.is_none() {
            lock(&self.hub.state).limits = Some(limits);
        }
        Ok(self.order(|orders| orders.limits = Some(limits)))
    }

    /// From now on the peer is told that it may send so many bits per second, by REMB to streams that negotiated `goog-remb`: at once when it
    /// is less by 3 %, else each second. `None`: it is told nothing more. Gives how many connections hear it.
    pub fn set_remb(&self, bits_per_second: Option<u64>) -> usize {
        self.order(|orders| orders.remb = Some(bits_per_second))
    }

    /// Packets take another way from now on, such as another network. Gives how many connections hear it.
    pub fn route_change(&self) -> usize {
        self.order(|orders| orders.route_change = true)
    }

    /// The application knows that the peer receives again: closes the circuit breaker. Gives how many connections hear it.
    pub fn reset_breaker(&self) -> usize {
        self.order(|orders| orders.reset_breaker = true)
    }

    fn order(&self, give: impl Fn(&mut Orders)) -> usize {
        let sides = self.sides();
        for side in &sides {
            give(&mut lock(&side.orders));
            side.generation.fetch_add(1, Ordering::Release);
        }
        sides.len()
    }

    fn first<T>(&self, of: impl Fn(&CongestionState) -> T) -> Option<T> {
        self.sides().first().map(|side| of(&lock(&side.state)))
    }

    fn sides(&self) -> Vec<Arc<Side>> {
        let state = lock(&self.hub.state);
        let of_id = |id: &Arc<str>| self.id.as_ref().is_none_or(|wanted| wanted == id);
        state.sides.iter().filter(|(id, _)| of_id(id)).flat_map(|(_, sides)| sides).cloned().collect()
    }
}

impl Hub {
    /// A connection begins; gives the limits that were set for it.
    pub(crate) fn open(&self, state: CongestionState) -> (Arc<Side>, Option<RateLimits>) {
        let mut hub = lock(&self.state);
        let id = Arc::clone(&state.connection);
        let side = Arc::new(Side {
            state: Mutex::new(state),
            orders: Mutex::default(),
            generation: AtomicU32::new(0),
        });
        hub.sides.entry(id).or_default().push(Arc::clone(&side));
        (side, hub.limits)
    }

    /// It ends; once.
    pub(crate) fn close(&self, side: &Arc<Side>, counters: CongestionCounters) {
        let id = Arc::clone(&lock(&side.state).connection);
        let mut hub = lock(&self.state);
        let Some(same_id) = hub.sides.get_mut(&id) else { return };
        let Some(at) = same_id.iter().position(|other| Arc::ptr_eq(other, side)) else { return };
        same_id.swap_remove(at);
        if same_id.is_empty() {
            hub.sides.remove(&id);
        }
        hub.closed += counters;
    }
}

impl Side {
    /// Changes with every order.
    #[inline]
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Ordering::Acquire)
    }

    /// What is to be done.
    pub(crate) fn take_orders(&self) -> Orders {
        std::mem::take(&mut lock(&self.orders))
    }

    /// Shows how the connection stands.
    pub(crate) fn show(&self, show: impl FnOnce(&mut CongestionState)) {
        show(&mut lock(&self.state));
    }
}

/// What another thread that panicked has left is whole: nothing is changed in two steps.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
