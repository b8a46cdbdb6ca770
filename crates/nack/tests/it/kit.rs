//! A chain with nothing but NACK, and words for what tests do with it.

use std::time::{Duration, Instant};

use interceptor_core::packet::{NtpTime, Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Outgoing, Registry, StreamInfo};
use interceptor_nack::{NackFactory, NackOptions};

pub(crate) const SSRC: u32 = 0x0a0b_0c0d;
pub(crate) const SENDER: u32 = 0x0102_0304;

#[expect(clippy::disallowed_methods, reason = "any instant will do as the start of virtual time")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_mime_type("video/VP8").with_feedback("nack", "")
}

pub(crate) fn config(now: Instant) -> ChainConfig {
    ChainConfig::new("test", now, NtpTime::default(), 7).with_sender_ssrc(SENDER)
}

/// A chain under test at its own present.
pub(crate) struct Bench {
    pub(crate) chain: Chain,
    pub(crate) now: Instant,
}

impl Bench {
    pub(crate) fn new(options: NackOptions) -> Self {
        let now = start();
        let registry = Registry::new().with(NackFactory::new(options).unwrap());
        Self { chain: registry.build(config(now)).unwrap(), now }
    }

    pub(crate) fn pass(&mut self, millis: u64) -> &mut Self {
        self.now += ms(millis);
        self
    }

    pub(crate) fn read(&mut self, packet: RtpPacket) -> &mut Self {
        self.chain.read_rtp(packet, self.now);
        while self.chain.poll_app().is_some() {}
        self
    }

    pub(crate) fn read_numbers(&mut self, numbers: impl IntoIterator<Item = u16>) -> &mut Self {
        for seq in numbers {
            self.read(rtp(seq));
        }
        self
    }

    pub(crate) fn write_numbers(&mut self, numbers: impl IntoIterator<Item = u16>) -> &mut Self {
        for seq in numbers {
            self.chain.write_rtp(rtp(seq), self.now);
            assert!(self.chain.poll_wire().is_some());
        }
        self
    }

    pub(crate) fn read_nack(&mut self, numbers: &[u16]) -> &mut Self {
        let packet = RtcpPacket::builder().nack(SENDER, SSRC, numbers).build().unwrap();
        self.chain.read_rtcp(packet, self.now);
        self
    }

    /// Runs timers up to `millis` from now.
    pub(crate) fn run(&mut self, millis: u64) -> &mut Self {
        let end = self.now + ms(millis);
        while let Some(at) = self.chain.next_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.chain.handle_timeout(self.now);
        }
        self.now = end;
        self
    }

    /// Numbers asked for, message by message.
    pub(crate) fn asked(&mut self) -> Vec<Vec<u16>> {
        let mut asked = Vec::new();
        while let Some(packet) = self.chain.poll_wire() {
            let Outgoing::Rtcp(packet) = packet else { continue };
            for packet in packet.packets() {
                if let Rtcp::Nack(nack) = packet {
                    asked.push(nack.sequence_numbers().collect());
                }
            }
        }
        asked
    }

    /// Packets on the wire.
    pub(crate) fn sent(&mut self) -> Vec<RtpPacket> {
        let mut sent = Vec::new();
        while let Some(packet) = self.chain.poll_wire() {
            if let Outgoing::Rtp(packet) = packet {
                sent.push(packet);
            }
        }
        sent
    }

    pub(crate) fn resent(&mut self) -> Vec<u16> {
        self.sent().iter().map(RtpPacket::sequence_number).collect()
    }
}

pub(crate) fn rtp(seq: u16) -> RtpPacket {
    let timestamp = u32::from(seq) * 3000;
    let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(seq).timestamp(timestamp);
    packet.payload(seq.to_be_bytes().to_vec()).build().unwrap()
}
