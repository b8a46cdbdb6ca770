//! What a hook may see and do beyond its packet and its stream's state.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_packet::{NtpTime, RtcpPacket, RtpPacket};
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::chain::{Counters, Incoming, Outgoing};
use crate::config::derive;
use crate::lane::Lane;
use crate::routes::Routes;
use crate::wakes::Wakes;
use crate::{ChainConfig, Error, Event, Fact, Facts, StreamInfo};

/// Where a hook stands and what it may do from there.
pub struct Context<'a> {
    pub(crate) now: Instant,
    /// The interceptor whose hook runs.
    pub(crate) node: u16,
    pub(crate) routes: &'a Routes,
    pub(crate) shared: &'a mut Shared,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(now: Instant, routes: &'a Routes, shared: &'a mut Shared) -> Self {
        Self { now, node: u16::MAX, routes, shared }
    }

    /// The present instant. Never goes back during a chain's life.
    #[must_use]
    #[inline]
    pub const fn now(&self) -> Instant {
        self.now
    }

    /// Nanoseconds from [`ChainConfig::now`] to [`now`](Self::now), 0 if the chain was built later; 584 years at most.
    /// Worked out once for all interceptors: for those that keep or compare times a packet.
    #[must_use]
    #[inline]
    pub const fn elapsed_nanos(&self) -> u64 {
        self.shared.elapsed_nanos
    }

    /// Nanoseconds from [`ChainConfig::now`] to `at`, 0 if that is earlier; for free when `at` is [`now`](Self::now), as
    /// the arrival of a packet mostly is.
    #[must_use]
    #[inline]
    pub fn nanos_at(&self, at: Instant) -> u64 {
        if at == self.now { self.shared.elapsed_nanos } else { self.shared.config.nanos_at(at) }
    }

    /// Wall-clock time at an instant, from the connection's anchor.
    #[must_use]
    pub fn ntp(&self, at: Instant) -> NtpTime {
        self.shared.config.ntp_at(at)
    }

    /// Sends RTP on towards the wire from this interceptor's place, after the present packet: every interceptor
    /// nearer the wire sees it.
    #[inline(always)]
    pub fn send_rtp(&mut self, packet: RtpPacket) {
        if self.may_emit() {
            self.shared.wire.emit(self.node, Outgoing::Rtp(packet));
        }
    }

    /// [`send_rtp`](Self::send_rtp) of a packet that `fill` makes of [`RtpPacket::default`] where it then waits: the
    /// quickest way, since packets are large. `fill` is not called when this input has emitted too many already.
    #[inline(always)]
    pub fn send_rtp_with(&mut self, fill: impl FnOnce(&mut RtpPacket)) {
        if self.may_emit() {
            let make = || Outgoing::Rtp(RtpPacket::default());
            self.shared.wire.emit_with(self.node, make, |packet| {
                if let Outgoing::Rtp(packet) = packet {
                    fill(packet);
                }
            });
        }
    }

    /// Sends RTCP on towards the wire from this interceptor's place, after the present packet.
    pub fn send_rtcp(&mut self, packet: RtcpPacket) {
        if self.may_emit() {
            self.shared.wire.emit(self.node, Outgoing::Rtcp(packet));
        }
    }

    /// Passes RTP on towards the application from this interceptor's place, after the present packet.
    #[inline(always)]
    pub fn deliver_rtp(&mut self, packet: RtpPacket) {
        if self.may_emit() {
            self.shared.app.emit(self.node, Incoming::Rtp(packet));
        }
    }

    /// Passes RTCP on towards the application from this interceptor's place, after the present packet.
    pub fn deliver_rtcp(&mut self, packet: RtcpPacket) {
        if self.may_emit() {
            self.shared.app.emit(self.node, Incoming::Rtcp(packet));
        }
    }

    #[inline]
    const fn may_emit(&mut self) -> bool {
        if self.shared.emitted >= self.shared.config.limits.max_emitted_per_input {
            self.shared.counters.dropped_emissions += 1;
            return false;
        }
        self.shared.emitted += 1;
        true
    }

    /// Asks for [`handle_timeout`](crate::Interceptor::handle_timeout) at an instant. One deadline is pending an
    /// interceptor and the earliest wins; it is gone when it fires.
    #[inline]
    pub fn wake_at(&mut self, at: Instant) {
        self.shared.wakes.add(self.node, at);
    }

    /// What the connection's interceptors have found out so far.
    #[must_use]
    #[inline]
    pub const fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// Tells the connection's interceptors, and its owner by [`Event::Fact`], what was found out.
    pub fn publish(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        self.shared.facts.record(fact);
        self.shared.push_event(Event::Fact(fact));
    }

    /// Raises an event of this interceptor's own, [`Event::Raised`].
    pub fn raise<T: Any + Send + Sync>(&mut self, value: T) {
        let interceptor = self.name();
        self.shared.push_event(Event::Raised { interceptor, value: Arc::new(value) });
    }

    /// The local stream that this SSRC (media, RTX or FEC) belongs to.
    #[must_use]
    pub fn local_stream(&self, ssrc: u32) -> Option<&StreamInfo> {
        self.routes.local.info(ssrc).map(|info| &**info)
    }

    /// The remote stream that this SSRC (media, RTX or FEC) belongs to.
    #[must_use]
    pub fn remote_stream(&self, ssrc: u32) -> Option<&StreamInfo> {
        self.routes.remote.info(ssrc).map(|info| &**info)
    }

    /// The stream that this SSRC belongs to, remote or local.
    #[must_use]
    pub fn stream(&self, ssrc: u32) -> Option<&StreamInfo> {
        self.remote_stream(ssrc).or_else(|| self.local_stream(ssrc))
    }

    /// The connection's seeded random generator.
    #[must_use]
    pub const fn rng(&mut self) -> &mut SmallRng {
        &mut self.shared.rng
    }

    /// The one local SSRC that all feedback of the connection carries.
    #[must_use]
    #[inline]
    pub const fn sender_ssrc(&self) -> u32 {
        self.shared.config.sender_ssrc
    }

    /// The connection's configuration: MTU, CNAME, reduced-size RTCP, identity.
    #[must_use]
    #[inline]
    pub const fn config(&self) -> &ChainConfig {
        &self.shared.config
    }

    /// What the chain has counted so far.
    #[must_use]
    pub const fn counters(&self) -> &Counters {
        &self.shared.counters
    }

    /// The errors that each interceptor's hooks have returned so far, by name.
    pub fn hook_errors(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        let present = self.shared.names.iter().zip(&self.shared.errors).filter(|(name, _)| !name.is_empty());
        present.map(|(name, errors)| (*name, *errors))
    }

    /// The name under which this interceptor was added.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.shared.names.get(usize::from(self.node)).copied().unwrap_or_default()
    }
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("now", &self.now)
            .field("interceptor", &self.name())
            .finish_non_exhaustive()
    }
}

