//! What a hook may see and do beyond its packet and its stream's state.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use interceptor_packet::{NtpTime, RtcpPacket, RtpPacket};
use rand::rngs::SmallRng;

use crate::place::{NodeId, Place};
use crate::reserve::{Reserve, Stamp};
use crate::routes::{Routes, Stream};
use crate::shared::Shared;
use crate::{ChainConfig, Counters, Event, Fact, Facts, Incoming, Outgoing, StreamInfo, StreamKey};

/// Where a hook stands and what it may do from there.
pub struct Context<'a> {
    pub(crate) now: Instant,
    /// The interceptor whose hook runs.
    pub(crate) node: NodeId,
    /// The stream whose packet passes, if it is of one.
    pub(crate) stream: Option<&'a Stream>,
    pub(crate) routes: &'a Routes,
    pub(crate) shared: &'a mut Shared,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(now: Instant, routes: &'a Routes, shared: &'a mut Shared) -> Self {
        Self { now, node: NodeId::NOBODY, stream: None, routes, shared }
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
        self.shared.hot.elapsed_nanos
    }

    /// Nanoseconds from [`ChainConfig::now`] to `at`, 0 if that is earlier; for free when `at` is [`now`](Self::now), as
    /// the arrival of a packet mostly is.
    #[must_use]
    #[inline]
    pub fn nanos_at(&self, at: Instant) -> u64 {
        if at == self.now { self.shared.hot.elapsed_nanos } else { self.shared.config.nanos_at(at) }
    }

    /// Wall-clock time at an instant, from the connection's anchor.
    #[must_use]
    pub fn ntp(&self, at: Instant) -> NtpTime {
        self.shared.config.ntp_at(at)
    }

    /// Wall-clock time at [`now`](Self::now).
    #[must_use]
    #[inline]
    pub fn ntp_now(&self) -> NtpTime {
        self.shared.config.ntp + Duration::from_nanos(self.shared.hot.elapsed_nanos)
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
        if self.shared.emitted as usize >= self.shared.config.limits.max_emitted_per_input {
            self.shared.counters.dropped_emissions += 1;
            return false;
        }
        self.shared.emitted += 1;
        (self.shared.hot.pending, self.shared.hot.spent) = (true, true);
        true
    }

    /// How many packets may still be emitted for the present input: what goes over is dropped and counted
    /// ([`Limits::max_emitted_per_input`](crate::Limits::max_emitted_per_input)). Who holds packets back emits no more than
    /// that at a time and asks to be woken for the rest.
    #[must_use]
    pub const fn emit_budget(&self) -> usize {
        self.shared.config.limits.max_emitted_per_input.saturating_sub(self.shared.emitted as usize)
    }

    /// Asks for [`handle_timeout`](crate::Interceptor::handle_timeout) at an instant. One deadline is pending an
    /// interceptor and the earliest wins; it is gone when it fires. An interceptor is not woken twice within
    /// [`Limits::min_rearm`](crate::Limits::min_rearm).
    #[inline]
    pub fn wake_at(&mut self, at: Instant) {
        self.shared.hot.wakes.add(self.node, at, "");
    }

    /// [`wake_at`](Self::wake_at) with the reason, for [`Chain::layout`](crate::Chain::layout) and traces.
    #[inline]
    pub fn wake_for(&mut self, reason: &'static str, at: Instant) {
        self.shared.hot.wakes.add(self.node, at, reason);
    }

    /// What the connection's interceptors have found out so far.
    #[must_use]
    #[inline]
    pub const fn facts(&self) -> &Facts {
        &self.shared.facts
    }

    /// Tells the connection's other interceptors, by [`handle_fact`](crate::Interceptor::handle_fact) when the present walk
    /// has ended, and its owner, by [`Event::Fact`], what was found out.
    pub fn publish(&mut self, fact: impl Into<Fact>) {
        let fact = fact.into();
        self.shared.publish(self.node, fact, self.routes);
        self.shared.push_event(Event::Fact(fact));
    }

    /// In `bind_local` and `bind_remote`: the key of the stream, by which [`Streams`](crate::Streams) finds its state without
    /// a look-up, and [`Deadlines`](crate::Deadlines) its deadline.
    #[must_use]
    pub const fn stream_key(&self) -> StreamKey {
        self.shared.key
    }

    /// Declares, in `bind_local` or `amend_local`, that this interceptor writes a header extension of `len` bytes into every
    /// packet of the stream: who stands above and computes over packets reserves it. What one hook declares takes the place
    /// of what was declared before.
    pub fn declare_stamp(&mut self, id: u8, len: u8) {
        self.declare(Reserve::Stamp(Stamp { id, len }));
    }

    /// Declares, in `bind_local` or `amend_local`, that this interceptor makes packets of the stream, or what repairs them,
    /// larger by up to so many bytes besides header extensions.
    pub fn declare_headroom(&mut self, bytes: u16) {
        self.declare(Reserve::Headroom(bytes));
    }

    /// Nothing outside the hooks that a stream is told to: it would be nobody's.
    fn declare(&mut self, reserve: Reserve) {
        if let Some(declared) = &mut self.shared.declared {
            declared.push(reserve);
        }
    }

    /// The header extensions that interceptors nearer the wire will write into the packet that passes, which is one of a
    /// local stream. Never kept: who is added to a running chain stamps from the next packet on.
    pub fn stamps(&self) -> impl Iterator<Item = Stamp> + '_ {
        self.shared.stamped_outside.iter().copied().chain(self.stamps_below(self.stream))
    }

    /// The header extensions that interceptors nearer the wire will write into packets of the local stream that this SSRC
    /// belongs to: for what is made outside a packet's walk.
    pub fn local_stamps(&self, ssrc: u32) -> impl Iterator<Item = Stamp> + '_ {
        self.stamps_below(self.routes.local.route(ssrc).map(|(stream, _)| stream))
    }

    fn stamps_below(&self, stream: Option<&'a Stream>) -> impl Iterator<Item = Stamp> + '_ {
        let place = self.place();
        stream.into_iter().flat_map(move |stream| stream.reserves.stamps(place))
    }

    fn place(&self) -> Place {
        self.shared.roster.place(self.node)
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
        self.shared.roster.errors()
    }

    /// The name under which this interceptor was added.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.shared.roster.name(self.node)
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
