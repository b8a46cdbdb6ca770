//! One chain with statistics, on a virtual clock.

pub(crate) mod pcap;
pub(crate) mod replay;
pub(crate) mod tools;

use std::time::Duration;

use interceptor_core::{Chain, ChainConfig, Registry, StreamInfo};
use interceptor_core::{FecInfo, FecScheme};
use interceptor_packet::{NtpTime, RtcpBuilder, RtcpPacket, RtpPacket};
use interceptor_stats::{
    ConnectionStats, InboundRtp, OutboundRtp, RemoteInboundRtp, RemoteOutboundRtp, StatsFactory, StatsHandle,
    StatsOptions,
};
use interceptor_test::Clock;

/// The far end's and this end's SSRCs in most tests.
pub(crate) const REMOTE: u32 = 0x1122_3344;
pub(crate) const REMOTE_RTX: u32 = 0x5566_7788;
pub(crate) const REMOTE_FEC: u32 = 0x99aa_bbcc;
pub(crate) const LOCAL: u32 = 0x0a0b_0c0d;
pub(crate) const LOCAL_RTX: u32 = 0x0e0f_1011;
/// Under which SSRC this end sends feedback.
pub(crate) const REPORTER: u32 = 0x0102_0304;
/// The wall clock at the start, since 1970.
pub(crate) const START: Duration = Duration::from_secs(1_700_000_000);

pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) struct Bench {
    pub(crate) clock: Clock,
    pub(crate) chain: Chain,
    pub(crate) handle: StatsHandle,
}

impl Bench {
    /// Only statistics.
    pub(crate) fn new() -> Self {
        Self::with(StatsOptions::default(), |registry| registry)
    }

    /// Statistics and whatever else `more` adds.
    pub(crate) fn with(options: StatsOptions, more: impl FnOnce(Registry) -> Registry) -> Self {
        let factory = StatsFactory::new(options).expect("valid options");
        let handle = factory.handle();
        let clock = Clock::new();
        let registry = more(Registry::new().with(factory));
        let chain = registry.build(config("call", &clock)).expect("factories build");
        Self { clock, chain, handle }
    }

    /// A remote and a local video stream with RTX.
    pub(crate) fn with_video() -> Self {
        let mut bench = Self::new();
        bench.bind_remote(
            video(REMOTE)
                .with_rtx(REMOTE_RTX, 97)
                .with_fec(FecInfo::new(FecScheme::FlexFec03, 98).with_ssrc(REMOTE_FEC)),
        );
        bench.bind_local(video(LOCAL).with_rtx(LOCAL_RTX, 97));
        bench
    }

    pub(crate) fn bind_remote(&mut self, stream: StreamInfo) {
        self.chain.bind_remote(stream, self.clock.now()).expect("the stream is new");
    }

    pub(crate) fn bind_local(&mut self, stream: StreamInfo) {
        self.chain.bind_local(stream, self.clock.now()).expect("the stream is new");
    }

    pub(crate) fn receive(&mut self, packet: RtpPacket) {
        self.chain.read_rtp(packet, self.clock.now());
        while self.chain.poll_app().is_some() {}
    }

    pub(crate) fn send(&mut self, packet: RtpPacket) {
        self.chain.write_rtp(packet, self.clock.now());
        while self.chain.poll_wire().is_some() {}
    }

    pub(crate) fn receive_rtcp(&mut self, packet: &mut RtcpBuilder) {
        self.chain.read_rtcp(built(packet), self.clock.now());
        while self.chain.poll_app().is_some() {}
    }

    pub(crate) fn send_rtcp(&mut self, packet: &mut RtcpBuilder) {
        self.chain.write_rtcp(built(packet), self.clock.now());
        while self.chain.poll_wire().is_some() {}
    }

    /// Runs the chain's timers up to `time` from now.
    pub(crate) fn run_for(&mut self, time: Duration) {
        let end = self.clock.now() + time;
        while let Some(due) = self.chain.next_timeout().filter(|due| *due <= end) {
            self.clock.advance(due.saturating_duration_since(self.clock.now()));
            self.chain.handle_timeout(self.clock.now());
        }
        self.clock.advance(end.saturating_duration_since(self.clock.now()));
    }

    pub(crate) fn ntp(&self) -> NtpTime {
        NtpTime::from_unix(START + self.clock.elapsed())
    }

    pub(crate) fn connection(&self) -> ConnectionStats {
        self.handle.connection("call").expect("the chain is open")
    }

    pub(crate) fn inbound(&self) -> InboundRtp {
        self.handle.stream("call", REMOTE).and_then(|stream| stream.inbound_rtp).expect("bound")
    }

    pub(crate) fn outbound(&self) -> OutboundRtp {
        self.handle.stream("call", LOCAL).and_then(|stream| stream.outbound_rtp).expect("bound")
    }

    pub(crate) fn remote_inbound(&self) -> Option<RemoteInboundRtp> {
        self.handle.stream("call", LOCAL).and_then(|stream| stream.remote_inbound_rtp)
    }

    pub(crate) fn remote_outbound(&self) -> Option<RemoteOutboundRtp> {
        self.handle.stream("call", REMOTE).and_then(|stream| stream.remote_outbound_rtp)
    }
}

pub(crate) fn config(id: &str, clock: &Clock) -> ChainConfig {
    ChainConfig::new(id, clock.now(), NtpTime::from_unix(START + clock.elapsed()), 1)
        .with_sender_ssrc(REPORTER)
}

/// VP8 without feedback, RTX or FEC.
pub(crate) fn video(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000).with_mime_type("video/VP8").with_name("camera")
}

pub(crate) fn built(packet: &mut RtcpBuilder) -> RtcpPacket {
    packet.build().expect("a valid compound")
}
