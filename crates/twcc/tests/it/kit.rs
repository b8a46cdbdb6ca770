//! A chain with nothing but the interceptor, and what its feedback says.

use std::time::{Duration, Instant};

use interceptor_core::packet::rtcp::TwccStatus;
use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Outgoing, Registry, StreamInfo};
use interceptor_test::{Clock, rtp, stream_info};
use interceptor_twcc::{Twcc, TwccCounters, TwccFactory, TwccOptions};

pub(crate) const SENDER: u32 = 0x0102_0304;
pub(crate) const MEDIA: u32 = 0x0a0b_0c0d;
/// The extension's identifier in the streams of the kit.
pub(crate) const ID: u8 = 5;
pub(crate) const V2: &str = "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02";

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn micros(micros: u64) -> Duration {
    Duration::from_micros(micros)
}

pub(crate) fn registry(options: TwccOptions) -> Registry {
    Registry::new().with(TwccFactory::new(options).unwrap())
}

pub(crate) fn video() -> StreamInfo {
    stream_info::video(MEDIA)
}

/// A packet of [`video`] with this number.
pub(crate) fn numbered(number: u16) -> RtpPacket {
    rtp(MEDIA).payload_len(1000).ext(ID, &number.to_be_bytes()).build()
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) start: Instant,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(options: TwccOptions, configure: impl FnOnce(ChainConfig) -> ChainConfig) -> Self {
        let now = Clock::new().now();
        let config = ChainConfig::new("test", now, NtpTime::default(), 7)
            .with_sender_ssrc(SENDER)
            .with_isolate_panics(false);
        let chain = registry(options).build(configure(config)).unwrap();
        Self { chain, start: now, now }
    }

    /// That receives [`video`].
    pub(crate) fn receiver(options: TwccOptions) -> Self {
        let mut bench = Self::new(options, |config| config);
        bench.chain.bind_remote(video(), bench.now).unwrap();
        bench
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.now - self.start
    }

    /// A packet comes now.
    pub(crate) fn read(&mut self, number: u16) -> &mut Self {
        self.read_packet(numbered(number))
    }

    pub(crate) fn read_packet(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.read_rtp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    /// A packet came so long after the start, whatever the time is now.
    pub(crate) fn read_at(&mut self, number: u16, at: Duration) -> &mut Self {
        let mut packet = numbered(number);
        packet.info_mut().arrival = Some(self.start + at);
        self.now = self.now.max(self.start + at);
        self.read_packet(packet)
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

    /// What they say.
    pub(crate) fn reports(&mut self) -> Vec<Report> {
        self.wire().iter().flat_map(Report::all).collect()
    }

    pub(crate) fn counters(&self) -> TwccCounters {
        *self.chain.get::<Twcc>().unwrap().counters()
    }

    pub(crate) fn pending(&self) -> u64 {
        self.chain.get::<Twcc>().unwrap().pending()
    }

    /// What came is reported, forgotten, or waits.
    #[track_caller]
    pub(crate) fn assert_book_closes(&self) {
        let counters = self.counters();
        let accounted = counters.arrivals_reported + counters.arrivals_forgotten + self.pending();
        assert_eq!(counters.arrivals, accounted, "{counters:?} and {} wait", self.pending());
    }
}

/// A feedback message, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) media_ssrc: u32,
    pub(crate) base: u16,
    pub(crate) feedback_count: u8,
    /// Number, and when it arrived, in microseconds of the reporter's clock.
    pub(crate) packets: Vec<(u16, Option<i64>)>,
    pub(crate) bytes: usize,
}

impl Report {
    pub(crate) fn all(packet: &RtcpPacket) -> Vec<Self> {
        assert_eq!(packet.malformed(), 0);
        let twcc =
            packet.packets().filter_map(|view| if let Rtcp::Twcc(twcc) = view { Some(twcc) } else { None });
        let decode = |twcc: interceptor_core::packet::rtcp::Twcc<'_>| {
            let reference = i64::from(twcc.reference_time()) * 64_000;
            let packets = twcc.packets().expect("the packet crate reads what we write");
            let time = |status| match status {
                TwccStatus::Received { micros } => Some(reference + micros),
                TwccStatus::NotReceived => None,
                TwccStatus::ReceivedUntimed => panic!("received at no time"),
            };
            Self {
                media_ssrc: twcc.media_ssrc(),
                base: twcc.base_sequence_number(),
                feedback_count: twcc.feedback_count(),
                packets: packets.map(|(number, status)| (number, time(status))).collect(),
                bytes: packet.len(),
            }
        };
        twcc.map(decode).collect()
    }

    pub(crate) fn received(&self) -> Vec<u16> {
        self.packets.iter().filter(|(_, at)| at.is_some()).map(|(number, _)| *number).collect()
    }

    pub(crate) fn missing(&self) -> Vec<u16> {
        self.packets.iter().filter(|(_, at)| at.is_none()).map(|(number, _)| *number).collect()
    }

    /// The number behind the last.
    pub(crate) fn end(&self) -> u16 {
        self.base.wrapping_add(self.packets.len() as u16)
    }
}
