//! A chain that recovers, and what reaches the application.

use std::time::Duration;

use interceptor_core::packet::{NtpTime, Recovery, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Event, Fact, FecScheme, FecStats, Incoming, Registry, StreamInfo,
};
use interceptor_flexfec::{
    Code, FlexFecFactory, FlexFecHandle, FlexFecOptions, ProtectionOptions, RecoveryCounters, RecoveryOptions,
};
use interceptor_test::Clock;

use crate::kit::{Sender, media, video};

pub(crate) struct Receiver {
    pub(crate) chain: Chain,
    pub(crate) handle: FlexFecHandle,
    pub(crate) clock: Clock,
    /// What has reached the application.
    pub(crate) got: Vec<RtpPacket>,
    pub(crate) stats: Vec<FecStats>,
}

impl Receiver {
    pub(crate) fn new(scheme: FecScheme) -> Self {
        Self::of(RecoveryOptions::default(), video(scheme))
    }

    pub(crate) fn of(recovery: RecoveryOptions, info: StreamInfo) -> Self {
        Self::with(recovery, info, |registry| registry)
    }

    pub(crate) fn with(
        recovery: RecoveryOptions,
        info: StreamInfo,
        others: impl FnOnce(Registry) -> Registry,
    ) -> Self {
        let factory = FlexFecFactory::new(FlexFecOptions::default().with_recovery(recovery)).unwrap();
        let (handle, clock) = (factory.handle(), Clock::new());
        let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 9).with_isolate_panics(false);
        let mut chain = others(Registry::new().with(factory)).build(config).unwrap();
        chain.bind_remote(info, clock.now()).unwrap();
        Self { chain, handle, clock, got: Vec::new(), stats: Vec::new() }
    }

    pub(crate) fn read(&mut self, packet: &RtpPacket) {
        self.chain.read_datagram(packet.to_bytes(), self.clock.now());
        self.poll();
    }

    pub(crate) fn read_all<'a>(&mut self, packets: impl IntoIterator<Item = &'a RtpPacket>) {
        packets.into_iter().for_each(|packet| self.read(packet));
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.clock.advance(time);
    }

    fn poll(&mut self) {
        while let Some(incoming) = self.chain.poll_app() {
            if let Incoming::Rtp(packet) = incoming {
                self.got.push(packet);
            }
        }
        while let Some(event) = self.chain.poll_event() {
            if let Event::Fact(Fact::FecStats(stats)) = event {
                self.stats.push(stats);
            }
        }
    }

    pub(crate) fn counters(&self) -> RecoveryCounters {
        self.handle.totals().recovery
    }

    /// The numbers that have come, in order.
    pub(crate) fn numbers(&self) -> Vec<u16> {
        self.got.iter().map(RtpPacket::sequence_number).collect()
    }

    /// The numbers that have come back.
    pub(crate) fn back(&self) -> Vec<u16> {
        let recovered = self.got.iter().filter(|packet| packet.info().recovered_by == Some(Recovery::Fec));
        recovered.map(RtpPacket::sequence_number).collect()
    }
}

/// Media with these numbers, and its repair packets.
pub(crate) fn sent(
    scheme: FecScheme,
    code: Code,
    seqs: impl IntoIterator<Item = u16>,
) -> (Vec<RtpPacket>, Vec<RtpPacket>) {
    let options = ProtectionOptions::default().with_code(code).with_max_overhead_percent(100);
    let mut sender = Sender::of(options, video(scheme));
    sender.give_all(seqs);
    (sender.media(), sender.repairs())
}

/// All of these are as they were sent.
pub(crate) fn assert_right(packets: &[RtpPacket]) {
    packets.iter().for_each(|packet| assert_eq!(*packet, media(packet.sequence_number())));
}
