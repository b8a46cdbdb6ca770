//! What is known of one connection.

use std::sync::Arc;

use interceptor_core::packet::rtcp::TmmbEntry;
use interceptor_core::packet::{Ecn, RtcpBuilder};
use interceptor_core::{BuildContext, StreamKey, WindowedMin};

use crate::allocate::Claim;
use crate::breaker::Breaker;
use crate::choice::Choice;
use crate::ecn::EcnPath;
use crate::handle::{Hub, Side};
use crate::history::History;
use crate::limits::Limits;
use crate::news::Told;
use crate::rates::RateMeter;
use crate::remb::RembSchedule;
use crate::resolve::Resolver;
use crate::sources::Sources;
use crate::{
    Adaptive, CongestionCounters, CongestionOptions, CongestionState, Controller, FeedbackFormat, RateLimits,
    Time,
};

/// Congestion control of one connection by a [`Controller`]; the [crate] says what it does.
pub struct Congestion<C: Controller = Adaptive> {
    pub(crate) options: CongestionOptions,
    pub(crate) controller: C,
    pub(crate) history: History,
    pub(crate) resolver: Resolver,
    pub(crate) sources: Sources,
    pub(crate) choice: Choice,
    /// Numbers in a row that were behind all others.
    pub(crate) numbers_behind: u32,
    pub(crate) ecn: EcnPath,
    /// The mark that packets leave with.
    pub(crate) ect: Ecn,
    pub(crate) limits: Limits,
    /// What the controller was told last.
    pub(crate) told_limits: RateLimits,
    pub(crate) breaker: Breaker,
    pub(crate) told: Told,
    /// What leaves and is of no stream.
    pub(crate) unbound: RateMeter,
    /// When TMMBN were sent last.
    pub(crate) answered: Time,
    /// What streams can use, or may, may have changed.
    pub(crate) streams_changed: bool,
    /// When what streams send was averaged, and the target shared, last.
    pub(crate) averaged: Time,
    pub(crate) shared: Time,
    /// The parts of streams in the sharing at hand; kept for its memory.
    pub(crate) claims: Vec<Claim<(bool, StreamKey)>>,
    /// Entries of the TMMBN at hand.
    pub(crate) entries: Vec<TmmbEntry>,
    pub(crate) remb: RembSchedule,
    /// Media SSRCs of remote streams that negotiated `goog-remb`.
    pub(crate) remb_ssrcs: Vec<u32>,
    /// Media SSRCs of local streams that have ended lately: feedback may still name them.
    pub(crate) ended: [u32; 8],
    pub(crate) builder: RtcpBuilder,
    /// When transport feedback came last, and its round-trip time.
    pub(crate) last_feedback: Option<Time>,
    pub(crate) smallest_rtt: WindowedMin,
    /// When somebody else published the round-trip time, and when we did.
    pub(crate) rtt_heard: Option<Time>,
    pub(crate) rtt_told: Option<Time>,
    /// Bytes of headers below RTP, the transport's included.
    pub(crate) below: u32,
    /// When the regular work is due; `None`: there is none.
    pub(crate) upkeep: Option<Time>,
    /// When a rise that has to wait is told.
    pub(crate) rise_due: Option<Time>,
    /// When the chain will wake us.
    pub(crate) armed: Option<Time>,
    /// Packets left since the last regular work.
    pub(crate) busy: bool,
    pub(crate) hub: Arc<Hub>,
    pub(crate) side: Arc<Side>,
    /// Of the orders that were heard.
    pub(crate) heard: u32,
    pub(crate) counters: CongestionCounters,
}

impl<C: Controller> Congestion<C> {
    pub(crate) fn new(
        options: CongestionOptions,
        mut controller: C,
        hub: &Arc<Hub>,
        cx: &BuildContext<'_>,
    ) -> Self {
        let decision = controller.decision();
        let own = RateLimits { min: options.min_bitrate, max: options.max_bitrate };
        let (side, limits) = hub.open(CongestionState {
            connection: Arc::clone(cx.connection_id()),
            target: own.clamp(decision.target),
            stable: own.clamp(decision.target),
            limits: own,
            reason: decision.reason,
            link: decision.link,
            in_flight: 0,
            breaker: None,
            streams: Vec::new(),
            counters: CongestionCounters::default(),
        });
        let own = limits.unwrap_or(own);
        let now = cx.now().saturating_duration_since(cx.config().now);
        let now = Time::default() + now;
        controller.on_limits(now, own);
        Self {
            history: History::new(options.max_packets),
            resolver: Resolver::new(),
            sources: Sources::default(),
            choice: Choice::new(options.feedback),
            numbers_behind: 0,
            ecn: EcnPath::default(),
            ect: Ecn::NotEct,
            limits: Limits::new(own),
            told_limits: own,
            breaker: Breaker::new(),
            told: Told::default(),
            unbound: RateMeter::default(),
            answered: Time::MIN,
            streams_changed: true,
            averaged: now,
            shared: Time::MIN,
            claims: Vec::new(),
            entries: Vec::new(),
            remb: RembSchedule::default(),
            remb_ssrcs: Vec::new(),
            ended: [0; 8],
            builder: RtcpBuilder::with_capacity(1024),
            last_feedback: None,
            smallest_rtt: WindowedMin::default(),
            rtt_heard: None,
            rtt_told: None,
            below: u32::from(options.datagram_overhead) + cx.config().transport_overhead as u32,
            upkeep: None,
            rise_due: None,
            armed: None,
            busy: false,
            hub: Arc::clone(hub),
            heard: side.generation(),
            side,
            counters: CongestionCounters::default(),
            options,
            controller,
        }
    }

    /// What decides.
    #[must_use]
    pub const fn controller(&self) -> &C {
        &self.controller
    }

    /// What was counted so far.
    #[must_use]
    pub const fn counters(&self) -> CongestionCounters {
        let mut counters = self.counters;
        counters.packets_expired = self.history.expired;
        counters.packets_forgotten = self.history.forgotten;
        counters
    }

    /// Bytes that are on the way.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.history.in_flight()
    }

    /// The format of feedback that is used; `None` when no stream has negotiated any.
    #[must_use]
    pub const fn feedback_format(&self) -> Option<FeedbackFormat> {
        self.choice.format()
    }
}

impl<C: Controller> Drop for Congestion<C> {
    /// A chain that is dropped without being closed, or bypasses this interceptor, ends its counters too.
    fn drop(&mut self) {
        self.hub.close(&self.side, self.counters());
    }
}

impl<C: Controller> std::fmt::Debug for Congestion<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Congestion")
            .field("decision", &self.controller.decision())
            .field("format", &self.choice.format())
            .field("in_flight", &self.history.in_flight())
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
