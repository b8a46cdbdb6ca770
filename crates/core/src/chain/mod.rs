//! The chain of one connection: packets in, packets out, no I/O and no clock.

mod access;
mod amending;
mod binding;
mod interceptors;
mod layout;
mod lifecycle;
mod nest;
mod packets;
mod walk;
mod work;

use std::time::Instant;

use crate::context::Context;
use crate::place::NodeId;
use crate::routes::Routes;
use crate::shared::Shared;
use crate::{ChainConfig, Counters, Event, Facts, Incoming, Outgoing};

use interceptors::Interceptors;
pub use layout::{Layout, LayoutRow};
pub use nest::NestedStream;

/// The interceptors of one connection, in order, with everything that they share.
///
/// Sans-IO: packets go in with [`write_rtp`](Self::write_rtp), [`write_rtcp`](Self::write_rtcp) (from the application)
/// and [`read_datagram`](Self::read_datagram), [`read_rtp`](Self::read_rtp), [`read_rtcp`](Self::read_rtcp) (from the
/// wire); they come out of [`poll_wire`](Self::poll_wire) and [`poll_app`](Self::poll_app). The owner calls
/// [`handle_timeout`](Self::handle_timeout) when [`next_timeout`](Self::next_timeout) has come. All instants are the
/// owner's; one that lies before an earlier one counts as that earlier one.
///
/// ```
/// use std::time::Instant;
/// use interceptor_core::{Chain, ChainConfig, Outgoing, StreamInfo};
/// use interceptor_packet::{NtpTime, RtpPacket};
///
/// let now = Instant::now();
/// let mut chain = Chain::new(ChainConfig::new("call-1", now, NtpTime::default(), 7));
/// chain.bind_local(StreamInfo::new(0x1122_3344, 96, 90_000), now)?;
/// chain.write_rtp(RtpPacket::builder().ssrc(0x1122_3344).payload_type(96).build()?, now);
/// assert!(matches!(chain.poll_wire(), Some(Outgoing::Rtp(packet)) if packet.ssrc() == 0x1122_3344));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Threads and resources
///
/// `Send` and not `Sync`: it goes to whichever thread works on the connection, and no two of its interceptors' hooks ever run at
/// once, so none of them needs a lock.
///
/// ```compile_fail
/// fn shared<T: Sync>() {}
/// shared::<interceptor_core::Chain>();
/// ```
///
/// [`close`](Self::close) lets interceptors say goodbye, finish files and join threads, and says what failed. A chain that is only
/// dropped drops its interceptors: what they hold is given back, but what they would have sent is not sent.
pub struct Chain {
    interceptors: Interceptors,
    routes: Routes,
    shared: Shared,
    closed: bool,
    /// The nested chain that its owner may be working on; it has not handed on yet what it does.
    lent: NodeId,
    /// How many interceptors have been built: each gets a seed of its own.
    built: u64,
    /// In a nested chain: what of its counters the outer chain has.
    reported: Counters,
}

impl Chain {
    /// A chain without interceptors: passes everything through. [`Registry::build`](crate::Registry::build) makes
    /// chains with interceptors; [`insert`](Self::insert) adds them to a running one.
    #[must_use]
    pub fn new(config: ChainConfig) -> Self {
        Self {
            interceptors: Interceptors::default(),
            routes: Routes::new(config.seed, config.limits.max_streams),
            shared: Shared::new(config),
            closed: false,
            lent: NodeId::NOBODY,
            built: 0,
            reported: Counters::default(),
        }
    }

    /// The connection's configuration.
    #[must_use]
    pub const fn config(&self) -> &ChainConfig {
        &self.shared.config
    }

    /// What the interceptors have found out.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// What was counted.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// Has [`close`](Self::close) been called?
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// The next instant at which [`handle_timeout`](Self::handle_timeout) has work to do.
    #[must_use]
    #[inline]
    pub const fn next_timeout(&self) -> Option<Instant> {
        self.shared.hot.wakes.earliest()
    }

    /// The next packet to put on the wire.
    #[inline]
    pub fn poll_wire(&mut self) -> Option<Outgoing> {
        // Only a nested chain that was lent has left anything undone.
        self.settle(self.shared.hot.latest);
        self.shared.pop_wire()
    }

    /// The next packet for the application.
    #[inline]
    pub fn poll_app(&mut self) -> Option<Incoming> {
        self.shared.pop_app()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.shared.events.pop_front()
    }

    /// The interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let row = |id: &NodeId| {
            let node = self.shared.roster.get(*id)?;
            // One that panicked is gone, and its row stays.
            let (local_streams, remote_streams) =
                self.interceptors.get(*id).map_or((0, 0), |interceptor| interceptor.bound());
            let wake = self.shared.hot.wakes.pending(*id);
            Some(LayoutRow {
                stage: node.stage,
                name: node.name,
                local_streams,
                remote_streams,
                errors: node.errors,
                bypassed: node.bypassed,
                wakes_in: wake.map(|(at, _)| at.saturating_duration_since(self.shared.hot.latest)),
                wakes_for: wake.map_or("", |(_, reason)| reason),
            })
        };
        Layout::new(self.shared.roster.order().iter().filter_map(row).collect())
    }

    /// The parts that a walk needs, apart from one another.
    #[inline]
    const fn parts(&mut self, now: Instant) -> (&mut Interceptors, Context<'_>) {
        (&mut self.interceptors, Context::new(now, &self.routes, &mut self.shared))
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        if self.shared.hot.isolate_panics {
            self.interceptors.dispose_all();
        }
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain")
            .field("id", &self.shared.config.id)
            .field("layout", &self.layout())
            .finish_non_exhaustive()
    }
}
