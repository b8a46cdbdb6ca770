//! A chain with nothing but the interceptor, and what its reports say.

use std::time::{Duration, Instant};

use interceptor_core::packet::rtcp::{Ccfb, CcfbArrival};
use interceptor_core::packet::{Ecn, NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Outgoing, Registry, StreamInfo};
use interceptor_rfc8888::{Rfc8888, Rfc8888Counters, Rfc8888Factory, Rfc8888Options};
use interceptor_test::{Clock, rtp, stream_info};

pub(crate) const SENDER: u32 = 0x0102_0304;
pub(crate) const MEDIA: u32 = 0x0a0b_0c0d;
pub(crate) const RTX: u32 = 0x0a0b_0c0e;

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn registry(options: Rfc8888Options) -> Registry {
    Registry::new().with(Rfc8888Factory::new(options).unwrap())
}

/// A stream whose arrivals are reported.
pub(crate) fn stream(ssrc: u32) -> StreamInfo {
    stream_info::video_with_rtx(ssrc, ssrc + 1).with_feedback("ack", "ccfb")
}

pub(crate) fn media(seq: u16) -> RtpPacket {
    rtp(MEDIA).payload_len(1000).seq(seq).build()
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(options: Rfc8888Options, configure: impl FnOnce(ChainConfig) -> ChainConfig) -> Self {
        let now = Clock::new().now();
        let config = ChainConfig::new("test", now, NtpTime::default(), 7)
            .with_sender_ssrc(SENDER)
            .with_isolate_panics(false);
        let chain = registry(options).build(configure(config)).unwrap();
        Self { chain, start: now, now }
    }

    /// That receives [`stream`] of [`MEDIA`] and [`RTX`].
    pub(crate) fn receiver(options: Rfc8888Options) -> Self {
        let mut bench = Self::new(options, |config| config);
        bench.bind(stream(MEDIA));
        bench
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_remote(info, self.now).unwrap();
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// A packet of [`MEDIA`] comes now.
    pub(crate) fn read(&mut self, seq: u16) -> &mut Self {
        self.read_packet(media(seq))
    }

    pub(crate) fn read_marked(&mut self, seq: u16, ecn: Ecn) -> &mut Self {
        let mut packet = media(seq);
        packet.info_mut().ecn = Some(ecn);
        self.read_packet(packet)
    }

    pub(crate) fn read_packet(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.read_rtp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    /// Time passes without a timer.
    pub(crate) fn pass(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    /// Time passes with every timer at its instant.
    pub(crate) fn run(&mut self, time: Duration) -> &mut Self {
        let end = self.now + time;
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
        self
    }

    /// RTCP datagrams on the wire.
    pub(crate) fn wire(&mut self) -> Vec<RtcpPacket> {
        let wire = std::iter::from_fn(|| self.chain.poll_wire());
        wire.filter_map(|packet| if let Outgoing::Rtcp(packet) = packet { Some(packet) } else { None })
            .collect()
    }

    /// What they say, block by block.
    pub(crate) fn blocks(&mut self) -> Vec<Block> {
        self.wire().iter().flat_map(Block::all).collect()
    }

    pub(crate) fn counters(&self) -> Rfc8888Counters {
        *self.chain.get::<Rfc8888>().unwrap().counters()
    }

    pub(crate) fn pending(&mut self) -> u64 {
        self.chain.with_streams::<Rfc8888, _>(|rfc8888, streams| rfc8888.pending(&streams)).unwrap()
    }

    /// What came is reported, forgotten, or waits.
    #[track_caller]
    pub(crate) fn assert_book_closes(&mut self) {
        let (counters, pending) = (self.counters(), self.pending());
        let accounted = counters.arrivals_reported + counters.arrivals_forgotten + pending;
        assert_eq!(counters.arrivals, accounted, "{counters:?} and {pending} wait");
    }
}

/// The block of a report, decoded: number, and of those that came how long before the report, in 1/1024 s, and the mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) ssrc: u32,
    pub(crate) begin: u16,
    pub(crate) packets: Vec<(u16, Option<(CcfbArrival, Ecn)>)>,
    pub(crate) report_timestamp: u32,
}

pub(crate) fn ccfb(packet: &RtcpPacket) -> Ccfb<'_> {
    assert_eq!(packet.malformed(), 0);
    let view = packet.packets().find_map(|view| if let Rtcp::Ccfb(ccfb) = view { Some(ccfb) } else { None });
    view.expect("every datagram has a report")
}

impl Block {
    pub(crate) fn all(packet: &RtcpPacket) -> Vec<Self> {
        let report = ccfb(packet);
        let blocks = report.blocks().map(|block| {
            let packets =
                block.metrics().map(|(number, metric)| (number, metric.arrival().zip(metric.ecn())));
            Self {
                ssrc: block.ssrc(),
                begin: block.begin_sequence(),
                packets: packets.collect(),
                report_timestamp: report.report_timestamp(),
            }
        });
        blocks.collect()
    }

    pub(crate) fn received(&self) -> Vec<u16> {
        self.packets.iter().filter(|(_, came)| came.is_some()).map(|(number, _)| *number).collect()
    }

    pub(crate) fn missing(&self) -> Vec<u16> {
        self.packets.iter().filter(|(_, came)| came.is_none()).map(|(number, _)| *number).collect()
    }

    pub(crate) fn end(&self) -> u16 {
        self.begin.wrapping_add(self.packets.len() as u16)
    }
}
