//! Reading counters and setting rates, from any thread.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex};

use interceptor_core::OptionsError;

use crate::side::{Side, lock};
use crate::{LimitCounters, LimitOptions, Rates, Waiting};

/// Reads what the interceptors of a factory count and changes their rates while they run. Cheap to clone, `Send` and `Sync`.
///
/// Packets are counted without a lock, and hear of new rates by reading one number. A new rate holds from the next packet on; what waits
/// already hears of it with the next packet of its connection or when the first is due, after 100 ms at the latest. What has come in stays
/// in, up to the new burst.
#[derive(Clone, Debug)]
pub struct LimitHandle {
    hub: Arc<Hub>,
    /// Only the connections of this name.
    id: Option<Arc<str>>,
}

/// Whose rates are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// Each local stream, those with rates of their own included: they lose these.
    Local,
    /// Each remote stream, those with rates of their own included: they lose these.
    Remote,
    /// All streams of a connection together, each way.
    Connection,
    /// All that leaves on a connection together.
    Outgoing,
    /// All that comes in on a connection together.
    Incoming,
    /// RTCP of a connection, each way.
    Rtcp,
    /// The bound local stream of this media SSRC.
    LocalStream(u32),
    /// The bound remote stream of this media SSRC.
    RemoteStream(u32),
}

/// Which way packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// Towards the wire: local streams.
    Outgoing,
    /// From the wire: remote streams.
    Incoming,
}

/// What was counted one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitTotals {
    /// RTP of all streams that are or were bound.
    pub streams: LimitCounters,
    /// RTP that no stream had; counted with [`max_unbound`](LimitOptions::max_unbound) or bounds of the
    /// [`connection`](LimitOptions::connection).
    pub unbound: LimitCounters,
    /// RTCP; counted with bounds of [`rtcp`](LimitOptions::rtcp).
    pub rtcp: LimitCounters,
    /// RTP that waits, of streams or not.
    pub waiting: Waiting,
    /// RTCP that waits.
    pub rtcp_waiting: Waiting,
    /// Streams that were refused ([`max_streams`](LimitOptions::max_streams)).
    pub streams_refused: u64,
}

impl AddAssign for LimitTotals {
    fn add_assign(&mut self, other: Self) {
        self.streams += other.streams;
        self.unbound += other.unbound;
        self.rtcp += other.rtcp;
        self.waiting += other.waiting;
        self.rtcp_waiting += other.rtcp_waiting;
        self.streams_refused += other.streams_refused;
    }
}

/// A stream that is bound, its rates and what was counted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamLimit {
    /// The connection's name.
    pub connection: Arc<str>,
    /// Local or remote.
    pub way: Way,
    /// Its media SSRC.
    pub ssrc: u32,
    /// Its rates.
    pub rates: Rates,
    /// What became of its packets: media, retransmissions and FEC.
    pub counters: LimitCounters,
    /// What waits.
    pub waiting: Waiting,
}

/// All connections of a factory.
#[derive(Debug)]
pub(crate) struct Hub {
    state: Mutex<HubState>,
}

#[derive(Debug)]
struct HubState {
    /// With the rates in force, for connections to come.
    options: LimitOptions,
    sides: BTreeMap<Arc<str>, Vec<Arc<Side>>>,
    /// What closed connections had counted: outgoing and incoming.
    closed: [LimitTotals; 2],
}

impl LimitHandle {
    pub(crate) fn new(options: LimitOptions) -> Self {
        let state = HubState { options, sides: BTreeMap::new(), closed: Default::default() };
        Self { hub: Arc::new(Hub { state: Mutex::new(state) }), id: None }
    }

    pub(crate) const fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The same for connections of this name only, whether there are any or not.
    #[must_use]
    pub fn connection(&self, id: &str) -> Self {
        Self { hub: Arc::clone(&self.hub), id: Some(id.into()) }
    }

