//! What the tests have in common: a chain with a jitter buffer, its clock, and what leaves when.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Event, Fact, Incoming, Limits, Registry, StreamInfo};
use interceptor_jitter_buffer::{
    Gap, JitterBufferCounters, JitterBufferFactory, JitterBufferHandle, JitterBufferOptions, StreamPlayout,
};
use interceptor_test::{Clock, rtp, stream_info};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// The stream that most tests are about: audio of 48 kHz, a packet each 20 ms.
pub(crate) const SSRC: u32 = 1;
/// Timestamp units from one of its packets to the next.
pub(crate) const STEP: u32 = 960;

pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) handle: JitterBufferHandle,
    pub(crate) clock: Clock,
    /// What has left, and when.
    pub(crate) out: Vec<(Duration, RtpPacket)>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) gaps: Vec<Gap>,
}

/// Options, as the factory has them.
pub(crate) fn options() -> JitterBufferOptions {
    JitterBufferOptions::default()
}

/// A packet of audio: its timestamp follows from its number.
pub(crate) fn audio(seq: u16) -> RtpPacket {
    rtp(SSRC).pt(111).seq(seq).ts(u32::from(seq) * STEP).payload_len(100).build()
}

impl Rig {
    /// With an audio stream.
    pub(crate) fn new(options: JitterBufferOptions) -> Self {
        let mut rig = Self::empty(options);
        rig.bind(stream_info::audio(SSRC));
        rig
    }

    pub(crate) fn empty(options: JitterBufferOptions) -> Self {
        Self::within(options, Limits::default(), |registry| registry)
    }

    /// With others in the chain, within limits of its own.
    pub(crate) fn within(
        options: JitterBufferOptions,
        limits: Limits,
        others: impl FnOnce(Registry) -> Registry,
    ) -> Self {
        let factory = JitterBufferFactory::new(options).unwrap();
        let (handle, clock) = (factory.handle(), Clock::new());
        let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 1)
            .with_isolate_panics(false)
            .with_limits(limits);
        let chain = others(Registry::new().with(factory)).build(config).unwrap();
        let (out, facts, gaps) = Default::default();
        Self { chain, handle, clock, out, facts, gaps }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_remote(info, self.clock.now()).unwrap();
    }

    pub(crate) fn unbind(&mut self, ssrc: u32) {
        self.chain.unbind_remote(ssrc, self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn close(&mut self) {
        self.chain.close(self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn read(&mut self, packet: RtpPacket) {
        self.chain.read_rtp(packet, self.clock.now());
        self.poll();
    }

    pub(crate) fn read_rtcp(&mut self, packet: RtcpPacket) {
        self.chain.read_rtcp(packet, self.clock.now());
        self.poll();
    }

    pub(crate) fn tell(&mut self, fact: impl Into<Fact>) {
        self.chain.publish(fact, self.clock.now());
        self.poll();
    }

    /// Audio packets of these numbers, each so long after its media time.
    pub(crate) fn play(&mut self, packets: impl IntoIterator<Item = (u16, Duration)>) {
        let mut arrivals: Vec<(Duration, u16)> =
            packets.into_iter().map(|(seq, late)| (u32::from(seq) * 20 * MS + late, seq)).collect();
        arrivals.sort();
        for (at, seq) in arrivals {
            self.until(at);
            self.read(audio(seq));
        }
    }

    /// Audio that comes in its time.
    pub(crate) fn play_smoothly(&mut self, seqs: std::ops::Range<u16>) {
        self.play(seqs.map(|seq| (seq, Duration::ZERO)));
    }

    /// Time passes to so long after the start, timers fire when they are due.
    pub(crate) fn until(&mut self, elapsed: Duration) {
        let end = Clock::new().now() + elapsed;
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.clock.advance_to(at);
            self.chain.handle_timeout(self.clock.now());
            self.poll();
        }
        self.clock.advance_to(end);
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.until(self.clock.elapsed() + time);
    }

    pub(crate) fn poll(&mut self) {
        let at = self.clock.elapsed();
        while let Some(packet) = self.chain.poll_app() {
            if let Incoming::Rtp(packet) = packet {
                self.out.push((at, packet));
            }
        }
        while let Some(event) = self.chain.poll_event() {
            if let Some(gap) = event.raised() {
                self.gaps.push(*gap);
            }
            if let Event::Fact(fact) = event {
                self.facts.push(fact);
            }
        }
    }

    /// The numbers of what has left, since this was asked before.
    pub(crate) fn numbers(&mut self) -> Vec<u16> {
        self.out.drain(..).map(|(_, packet)| packet.sequence_number()).collect()
    }

    /// Numbers and the milliseconds at which they left, since this was asked before.
    pub(crate) fn times(&mut self) -> Vec<(u16, u128)> {
        self.out.drain(..).map(|(at, packet)| (packet.sequence_number(), at.as_millis())).collect()
    }

    pub(crate) fn counters(&self) -> JitterBufferCounters {
        self.handle.totals()
    }

    pub(crate) fn stream(&self) -> StreamPlayout {
        self.handle.stream("call", SSRC).unwrap()
    }

    /// What came has left, was dropped, or waits.
    #[track_caller]
    pub(crate) fn assert_book(&self) {
        let book = self.counters();
        let gone = book.emitted
            + book.empty
            + book.late
            + book.late_delivered
            + book.duplicates
            + book.strays
            + book.ended;
        assert_eq!(book.received, gone + book.held(), "{book:?}");
    }
}
