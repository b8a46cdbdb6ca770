//! Packets with the repair packets behind them, for all who recover what is lost of them.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use interceptor_core::packet::NtpTime;
use interceptor_core::{Chain, ChainConfig, FecInfo, FecScheme, Outgoing, Registry, StreamInfo};
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, ProtectionOptions};

use crate::traffic::{CLOCK_RATE, PAYLOAD_TYPE, Traffic, sent, ssrc, start};

/// What `--scenario` calls it.
pub const NAME: &str = "fec";
/// The payload type of repair packets.
pub const FEC_PAYLOAD_TYPE: u8 = 49;
/// Media packets and repair packets of a block, for those who make them.
pub const BLOCKS: [(&str, u8, u8); 3] =
    [("encode, 10+1", 10, 1), ("encode, 10+3", 10, 3), ("encode, 20+2", 20, 2)];
/// Media packets of a block and whether one of each is lost, for those who get them; one repair packet each.
pub const LOSSES: [(&str, bool); 2] =
    [("decode, 10+1, no loss", false), ("decode, 10+1, one lost a block", true)];
/// Media packets of a block that is received.
const PACKETS: u8 = 10;

/// Of the buffer that packets are received into.
const BUFFER: usize = 65_536;

/// SSRC of the repair packets.
#[must_use]
pub const fn fec_ssrc() -> u32 {
    0x4000_0000
}

/// A stream that negotiated FlexFEC as browsers do, and nothing else.
#[must_use]
pub fn stream() -> StreamInfo {
    StreamInfo::new(ssrc(0), PAYLOAD_TYPE, CLOCK_RATE)
        .with_mime_type("video/VP8")
        .with_fec(FecInfo::new(FecScheme::FlexFec03, FEC_PAYLOAD_TYPE).with_ssrc(fec_ssrc()))
}

/// A chain that protects with this code, whatever is lost.
///
/// # Errors
/// A chain that cannot be built.
pub fn chain(packets: u8, repairs: u8) -> anyhow::Result<Chain> {
    let protection = ProtectionOptions::default().with_code(Code::Interleaved { n: packets, f: repairs });
    let factory = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection))?;
    Ok(Registry::new().with(factory).build(ChainConfig::new("bench", start(), NtpTime::default(), 7))?)
}

/// Blocks of media packets as they come off the wire, each with its repair packet, some with one packet less.
#[derive(Debug)]
pub struct Protected {
    traffic: Traffic,
    /// Ours, whoever receives: what comes in are bytes.
    sender: Chain,
    lossy: bool,
    /// Datagrams share one, as they do behind a socket: who keeps one of them allocates nothing for that.
    buffer: BytesMut,
}

impl Protected {
    /// From a first packet on; one of each block is lost if `lossy`.
    ///
    /// # Errors
    /// A chain that cannot be built.
    pub fn new(lossy: bool) -> anyhow::Result<Self> {
        let mut sender = chain(PACKETS, 1)?;
        let begin = sender.config().now;
        sender.bind_local(stream(), begin)?;
        Ok(Self { traffic: Traffic::new(1, begin), sender, lossy, buffer: BytesMut::new() })
    }

    /// The datagrams of about so many packets of media: whole blocks.
    pub fn next(&mut self, items: usize, mut take: impl FnMut(Bytes, Instant)) {
        let Self { traffic, sender, lossy, buffer } = self;
        for place in traffic.by_ref().take(items.next_multiple_of(PACKETS.into())) {
            sender.write_rtp(sent(&place), place.at);
            let number = place.sequence_number / u16::from(PACKETS);
            let is_lost = *lossy && place.sequence_number % u16::from(PACKETS) == number % u16::from(PACKETS);
            while let Some(packet) = sender.poll_wire() {
                match packet {
                    Outgoing::Rtp(packet) if !is_lost || packet.ssrc() == fec_ssrc() => {
                        if buffer.capacity() < packet.total_len() {
                            *buffer = BytesMut::with_capacity(BUFFER);
                        }
                        buffer.extend_from_slice(&packet.to_bytes());
                        take(buffer.split().freeze(), place.at)
                    }
                    _ => {}
                }
            }
        }
    }
}