    /// Sets rates while chains run; those of a [`Rates`] without any are unlimited. Without [`connection`](Self::connection) they are those
    /// of connections to come, too. Gives how many connections (each way for itself) or streams there are that hear it: 0 for a stream that
    /// is not bound.
    ///
    /// # Errors
    /// Rates that are out of range, or a scope of which the factory has no bounds: these are made with it, since they say what happens to the rest.
    pub fn set_rate(&self, scope: Scope, rates: Rates) -> Result<usize, OptionsError> {
        let mut state = lock(&self.hub.state);
        scope.check(&state.options, rates)?;
        if self.id.is_none() {
            state.options.set_rate(scope, rates);
        }
        Ok(self.sides(&state).map(|side| side.set_rate(scope, rates)).sum())
    }

    /// What was counted one way, ended streams included; closed connections included unless this is one [`connection`](Self::connection)'s.
    #[must_use]
    pub fn totals(&self, way: Way) -> LimitTotals {
        let state = lock(&self.hub.state);
        let mut totals = if self.id.is_none() { state.closed_ref(way) } else { LimitTotals::default() };
        self.sides(&state).filter(|side| side.way == way).for_each(|side| totals += side.totals());
        totals
    }

    /// All bound streams, by connection, then local before remote.
    #[must_use]
    pub fn streams(&self) -> Vec<StreamLimit> {
        let sides: Vec<_> = self.sides(&lock(&self.hub.state)).cloned().collect();
        let mut streams: Vec<_> = sides.iter().flat_map(|side| side.streams()).collect();
        streams.sort_by(|a, b| (&a.connection, a.way).cmp(&(&b.connection, b.way)));
        streams
    }

    /// What was counted of one bound stream, by its media SSRC.
    #[must_use]
    pub fn stream(&self, way: Way, ssrc: u32) -> Option<StreamLimit> {
        self.streams().into_iter().find(|stream| stream.way == way && stream.ssrc == ssrc)
    }

    fn sides<'a>(&'a self, state: &'a HubState) -> impl Iterator<Item = &'a Arc<Side>> {
        let of_id = |id: &Arc<str>| self.id.as_ref().is_none_or(|wanted| wanted == id);
        state.sides.iter().filter(move |(id, _)| of_id(id)).flat_map(|(_, sides)| sides)
    }
}

impl Hub {
    /// One way of a connection begins. Gives also the options that it begins with.
    pub(crate) fn open(&self, id: &Arc<str>, way: Way) -> (Arc<Side>, LimitOptions) {
        let mut state = lock(&self.state);
        let side = Arc::new(Side::new(Arc::clone(id), way, &state.options));
        state.sides.entry(Arc::clone(id)).or_default().push(Arc::clone(&side));
        (side, state.options.clone())
    }

    /// It ends; once.
    pub(crate) fn close(&self, side: &Arc<Side>) {
        let mut state = lock(&self.state);
        let Some(same_id) = state.sides.get_mut(&side.id) else { return };
        let Some(at) = same_id.iter().position(|other| Arc::ptr_eq(other, side)) else { return };
        same_id.swap_remove(at);
        if same_id.is_empty() {
            state.sides.remove(&side.id);
        }
        *state.closed_mut(side.way) += side.final_totals();
    }
}

impl HubState {
    const fn closed_ref(&self, way: Way) -> LimitTotals {
        let [outgoing, incoming] = self.closed;
        match way {
            Way::Outgoing => outgoing,
            Way::Incoming => incoming,
        }
    }

    const fn closed_mut(&mut self, way: Way) -> &mut LimitTotals {
        let [outgoing, incoming] = &mut self.closed;
        match way {
            Way::Outgoing => outgoing,
            Way::Incoming => incoming,
        }
    }
}

impl LimitOptions {
    fn set_rate(&mut self, scope: Scope, rates: Rates) {
        let bounds = match scope {
            Scope::Local => &mut self.local,
            Scope::Remote => &mut self.remote,
            Scope::Connection => &mut self.connection,
            Scope::Rtcp => &mut self.rtcp,
            // One way or one stream only: not of those to come.
            Scope::Outgoing | Scope::Incoming | Scope::LocalStream(_) | Scope::RemoteStream(_) => return,
        };
        if let Some(bounds) = bounds {
            (bounds.packets, bounds.bytes) = (rates.packets, rates.bytes);
        }
    }
}
