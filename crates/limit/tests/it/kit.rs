//! What the tests have in common: a chain with limits, one way, and what comes of it.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, ChainError, Incoming, Outgoing, Registry, StreamInfo};
use interceptor_limit::{
    Bounds, LimitCounters, LimitFactory, LimitHandle, LimitOptions, LimitTotals, Policy, Rate, Reached, Way,
};
use interceptor_test::Clock;

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Header of the test kit's packets.
pub(crate) const HEADER: usize = 12;

/// So many a second, at most `burst` at once.
pub(crate) fn rate(a_second: u64, burst: u64) -> Rate {
    Rate::new(a_second, SECOND, burst).unwrap()
}

pub(crate) fn packets(a_second: u64, burst: u64, policy: Policy) -> Bounds {
    Bounds::default().with_packets(rate(a_second, burst)).with_policy(policy)
}

/// A chain with nothing but limits, driven one way.
pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) handle: LimitHandle,
    pub(crate) clock: Clock,
    pub(crate) way: Way,
    /// What has passed, and when.
    pub(crate) out: Vec<(Duration, RtpPacket)>,
    pub(crate) out_rtcp: Vec<RtcpPacket>,
}

impl Rig {
    /// Both limits, and traffic one way.
    pub(crate) fn new(way: Way, options: LimitOptions) -> Self {
        let limit = LimitFactory::new(options).unwrap();
        let (handle, clock) = (limit.handle(), Clock::new());
        let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 1);
        let chain = Registry::new().with(limit.remote()).with(limit).build(config).unwrap();
        Self { chain, handle, clock, way, out: Vec::new(), out_rtcp: Vec::new() }
    }

    /// Bounds of every stream, whichever way.
    pub(crate) fn of_streams(way: Way, bounds: Bounds) -> Self {
        Self::new(way, LimitOptions::default().with_local(bounds).with_remote(bounds))
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) -> Result<(), ChainError> {
        match self.way {
            Way::Outgoing => self.chain.bind_local(info, self.clock.now()),
            Way::Incoming => self.chain.bind_remote(info, self.clock.now()),
        }
    }

    pub(crate) fn unbind(&mut self, ssrc: u32) {
        let ended = match self.way {
            Way::Outgoing => self.chain.unbind_local(ssrc, self.clock.now()),
            Way::Incoming => self.chain.unbind_remote(ssrc, self.clock.now()),
        };
        ended.unwrap();
        self.poll();
    }

    /// A packet comes, and what passes is polled.
    pub(crate) fn give(&mut self, packet: RtpPacket) {
        match self.way {
            Way::Outgoing => self.chain.write_rtp(packet, self.clock.now()),
            Way::Incoming => self.chain.read_rtp(packet, self.clock.now()),
        }
        self.poll();
    }

    pub(crate) fn give_rtcp(&mut self, packet: RtcpPacket) {
        match self.way {
            Way::Outgoing => self.chain.write_rtcp(packet, self.clock.now()),
            Way::Incoming => self.chain.read_rtcp(packet, self.clock.now()),
        }
        self.poll();
    }

    /// Time passes, timers fire when they are due.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now() + time;
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.clock.advance_to(at);
            self.chain.handle_timeout(self.clock.now());
            self.poll();
        }
        self.clock.advance_to(end);
    }

    pub(crate) fn poll(&mut self) {
        let at = self.clock.elapsed();
        while let Some(packet) = self.chain.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => self.out.push((at, packet)),
                Outgoing::Rtcp(packet) => self.out_rtcp.push(packet),
            }
        }
        while let Some(packet) = self.chain.poll_app() {
            match packet {
                Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => self.out.push((at, packet)),
                Incoming::Rtcp(packet) => self.out_rtcp.push(packet),
                _ => {}
            }
        }
    }

    /// Numbers of what has passed.
    pub(crate) fn numbers(&self) -> Vec<u16> {
        self.out.iter().map(|(_, packet)| packet.sequence_number()).collect()
    }

    /// What the owner was told since it was asked last.
    pub(crate) fn told(&mut self) -> Vec<Reached> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        events.filter_map(|event| event.raised().copied()).collect()
    }

    pub(crate) fn totals(&self) -> LimitTotals {
        self.handle.totals(self.way)
    }

    /// Of all streams, ended ones included.
    pub(crate) fn counters(&self) -> LimitCounters {
        self.totals().streams
    }
}

pub(crate) const BOTH: [Way; 2] = [Way::Outgoing, Way::Incoming];
