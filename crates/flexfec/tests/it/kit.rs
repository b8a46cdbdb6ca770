//! What the tests have in common: a chain that protects, its clock, and what leaves.

use std::time::{Duration, Instant};

use interceptor_core::packet::fec::{FlexFec03, Rfc8627, Span};
use interceptor_core::packet::{NtpTime, Origin, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Event, Fact, FecInfo, FecScheme, Limits, Outgoing, ProtectionOverhead, Registry,
    StreamInfo,
};
use interceptor_flexfec::{
    Code, FlexFecFactory, FlexFecHandle, FlexFecOptions, ProtectionCounters, ProtectionOptions,
};
use interceptor_test::{Clock, rtp, stream_info};

pub(crate) const MEDIA: u32 = 0x1122_3344;
pub(crate) const REPAIR: u32 = 0x5566_7788;
pub(crate) const REPAIR_TYPE: u8 = 49;
pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// Video whose repair packets have this format.
pub(crate) fn video(scheme: FecScheme) -> StreamInfo {
    stream_info::video(MEDIA).with_fec(FecInfo::new(scheme, REPAIR_TYPE).with_ssrc(REPAIR))
}

pub(crate) fn coded(code: Code) -> ProtectionOptions {
    ProtectionOptions::default().with_code(code).with_first_sequence_number(Some(1))
}

/// A packet of the media with this number, of a length of its own.
pub(crate) fn media(seq: u16) -> RtpPacket {
    rtp(MEDIA).seq(seq).ts(u32::from(seq) * 3000).payload_len(100 + usize::from(seq % 7)).build()
}

pub(crate) struct Sender {
    pub(crate) chain: Chain,
    pub(crate) handle: FlexFecHandle,
    pub(crate) clock: Clock,
    /// What has left, and when.
    pub(crate) out: Vec<(Duration, RtpPacket)>,
    pub(crate) overheads: Vec<ProtectionOverhead>,
}

impl Sender {
    /// Protects video in draft 03's format.
    pub(crate) fn new(protection: ProtectionOptions) -> Self {
        Self::of(protection, video(FecScheme::FlexFec03))
    }

    /// Protects this stream.
    pub(crate) fn of(protection: ProtectionOptions, info: StreamInfo) -> Self {
        let mut sender = Self::with(protection, Limits::default(), |registry| registry);
        sender.bind(info);
        sender
    }

    /// With others in the chain, and no stream yet.
    pub(crate) fn with(
        protection: ProtectionOptions,
        limits: Limits,
        others: impl FnOnce(Registry) -> Registry,
    ) -> Self {
        let factory = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection)).unwrap();
        let (handle, clock) = (factory.handle(), Clock::new());
        let config = ChainConfig::new("call", clock.now(), NtpTime::from_bits(0xe8fe_6f80_1f9a_dd37), 7)
            .with_isolate_panics(false)
            .with_limits(limits);
        let chain = others(Registry::new().with(factory)).build(config).unwrap();
        Self { chain, handle, clock, out: Vec::new(), overheads: Vec::new() }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_local(info, self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn unbind(&mut self) {
        self.chain.unbind_local(MEDIA, self.clock.now()).unwrap();
        self.poll();
    }

    pub(crate) fn give(&mut self, packet: RtpPacket) {
        self.chain.write_rtp(packet, self.clock.now());
        self.poll();
    }

    /// Packets with these numbers, at once.
    pub(crate) fn give_all(&mut self, seqs: impl IntoIterator<Item = u16>) {
        seqs.into_iter().for_each(|seq| self.give(media(seq)));
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

    fn poll(&mut self) {
        let at = self.clock.elapsed();
        while let Some(packet) = self.chain.poll_wire() {
            if let Outgoing::Rtp(packet) = packet {
                self.out.push((at, packet));
            }
        }
        while let Some(event) = self.chain.poll_event() {
            if let Event::Fact(Fact::ProtectionOverhead(overhead)) = event {
                self.overheads.push(overhead);
            }
        }
    }

    pub(crate) fn counters(&self) -> ProtectionCounters {
        self.handle.totals().protection
    }

    /// The media that has left.
    pub(crate) fn media(&self) -> Vec<RtpPacket> {
        self.of_origin(Origin::Media)
    }

    /// The repair packets that have left.
    pub(crate) fn repairs(&self) -> Vec<RtpPacket> {
        self.of_origin(Origin::FecRepair)
    }

    fn of_origin(&self, origin: Origin) -> Vec<RtpPacket> {
        self.out
            .iter()
            .map(|(_, packet)| packet)
            .filter(|packet| packet.info().origin == origin)
            .cloned()
            .collect()
    }

    /// The numbers that each repair packet covers, and when it left.
    pub(crate) fn covered(&self) -> Vec<(u128, Vec<u16>)> {
        let repairs = self.out.iter().filter(|(_, packet)| packet.info().origin == Origin::FecRepair);
        repairs.map(|(at, packet)| (at.as_millis(), span(packet).numbers().collect())).collect()
    }

    /// The numbers that each repair packet covers.
    pub(crate) fn blocks(&self) -> Vec<Vec<u16>> {
        self.covered().into_iter().map(|(_, numbers)| numbers).collect()
    }

    /// The code in use.
    pub(crate) fn code(&self) -> Option<Code> {
        self.handle.protected()[0].code
    }
}

/// What a repair packet protects.
pub(crate) fn span(repair: &RtpPacket) -> Span {
    if repair.csrcs().count() == 0 {
        let read = FlexFec03::read(repair.payload()).unwrap();
        let (ssrc, span) = read.protected().next().unwrap();
        assert_eq!(ssrc, MEDIA);
        return span;
    }
    assert_eq!(repair.csrcs().collect::<Vec<_>>(), [MEDIA]);
    let Ok(Rfc8627::Repair(read)) = Rfc8627::read(1, repair.payload()) else { panic!("{repair:?}") };
    read.spans().next().unwrap()
}
