//! What the tests have in common: one chain with both interceptors, and what comes of packets.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::packet::red::{Red, Redundant, write};
use interceptor_core::packet::{NtpTime, RtpPacket};
use interceptor_core::{
    Chain, ChainConfig, Codec, Fact, Incoming, Loss, Outgoing, RedInfo, Registry, StreamInfo,
};
use interceptor_red::{
    Mode, ReceiveCounters, RedReceiver, RedReceiverFactory, RedReceiverOptions, RedSender, RedSenderFactory,
    RedSenderOptions, SendCounters,
};
use interceptor_test::{Clock, RtpTemplate, rtp};

pub(crate) const MS: Duration = Duration::from_millis(1);
pub(crate) const SSRC: u32 = 1;
pub(crate) const RED: u8 = 63;
pub(crate) const OPUS: u8 = 111;
/// Ticks of a packet of 20 ms.
pub(crate) const STEP: u32 = 960;

/// Opus in RED as browsers offer it, with comfort noise beside it.
pub(crate) fn opus(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, OPUS, 48_000)
        .with_mime_type("audio/opus")
        .with_codec(Codec::new(13, 8000).with_mime_type("audio/CN"))
        .with_red(RedInfo::new(RED, OPUS))
}

/// The packet with this number, 20 ms after the one before it.
pub(crate) fn opus_packet(seq: u16) -> RtpTemplate {
    rtp(SSRC).pt(OPUS).seq(seq).ts(u32::from(seq).wrapping_mul(STEP))
}

/// Its payload: of another length and other bytes than its neighbours'.
pub(crate) fn sound(seq: u16) -> Vec<u8> {
    let [a, b] = seq.to_be_bytes();
    [a, b].into_iter().cycle().take(20 + usize::from(seq % 7)).collect()
}

/// As a microphone makes it.
pub(crate) fn spoken(seq: u16) -> RtpPacket {
    opus_packet(seq).payload(sound(seq)).build()
}

/// A RED payload of blocks as (payload type, offset, payload).
pub(crate) fn red_payload(blocks: &[(u8, u32, &[u8])], primary_type: u8, primary: &[u8]) -> Bytes {
    let blocks: Vec<_> =
        blocks.iter().map(|(pt, offset, payload)| Redundant::new(*pt, *offset, payload).unwrap()).collect();
    let mut out = vec![];
    write(&blocks, primary_type, primary, &mut out);
    out.into()
}

/// `seq` in RED, with copies of the packets so many before.
pub(crate) fn redundant(seq: u16, before: &[u16]) -> RtpPacket {
    let mut older: Vec<_> = before.iter().map(|n| (*n, sound(seq.wrapping_sub(*n)))).collect();
    older.sort_unstable_by_key(|(n, _)| std::cmp::Reverse(*n));
    let blocks: Vec<_> = older.iter().map(|(n, sound)| (OPUS, u32::from(*n) * STEP, &sound[..])).collect();
    opus_packet(seq).pt(RED).payload(red_payload(&blocks, OPUS, &sound(seq))).build()
}

/// Offsets of the blocks in front of the primary one, in packets of 20 ms; `None`: not RED.
pub(crate) fn copies_in(packet: &RtpPacket) -> Option<Vec<u32>> {
    let red = (packet.payload_type() == RED).then(|| Red::parse(packet.payload()).unwrap())?;
    Some(red.redundant().map(|block| u32::from(block.timestamp_offset) / STEP).collect())
}

pub(crate) fn loss(ppm: u32, burst_packets: u32) -> Fact {
    let burst_duration = 20 * MS * burst_packets;
    Loss { ssrc: SSRC, ppm, burst_packets_q8: burst_packets << 8, burst_duration }.into()
}

pub(crate) struct Rig {
    pub(crate) chain: Chain,
    pub(crate) clock: Clock,
}

impl Rig {
    pub(crate) fn new(mode: Mode, sending: RedSenderOptions) -> Self {
        Self::with(mode, sending, |config| config, |registry| registry)
    }

    pub(crate) fn with(
        mode: Mode,
        sending: RedSenderOptions,
        config: impl FnOnce(ChainConfig) -> ChainConfig,
        others: impl FnOnce(Registry) -> Registry,
    ) -> Self {
        let clock = Clock::new();
        let config = config(ChainConfig::new("call", clock.now(), NtpTime::default(), 1));
        let registry = Registry::new()
            .with(RedReceiverFactory::new(RedReceiverOptions::default().with_mode(mode)))
            .with(RedSenderFactory::new(sending).unwrap());
        Self { chain: others(registry).build(config.with_isolate_panics(false)).unwrap(), clock }
    }

    /// Sends and receives a stream with the defaults.
    pub(crate) fn both() -> Self {
        let mut rig = Self::new(Mode::Decode, RedSenderOptions::default());
        rig.bind(opus(SSRC));
        rig
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn bind(&mut self, info: StreamInfo) {
        self.chain.bind_local(info.clone(), self.clock.now()).unwrap();
        self.chain.bind_remote(info, self.clock.now()).unwrap();
    }

    /// What leaves.
    pub(crate) fn write(&mut self, packet: RtpPacket) -> RtpPacket {
        self.chain.write_rtp(packet, self.clock.now());
        let Some(Outgoing::Rtp(packet)) = self.chain.poll_wire() else { unreachable!("nothing is consumed") };
        assert!(self.chain.poll_wire().is_none());
        packet
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

    /// Numbers of what reaches the application.
    pub(crate) fn numbers(&mut self, packet: RtpPacket) -> Vec<u16> {
        self.read(packet).iter().map(RtpPacket::sequence_number).collect()
    }

    pub(crate) fn received(&mut self) -> ReceiveCounters {
        self.chain.with_streams::<RedReceiver, _>(|red, streams| red.counters(&streams)).unwrap()
    }

    pub(crate) fn sent(&mut self) -> SendCounters {
        self.chain.with_streams::<RedSender, _>(|red, streams| red.counters(&streams)).unwrap()
    }
}
