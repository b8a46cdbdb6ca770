//! A chain with nothing but the interceptors under test.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, ReportBlockData, RtcpBuilder, RtcpPacket, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Fact, Factory, Incoming, Interceptor, Outgoing, Registry, StreamInfo,
};
use interceptor_test::{Clock, hex, stream_info};

pub(crate) const MEDIA: u32 = 0x0a0b_0c0d;
pub(crate) const RTX: u32 = MEDIA + 1;
/// The identifier of the extension that a test is about.
pub(crate) const ID: u8 = 3;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Video with retransmissions and this extension.
pub(crate) fn video(uri: &str) -> StreamInfo {
    stream_info::video_with_rtx(MEDIA, RTX).with_extension(ID, uri)
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new<F: Factory>(factory: F) -> Self {
        Self::with_clock(factory, NtpTime::default())
    }

    /// Begins at this time of the wall clock.
    pub(crate) fn with_clock<F: Factory>(factory: F, ntp: NtpTime) -> Self {
        let now = Clock::new().now();
        let config = ChainConfig::new("test", now, ntp, 7).with_isolate_panics(false);
        Self { chain: Registry::new().with(factory).build(config).unwrap(), start: now, now }
    }

    pub(crate) fn sending(mut self, info: StreamInfo) -> Self {
        self.chain.bind_local(info, self.now).unwrap();
        self
    }

    pub(crate) fn receiving(mut self, info: StreamInfo) -> Self {
        self.chain.bind_remote(info, self.now).unwrap();
        self
    }

    /// The packet as it leaves.
    pub(crate) fn write(&mut self, packet: RtpPacket) -> RtpPacket {
        self.chain.write_rtp(packet, self.now);
        let Some(Outgoing::Rtp(packet)) = self.chain.poll_wire() else { panic!("the packet leaves") };
        packet
    }

    /// The packet as the application gets it.
    pub(crate) fn read(&mut self, packet: RtpPacket) -> RtpPacket {
        self.chain.read_rtp(packet, self.now);
        let Some(Incoming::Rtp(packet) | Incoming::UnboundRtp(packet)) = self.chain.poll_app() else {
            panic!("the packet arrives")
        };
        packet
    }

    pub(crate) fn read_rtcp(&mut self, packet: RtcpPacket) -> &mut Self {
        self.chain.read_rtcp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    /// What interceptors have found out.
    pub(crate) fn facts(&mut self) -> Vec<Fact> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        events
            .filter_map(
                |event| if let interceptor_core::Event::Fact(fact) = event { Some(fact) } else { None },
            )
            .collect()
    }

    /// What interceptors have raised.
    pub(crate) fn raised<T: Copy + 'static>(&mut self) -> Vec<T> {
        let events = std::iter::from_fn(|| self.chain.poll_event());
        events.filter_map(|event| event.raised::<T>().copied()).collect()
    }

    pub(crate) fn pass(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    pub(crate) fn get<I: Interceptor>(&self) -> &I {
        self.chain.get::<I>().unwrap()
    }

    /// Local and remote streams that the interceptor takes part in.
    pub(crate) fn parts(&self) -> (usize, usize) {
        let layout = self.chain.layout();
        let row = &layout.rows()[0];
        (row.local_streams, row.remote_streams)
    }
}

/// RTCP from the peer about [`MEDIA`].
pub(crate) fn rtcp(build: impl FnOnce(&mut RtcpBuilder) -> &mut RtcpBuilder) -> RtcpPacket {
    build(&mut RtcpPacket::builder()).build().unwrap()
}

/// The peer has received an SSRC's packets up to this number.
pub(crate) fn report(ssrc: u32, highest: u16) -> RtcpPacket {
    let block =
        ReportBlockData { ssrc, extended_sequence_number: highest.into(), ..ReportBlockData::default() };
    rtcp(|builder| builder.receiver_report(1, &[block]))
}

/// A header extension of a profile that has no elements, of [`MEDIA`].
pub(crate) fn foreign() -> RtpPacket {
    RtpPacket::parse(hex("90 60 0001 00000002 0a0b0c0d abcd0001 10aa20bb 99")).unwrap()
}
