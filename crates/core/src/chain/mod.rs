//! The chain of one connection: packets in, packets out, no I/O and no clock.

mod io;
mod layout;
mod lifecycle;
mod nest;
mod nodes;
mod packets;
mod walk;

use std::time::Instant;

use crate::context::{Context, Shared};
use crate::routes::Routes;
use crate::{ChainConfig, Event, Facts, Interceptor};

pub use io::{Counters, Incoming, Outgoing};
pub use layout::{Layout, LayoutRow};
pub use nest::NestedStream;
use nodes::Nodes;

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
pub struct Chain {
    nodes: Nodes,
    routes: Routes,
    shared: Shared,
    closed: bool,
}

impl Chain {
    /// A chain without interceptors: passes everything through. [`Registry::build`](crate::Registry::build) makes
    /// chains with interceptors; [`insert`](Self::insert) adds them to a running one.
    #[must_use]
    pub fn new(config: ChainConfig) -> Self {
        Self {
            nodes: Nodes::default(),
            routes: Routes::new(config.seed, config.limits.max_streams),
            shared: Shared::new(config),
            closed: false,
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

    /// The first interceptor, from the wire up, of this type.
    #[must_use]
    pub fn get<I: Interceptor>(&self) -> Option<&I> {
        self.nodes.iter().find_map(|interceptor| interceptor.as_any().downcast_ref())
    }

    /// The first interceptor, from the wire up, of this type, to change.
    pub fn get_mut<I: Interceptor>(&mut self) -> Option<&mut I> {
        let position = self.nodes.iter().position(|interceptor| interceptor.as_any().is::<I>())?;
        let id = self.nodes.at(position)?;
        self.nodes.interceptor(id)?.as_any_mut().downcast_mut()
    }

    /// The next instant at which [`handle_timeout`](Self::handle_timeout) has work to do.
    #[must_use]
    #[inline]
    pub const fn next_timeout(&self) -> Option<Instant> {
        self.shared.wakes.earliest()
    }

    /// The next packet to put on the wire.
    #[inline]
    pub fn poll_wire(&mut self) -> Option<Outgoing> {
        self.shared.wire.pop()
    }

    /// The next packet for the application.
    #[inline]
    pub fn poll_app(&mut self) -> Option<Incoming> {
        self.shared.app.pop()
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.shared.events.pop_front()
    }

    /// The interceptors from the wire up, as a table to print.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout::new(self.nodes.rows(&self.shared.errors))
    }

    /// The parts that a walk needs, apart from one another.
    #[inline]
    const fn parts(&mut self, now: Instant) -> (&mut Nodes, Context<'_>) {
        (&mut self.nodes, Context::new(now, &self.routes, &mut self.shared))
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
