//! What all hooks of a chain share.

use std::collections::VecDeque;
use std::time::Instant;

use rand::SeedableRng;
use rand::rngs::SmallRng;
use smallvec::SmallVec;

use crate::config::derive;
use crate::hot::Hot;
use crate::lane::{Batch, Lane};
use crate::place::NodeId;
use crate::reserve::{Declared, Stamp};
use crate::roster::Roster;
use crate::routes::Routes;
use crate::{ChainConfig, Counters, Error, Event, Fact, Facts, Incoming, Outgoing, StreamKey};

/// A chain but for its interceptors and its streams: all that a hook may change.
pub(crate) struct Shared {
    pub(crate) hot: Hot,
    pub(crate) config: ChainConfig,
    pub(crate) facts: Facts,
    pub(crate) rng: SmallRng,
    /// Packets emitted for the present input.
    pub(crate) emitted: u32,
    /// Facts told for the present input.
    told: u32,
    /// Facts that the interceptors have not heard yet, and who published each.
    untold: VecDeque<(NodeId, Fact)>,
    /// The key of the stream that is being bound.
    pub(crate) key: StreamKey,
    /// What the present hook has declared that it will add to packets of the stream that it is asked about.
    /// `None` when it is asked about none.
    pub(crate) declared: Option<Declared>,
    /// In a nested chain: what is stamped in the outer one, nearer the wire.
    pub(crate) stamped_outside: SmallVec<[Stamp; 4]>,
    /// Interceptors that have just panicked: what they declared is still to be withdrawn.
    pub(crate) broken: Vec<NodeId>,
    /// Who has said that it asks for key frames.
    pub(crate) asker: Option<NodeId>,
    /// Why the last hook failed, until the walk has seen to it.
    pub(crate) failure: Option<Error>,
    pub(crate) roster: Roster,
    pub(crate) events: VecDeque<Event>,
    pub(crate) wire: Lane<Outgoing>,
    pub(crate) app: Lane<Incoming>,
    pub(crate) counters: Counters,
}

impl Shared {
    pub(crate) fn new(config: ChainConfig) -> Self {
        Self {
            hot: Hot::new(&config),
            facts: Facts::default(),
            rng: SmallRng::seed_from_u64(derive(config.seed, 3)),
            emitted: 0,
            told: 0,
            untold: VecDeque::new(),
            key: StreamKey(u32::MAX),
            declared: None,
            stamped_outside: SmallVec::new(),
            broken: Vec::new(),
            asker: None,
            failure: None,
            roster: Roster::default(),
            events: VecDeque::new(),
            wire: Lane::default(),
            app: Lane::default(),
            counters: Counters::default(),
            config,
        }
    }

    /// A clock that goes back stands still instead: no hook sees time run backwards.
    #[inline]
    pub(crate) fn advance(&mut self, now: Instant) -> Instant {
        if self.hot.spent {
            (self.emitted, self.told, self.hot.spent) = (0, 0, false);
        }
        // Packets that came together share their instant.
        if now > self.hot.latest {
            let passed = now.saturating_duration_since(self.hot.latest);
            self.hot.latest = now;
            self.hot.elapsed_nanos += passed.as_nanos() as u64;
        } else if now < self.hot.latest {
            self.counters.clock_went_back += 1;
        }
        self.hot.latest
    }

    /// Keeps a fact, and has all interceptors but its publisher told of it when the present walk has ended.
    pub(crate) fn publish(&mut self, publisher: NodeId, fact: Fact, routes: &Routes) {
        self.facts.record(fact, routes);
        if let Fact::KeyframeAsking(asking) = fact {
            self.asker = asking.active.then_some(publisher);
        }
        if self.told as usize >= self.config.limits.max_facts_per_input {
            self.counters.dropped_facts += 1;
            return;
        }
        self.told += 1;
        self.untold.push_back((publisher, fact));
        (self.hot.pending, self.hot.spent) = (true, true);
    }

    /// The next fact to tell.
    pub(crate) fn next_fact(&mut self) -> Option<(NodeId, Fact)> {
        self.untold.pop_front()
    }

    pub(crate) fn push_event(&mut self, event: Event) {
        if self.events.len() >= self.config.limits.max_events {
            self.counters.dropped_events += 1;
            self.events.pop_front();
        }
        self.events.push_back(event);
    }

    #[inline(always)]
    pub(crate) fn push_wire(&mut self, packet: Outgoing) {
        self.hot.wire_waits = true;
        self.counters.dropped_queued += self.wire.push(packet, self.config.limits.max_queued);
    }

    #[inline(always)]
    pub(crate) fn push_app(&mut self, packet: Incoming) {
        self.hot.app_waits = true;
        self.counters.dropped_queued += self.app.push(packet, self.config.limits.max_queued);
    }

    /// Packets have done their walk towards the wire.
    pub(crate) fn finish_wire(&mut self, batch: Batch<Outgoing>) {
        self.hot.wire_waits = true;
        self.counters.dropped_queued += self.wire.finish(batch, self.config.limits.max_queued);
    }

    /// Packets have done their walk towards the application.
    pub(crate) fn finish_app(&mut self, batch: Batch<Incoming>) {
        self.hot.app_waits = true;
        self.counters.dropped_queued += self.app.finish(batch, self.config.limits.max_queued);
    }

    /// The next packet to put on the wire.
    #[inline(always)]
    pub(crate) fn pop_wire(&mut self) -> Option<Outgoing> {
        if !self.hot.wire_waits {
            return None;
        }
        let packet = self.wire.pop();
        self.hot.wire_waits = packet.is_some();
        packet
    }

    /// The next packet for the application.
    #[inline(always)]
    pub(crate) fn pop_app(&mut self) -> Option<Incoming> {
        if !self.hot.app_waits {
            return None;
        }
        let packet = self.app.pop();
        self.hot.app_waits = packet.is_some();
        packet
    }
}
