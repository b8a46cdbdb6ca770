//! What the tests have in common: a chain with a pacer, its clock, and what leaves when.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Event, Fact, Limits, Outgoing, Pacing, Registry, StreamInfo};
use interceptor_pacer::{
    Class, ClassCounters, PacerFactory, PacerHandle, PacerOptions, PacerOverflow, PacerTotals,
};
use interceptor_test::{Clock, rtp, stream_info};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// IP, UDP and the test kit's RTP header.
pub(crate) const HEADERS: usize = 28 + 12;

pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) handle: PacerHandle,
    pub(crate) clock: Clock,
    /// What has left, and when.
    pub(crate) out: Vec<(Duration, RtpPacket)>,
    pub(crate) out_rtcp: Vec<(Duration, RtcpPacket)>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) overflows: Vec<PacerOverflow>,
}

/// A packet of a stream that takes so many bytes on the wire.
pub(crate) fn packet(ssrc: u32, seq: u16, wire_bytes: usize) -> RtpPacket {
    rtp(ssrc).seq(seq).payload_len(wire_bytes - HEADERS).build()
}

/// A pace and nothing else.
pub(crate) fn pacing(bits_per_second: u64) -> Pacing {
    let burst = 5 * MS;
    Pacing { bits_per_second, padding: 0, burst, window: None, in_flight: 0, ect: None }
}

/// Options with a pace.
pub(crate) fn at(bits_per_second: u64) -> PacerOptions {
    PacerOptions::default().with_rate(Some(bits_per_second))
}

impl Rig {
    pub(crate) fn new(options: PacerOptions) -> Self {
        Self::with(options, |registry| registry)
    }

    /// With others in the chain.
    pub(crate) fn with(options: PacerOptions, others: impl FnOnce(Registry) -> Registry) -> Self {
        Self::within(options, Limits::default(), others)
    }

    /// With others in the chain, within limits of its own.
    pub(crate) fn within(
        options: PacerOptions,
        limits: Limits,
        others: impl FnOnce(Registry) -> Registry,
    ) -> Self {
        let pacer = PacerFactory::new(options).unwrap();
        let (handle, clock) = (pacer.handle(), Clock::new());
        let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 1)
            .with_isolate_panics(false)
            .with_limits(limits);
        let chain = others(Registry::new().with(pacer)).build(config).unwrap();
        let (out, out_rtcp, facts, overflows) = Default::default();
        Self { chain, handle, clock, out, out_rtcp, facts, overflows }
    }

    /// With video streams of these SSRCs.
    pub(crate) fn video(options: PacerOptions, ssrcs: &[u32]) -> Self {
        let mut rig = Self::new(options);
        ssrcs.iter().for_each(|ssrc| rig.bind(stream_info::video_with_rtx(*ssrc, ssrc + 1000)));
        rig
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_local(info, self.clock.now()).unwrap();
    }

    pub(crate) fn unbind(&mut self, ssrc: u32) {
        self.chain.unbind_local(ssrc, self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn give(&mut self, packet: RtpPacket) {
        self.chain.write_rtp(packet, self.clock.now());
        self.poll();
    }

    /// Packets of so many bytes on the wire, with these numbers.
    pub(crate) fn give_all(&mut self, ssrc: u32, seqs: std::ops::Range<u16>, wire_bytes: usize) {
        seqs.for_each(|seq| self.give(packet(ssrc, seq, wire_bytes)));
    }

    pub(crate) fn give_rtcp(&mut self, packet: RtcpPacket) {
        self.chain.write_rtcp(packet, self.clock.now());
        self.poll();
    }

    pub(crate) fn tell(&mut self, fact: impl Into<Fact>) {
        self.chain.publish(fact, self.clock.now());
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

    pub(crate) fn close(&mut self) {
        self.chain.close(self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn poll(&mut self) {
        let at = self.clock.elapsed();
        while let Some(packet) = self.chain.poll_wire() {
            match packet {
                Outgoing::Rtp(packet) => self.out.push((at, packet)),
                Outgoing::Rtcp(packet) => self.out_rtcp.push((at, packet)),
            }
        }
        while let Some(event) = self.chain.poll_event() {
            if let Some(overflow) = event.raised() {
                self.overflows.push(*overflow);
            }
            if let Event::Fact(fact) = event {
                self.facts.push(fact);
            }
        }
    }

    /// SSRC and number of what has left.
    pub(crate) fn left(&self) -> Vec<(u32, u16)> {
        self.out.iter().map(|(_, packet)| (packet.ssrc(), packet.sequence_number())).collect()
    }

    /// When what has left did, in whole milliseconds.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.out.iter().map(|(at, _)| at.as_millis()).collect()
    }

    pub(crate) fn totals(&self) -> PacerTotals {
        self.handle.totals()
    }

    pub(crate) fn counters(&self, class: Class) -> ClassCounters {
        self.totals().class(class)
    }
}

/// Bytes on the wire.
pub(crate) fn wire_bytes(packet: &RtpPacket) -> usize {
    packet.total_len() + 28
}
