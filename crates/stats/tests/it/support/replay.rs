//! Captured datagrams through a chain, each at its own instant.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Chain, ChainConfig, Registry};
use interceptor_packet::{Kind, NtpTime, RtcpPacket, RtpPacket, classify};
use interceptor_stats::{StatsFactory, StatsHandle, StatsOptions};
use interceptor_test::Clock;

use super::pcap::Captured;

/// A chain whose wall clock is the capture's.
pub(crate) struct Replay {
    pub(crate) chain: Chain,
    pub(crate) handle: StatsHandle,
    start: Duration,
    base: Instant,
}

impl Replay {
    /// The chain starts at `start` since 1970.
    pub(crate) fn new(options: StatsOptions, start: Duration) -> Self {
        let factory = StatsFactory::new(options).expect("valid options");
        let handle = factory.handle();
        let base = Clock::new().now();
        let config = ChainConfig::new("replay", base, NtpTime::from_unix(start), 1);
        let chain = Registry::new().with(factory).build(config).expect("the factory builds");
        Self { chain, handle, start, base }
    }

    /// The chain's instant of a moment of the capture.
    pub(crate) fn at(&self, since_epoch: Duration) -> Instant {
        self.base + since_epoch.saturating_sub(self.start)
    }

    /// The datagram comes in.
    pub(crate) fn receive(&mut self, datagram: &Captured) {
        let now = self.pass_timers(datagram.at);
        self.chain.read_datagram(Bytes::copy_from_slice(&datagram.bytes), now);
        while self.chain.poll_app().is_some() {}
    }

    /// The application sends the datagram.
    pub(crate) fn send(&mut self, datagram: &Captured) {
        let now = self.pass_timers(datagram.at);
        let bytes = Bytes::copy_from_slice(&datagram.bytes);
        match classify(&bytes) {
            Kind::Rtcp => {
                self.chain.write_rtcp(RtcpPacket::parse(bytes).expect("captured RTCP is whole"), now)
            }
            _ => self.chain.write_rtp(RtpPacket::parse(bytes).expect("captured RTP is whole"), now),
        }
        while self.chain.poll_wire().is_some() {}
    }

    fn pass_timers(&mut self, at: Duration) -> Instant {
        let now = self.at(at);
        if self.chain.next_timeout().is_some_and(|due| due <= now) {
            self.chain.handle_timeout(now);
        }
        now
    }
}
