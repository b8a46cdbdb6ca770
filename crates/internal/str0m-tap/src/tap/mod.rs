//! What a str0m peer sends and hears, told to a chain that only listens.
//!
//! ```no_run
//! # use std::time::{Duration, Instant, SystemTime};
//! # use interceptor_core::{ChainConfig, Registry};
//! # use interceptor_packet::NtpTime;
//! # use interceptor_stats::StatsFactory;
//! # use str0m::{Event, Output, Rtc};
//! # use str0m_tap::tap::Tap;
//! # fn example(now: Instant, unix_time: Duration) -> Result<(), Box<dyn std::error::Error>> {
//! let statistics = StatsFactory::default();
//! let handle = statistics.handle();
//! let config = ChainConfig::new("call-1", now, NtpTime::from_unix(unix_time), 7); // the two clocks, read at once
//! let mut rtc = Rtc::builder().set_rtp_mode(true).enable_raw_packets(true).build(now);
//! let extensions = str0m::rtp::ExtensionMap::standard(); // or as `Media::remote_extmap` says after an answer
//! let mut tap = Tap::new(&Registry::new().with(statistics), config, extensions)?;
//! // … bind each stream: `tap.bind_local(stream_info(…), now)`
//! match rtc.poll_output()? {
//!     Output::Event(Event::RawPacket(packet)) => tap.see(*packet, now), // `now`: as str0m was told it last
//!     Output::Timeout(at) => { /* sleep until `at`, or until `tap.next_timeout()`: then `tap.handle_timeout(now)` */ }
//!     _ => {}
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What it cannot see
//!
//! - **Datagrams.** RTCP comes as one parsed message after the other, so a compound of three counts as three, and a capture shows three.
//! - **What str0m has thrown away**: what does not decrypt, RTP of SSRCs and payload types that it does not know, copies of a
//!   packet, RTCP of types that it does not know. No counter of ours has them, none of its either.
//! - **ECN bits**, and when the kernel received a datagram: an arrival is the instant that str0m was told.
//! - **Bytes as they came**, on the way in; [`TapCounters`] counts what came out otherwise. RTP that leaves is exact, byte by byte.
//!
//! | received or RTCP | what is not as it was |
//! |---|---|
//! | RTP padding | gone ([`padding_lost`](TapCounters::padding_lost)): bytes of headers are that much fewer |
//! | header extensions | those that str0m has no value for are gone, all others in the order of their identifiers, in the shorter form ([`headers_reshaped`](TapCounters::headers_reshaped)) |
//! | send and capture times, NTP times of SR and XR | within a microsecond: str0m keeps them as `Instant` and `SystemTime` |
//! | MID, RID | at most 16 and 8 characters, anything but ASCII letters and digits is `_` |
//! | SDES | items that str0m does not know are gone ([`rtcp_shortened`](TapCounters::rtcp_shortened)), those that are not UTF-8 as well, uncounted |
//! | BYE, FIR, profile-specific ends of reports | no reason; the media SSRC is 0; no extension |
//! | REMB | one of 0 is one of 8 388 608, as str0m reads it; over 2⁶⁴ it is that |
//! | transport-wide feedback | the same arrivals, in chunks of our own |
//! | NACK, FIR, SDES, reports of more than 31 entries | str0m reads 31 |
//!
//! str0m calls its event expensive: it clones each packet. A tap is for looking, not for every call that there is.

mod counters;
mod extensions;
mod rtp;
mod streams;
mod twcc;

pub mod rtcp;

use std::iter;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, ChainError, Registry, RegistryError, StreamInfo};
use str0m::rtp::rtcp::Rtcp;
use str0m::rtp::{ExtensionMap, RawPacket, RtpHeader};

pub use counters::TapCounters;
pub use streams::stream_info;

/// Feeds a chain with what one str0m peer sends and receives.
///
/// The chain must only listen: statistics, captures. What it makes itself has no way to the wire or to the application, and is
/// counted as [`unsent`](TapCounters::unsent); so no NACK, no reports, no pacer. Nothing is kept: a packet has passed the chain
/// when [`see`](Self::see) returns.
#[derive(Debug)]
pub struct Tap {
    chain: Chain,
    extensions: ExtensionMap,
    clock: WallClock,
    counters: TapCounters,
}

impl Tap {
    /// A tap on one peer. `extensions`: which identifier means what in received RTP, as negotiated (one map a BUNDLE).
    ///
    /// `config` pairs an instant with the wall clock; round-trip times and send times are as exact as the two were read at
    /// once.
    ///
    /// # Errors
    /// As [`Registry::build`].
    pub fn new(
        registry: &Registry,
        config: ChainConfig,
        extensions: ExtensionMap,
    ) -> Result<Self, RegistryError> {
        let clock = WallClock { now: config.now, ntp: config.ntp };
        Ok(Self { chain: registry.build(config)?, extensions, clock, counters: TapCounters::default() })
    }

