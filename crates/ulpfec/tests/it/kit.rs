//! What the tests have in common: chains with both halves, and what comes of packets.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::packet::fec::{Mask, UlpFec};
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, FecInfo, FecScheme, Incoming, Outgoing, RedInfo, Registry, StreamInfo,
};
use interceptor_parity::{MutableExtensions, Sum, Zeroing};
use interceptor_test::{Clock, RtpTemplate, rtp};
use interceptor_ulpfec::{
    DecoderTally, EndCounters, Protection, ReceiveCounters, SendCounters, Ulpfec, UlpfecFactory,
    UlpfecOptions, UlpfecUpper,
};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SSRC: u32 = 0x1122_3344;
pub(crate) const VP8: u8 = 96;
pub(crate) const RED: u8 = 118;
pub(crate) const FEC: u8 = 120;

/// Video as browsers offer it.
pub(crate) fn video(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, VP8, 90_000)
        .with_mime_type("video/VP8")
        .with_red(RedInfo::new(RED, VP8))
        .with_fec(FecInfo::new(FecScheme::UlpFec, FEC))
}

pub(crate) fn template(seq: u16) -> RtpTemplate {
    rtp(SSRC).pt(VP8).seq(seq).ts(u32::from(seq / 4) * 3000).marker(seq % 4 == 3)
}

/// Of another length and other bytes than its neighbours.
pub(crate) fn picture(seq: u16) -> Vec<u8> {
    let [a, b] = seq.to_be_bytes();
    [a, b, 7].into_iter().cycle().take(100 + usize::from(seq % 13) * 30).collect()
}

pub(crate) fn media(seq: u16) -> RtpPacket {
    template(seq).payload(picture(seq)).build()
}

/// As it is on the wire: in RED as the only block.
pub(crate) fn in_red(mut packet: RtpPacket) -> RtpPacket {
    let payload = [&[packet.payload_type()][..], packet.payload()].concat();
    packet.set_payload(payload);
    packet.set_payload_type(RED);
    packet
}

/// The payload of the repair packet of these.
pub(crate) fn repair_of(packets: &[RtpPacket]) -> Bytes {
    let mut zeroing = Zeroing::new(&MutableExtensions::Libwebrtc, []);
    let (mut sum, base) = (Sum::default(), packets[0].sequence_number());
    packets.iter().for_each(|packet| sum.add(&zeroing.summand(packet)));
    let offset = |packet: &RtpPacket| packet.sequence_number().wrapping_sub(base) as u8;
    let mask = Mask::from_iter(packets.iter().map(offset));
    let len = sum.body_len() as u16;
    sum.take(UlpFec::header_len(mask), |fields, header| UlpFec::write(&fields, base, mask, len, header))
        .unwrap()
}

/// A repair packet in RED with this number and payload.
pub(crate) fn repair(seq: u16, payload: &[u8]) -> RtpPacket {
    rtp(SSRC).pt(RED).seq(seq).payload([&[FEC][..], payload].concat()).build()
}

pub(crate) fn sending(packets: u8, repairs: u8) -> UlpfecOptions {
    UlpfecOptions::default().with_sending(Some(Protection::new(packets, repairs)))
}

/// Both halves.
pub(crate) fn registry(options: UlpfecOptions) -> Registry {
    let lower = UlpfecFactory::new(options).unwrap();
    Registry::new().with(lower.upper()).with(lower)
}

pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) clock: Clock,
}

impl Rig {
    pub(crate) fn of(registry: &Registry) -> Self {
        let clock = Clock::new();
        let config = ChainConfig::new("call", clock.now(), NtpTime::default(), 1);
        Self { chain: registry.build(config.with_isolate_panics(false)).unwrap(), clock }
    }

    /// Sends and receives a stream.
    pub(crate) fn new(options: UlpfecOptions) -> Self {
        let mut rig = Self::of(&registry(options));
        rig.bind(video(SSRC));
        rig
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_local(info.clone(), self.clock.now()).unwrap();
        self.chain.bind_remote(info, self.clock.now()).unwrap();
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// What leaves.
    pub(crate) fn write(&mut self, packet: RtpPacket) -> Vec<RtpPacket> {
        self.chain.write_rtp(packet, self.clock.now());
        self.wire()
    }

    pub(crate) fn wire(&mut self) -> Vec<RtpPacket> {
        let wire = std::iter::from_fn(|| self.chain.poll_wire());
        wire.filter_map(|it| if let Outgoing::Rtp(packet) = it { Some(packet) } else { None }).collect()
    }

    /// What reaches the application.
    pub(crate) fn read(&mut self, packet: RtpPacket) -> Vec<RtpPacket> {
        self.chain.read_rtp(packet, self.clock.now());
        let app = std::iter::from_fn(|| self.chain.poll_app());
        app.filter_map(|packet| match packet {
            Incoming::Rtp(packet) | Incoming::UnboundRtp(packet) => Some(packet),
            _ => None,
        })
        .collect()
    }

    pub(crate) fn received(&mut self) -> ReceiveCounters {
        self.chain.with_streams::<Ulpfec, _>(|it, streams| it.counters(&streams)).unwrap()
    }

    pub(crate) fn tally(&mut self) -> DecoderTally {
        self.chain.with_streams::<Ulpfec, _>(|it, streams| it.tally(&streams)).unwrap()
    }

    pub(crate) fn sent(&mut self) -> SendCounters {
        self.chain.with_streams::<UlpfecUpper, _>(|it, streams| it.counters(&streams)).unwrap()
    }

    pub(crate) fn ended(&mut self) -> EndCounters {
        self.chain.with_streams::<UlpfecUpper, _>(|it, streams| it.ended(&streams)).unwrap()
    }
}