/// What all hooks of a chain share.
pub(crate) struct Shared {
    pub(crate) config: ChainConfig,
    pub(crate) facts: Facts,
    pub(crate) rng: SmallRng,
    /// Packets emitted for the present input.
    pub(crate) emitted: usize,
    /// Why the last hook failed, until the walk has seen to it.
    pub(crate) failure: Option<Error>,
    /// Pending deadlines.
    pub(crate) wakes: Wakes,
    /// Names, by interceptor.
    pub(crate) names: Vec<&'static str>,
    /// Errors that hooks returned, by interceptor.
    pub(crate) errors: Vec<u64>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) wire: Lane<Outgoing>,
    pub(crate) app: Lane<Incoming>,
    pub(crate) counters: Counters,
    latest: Instant,
    /// From the chain's start to `latest`.
    elapsed_nanos: u64,
}

impl Shared {
    pub(crate) fn new(config: ChainConfig) -> Self {
        Self {
            facts: Facts::default(),
            rng: SmallRng::seed_from_u64(derive(config.seed, 3)),
            emitted: 0,
            failure: None,
            wakes: Wakes::default(),
            names: Vec::new(),
            errors: Vec::new(),
            events: VecDeque::new(),
            wire: Lane::default(),
            app: Lane::default(),
            counters: Counters::default(),
            latest: config.now,
            elapsed_nanos: 0,
            config,
        }
    }

    /// A clock that goes back stands still instead: no hook sees time run backwards.
    #[inline]
    pub(crate) fn advance(&mut self, now: Instant) -> Instant {
        self.emitted = 0;
        // Packets that came together share their instant.
        if now > self.latest {
            self.latest = now;
            self.elapsed_nanos = self.config.nanos_at(now);
        } else if now < self.latest {
            self.counters.clock_went_back += 1;
        }
        self.latest
    }

    pub(crate) fn min_rearm(&self) -> Duration {
        self.config.limits.min_rearm
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
        self.counters.dropped_queued += self.wire.push(packet, self.config.limits.max_queued);
    }

    #[inline(always)]
    pub(crate) fn push_app(&mut self, packet: Incoming) {
        self.counters.dropped_queued += self.app.push(packet, self.config.limits.max_queued);
    }
}