    /// A stream that the peer sends; [`stream_info`] describes it. Packets of streams that are not bound are captured, but no
    /// statistics tell of them.
    ///
    /// # Errors
    /// As [`Chain::bind_local`].
    pub fn bind_local(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.chain.bind_local(info, now)
    }

    /// A stream that the peer receives.
    ///
    /// # Errors
    /// As [`Chain::bind_remote`].
    pub fn bind_remote(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.chain.bind_remote(info, now)
    }

    /// Takes the packet of an [`Event::RawPacket`](str0m::Event::RawPacket). `now`: the instant of the last input that str0m was given.
    pub fn see(&mut self, packet: RawPacket, now: Instant) {
        match packet {
            RawPacket::RtpTx(_, datagram) => self.sent_rtp(datagram, now),
            RawPacket::RtpRx(header, payload) => self.received_rtp(&header, payload, now),
            RawPacket::RtcpTx(message) => self.sent_rtcp(message, now),
            RawPacket::RtcpRx(message) => self.received_rtcp(message, now),
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due; `None`: not before the next packet.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        self.chain.next_timeout()
    }

    /// Runs the timers that are due. Late is well: only rates are measured by them.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.chain.handle_timeout(now);
        self.drain(0);
    }

    /// The chain, for what its interceptors are asked: [`Chain::get`], [`Chain::poll_event`].
    pub const fn chain(&mut self) -> &mut Chain {
        &mut self.chain
    }

    /// What was seen so far.
    #[must_use]
    pub const fn counters(&self) -> TapCounters {
        self.counters
    }

    /// Ends the tap: a capture is complete when this returns.
    ///
    /// # Errors
    /// As [`Chain::close`].
    pub fn close(&mut self, now: Instant) -> Result<(), ChainError> {
        let closed = self.chain.close(now);
        self.drain(0);
        closed
    }

    fn sent_rtp(&mut self, datagram: Vec<u8>, now: Instant) {
        let Ok(packet) = RtpPacket::parse(Bytes::from(datagram)) else {
            self.counters.rtp_unsaid += 1;
            return;
        };
        self.counters.rtp_sent += 1;
        self.chain.write_rtp(packet, now);
        self.drain(1);
    }

    fn received_rtp(&mut self, header: &RtpHeader, payload: Vec<u8>, now: Instant) {
        let Ok(packet) = rtp::rebuild(header, payload, &self.extensions, self.clock) else {
            self.counters.rtp_unsaid += 1;
            return;
        };
        self.counters.rtp_received += 1;
        self.counters.padding_lost += u64::from(header.has_padding);
        self.counters.headers_reshaped += u64::from(packet.header_len() != header.header_len);
        self.chain.read_rtp(packet, now);
        self.drain(1);
    }

    fn sent_rtcp(&mut self, message: Rtcp, now: Instant) {
        let Some(packet) = self.rebuild_rtcp(message, now) else { return };
        self.counters.rtcp_sent += 1;
        self.chain.write_rtcp(packet, now);
        self.drain(1);
    }

    fn received_rtcp(&mut self, message: Rtcp, now: Instant) {
        let Some(packet) = self.rebuild_rtcp(message, now) else { return };
        self.counters.rtcp_received += 1;
        self.chain.read_rtcp(packet, now);
        self.drain(1);
    }

    fn rebuild_rtcp(&mut self, message: Rtcp, now: Instant) -> Option<RtcpPacket> {
        let Some(rebuilt) = rtcp::rebuild(message, now) else {
            self.counters.rtcp_unsaid += 1;
            return None;
        };
        self.counters.rtcp_shortened += u64::from(rebuilt.shortened);
        Some(rebuilt.packet)
    }

    /// Forgets what has passed the chain. str0m has done all with it already; `seen` of these packets are str0m's.
    fn drain(&mut self, seen: u64) {
        let down = iter::from_fn(|| self.chain.poll_wire()).count();
        let up = iter::from_fn(|| self.chain.poll_app()).count();
        self.counters.unsent += (down as u64 + up as u64).saturating_sub(seen);
    }
}

/// Instants on the wall clock.
#[derive(Clone, Copy, Debug)]
struct WallClock {
    now: Instant,
    ntp: NtpTime,
}

impl WallClock {
    fn at(self, instant: Instant) -> NtpTime {
        match instant.checked_duration_since(self.now) {
            Some(later) => self.ntp + later,
            None => self.ntp - self.now.saturating_duration_since(instant),
        }
    }
}
