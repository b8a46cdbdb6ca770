//! A chain with nothing but RTX.

use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, Origin, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Incoming, Outgoing, Registry, StreamInfo, Streams};
use interceptor_rtx::{ReceiveCounters, Rtx, RtxCounters, RtxFactory, RtxOptions, SendCounters};
use interceptor_test::Clock;

pub(crate) const MEDIA: u32 = 0x1122_3344;
pub(crate) const RTX: u32 = 0x5566_7788;

/// VP8 as 96, or in RED as 118; retransmitted as 97 and 119.
pub(crate) fn video() -> StreamInfo {
    StreamInfo::new(MEDIA, 96, 90_000).with_rtx(RTX, 97).with_rtx_payload_type(119, 118)
}

pub(crate) fn config(seed: u64) -> ChainConfig {
    ChainConfig::new("test", Clock::new().now(), NtpTime::default(), seed).with_isolate_panics(false)
}

pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(info: StreamInfo, first: Option<u16>) -> Self {
        Self::seeded(info, first, 7)
    }

    /// The stream goes out and comes in.
    pub(crate) fn seeded(info: StreamInfo, first: Option<u16>, seed: u64) -> Self {
        Self::with_options(info, RtxOptions::default().with_first_sequence_number(first), seed)
    }

    pub(crate) fn with_options(info: StreamInfo, options: RtxOptions, seed: u64) -> Self {
        let config = config(seed);
        let now = config.now;
        let registry = Registry::new().with(RtxFactory::new(options).unwrap());
        let mut chain = registry.build(config).unwrap();
        chain.bind_local(info.clone(), now).unwrap();
        chain.bind_remote(info, now).unwrap();
        Self { chain, now }
    }

    pub(crate) fn write(&mut self, packet: RtpPacket) -> RtpPacket {
        self.chain.write_rtp(packet, self.now);
        let Some(Outgoing::Rtp(packet)) = self.chain.poll_wire() else { unreachable!("nothing is consumed") };
        assert!(self.chain.poll_wire().is_none());
        packet
    }

    /// As NACK sends it again.
    pub(crate) fn resend(&mut self, mut packet: RtpPacket) -> RtpPacket {
        packet.info_mut().origin = Origin::Retransmission;
        self.write(packet)
    }

    /// What reaches the application.
    pub(crate) fn read(&mut self, datagram: Bytes) -> Option<RtpPacket> {
        self.chain.read_datagram(datagram, self.now);
        match self.chain.poll_app()? {
            Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => Some(packet),
            _ => None,
        }
    }

    pub(crate) fn counters(&mut self) -> RtxCounters {
        self.chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams)).unwrap()
    }

    /// Of the bound streams alone: what has been sent, and what received.
    pub(crate) fn counters_of_bound(&mut self) -> (Option<SendCounters>, Option<ReceiveCounters>) {
        let read = |_: &mut Rtx, streams: Streams<'_, Rtx>| {
            let sent = streams.peek_local(MEDIA).map(|stream| *stream.counters());
            (sent, streams.peek_remote(MEDIA).map(|stream| *stream.counters()))
        };
        self.chain.with_streams(read).unwrap()
    }
}

pub(crate) fn media(seq: u16) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(MEDIA).payload_type(96).sequence_number(seq).timestamp(90_000);
    packet.payload(vec![seq as u8; 20]).build().unwrap()
}

/// On the RTX SSRC.
pub(crate) fn rtx(payload: &'static [u8]) -> RtpPacket {
    RtpPacket::builder().ssrc(RTX).payload_type(97).sequence_number(1).payload(payload).build().unwrap()
}
