//! Writes a capture of any size to measure `rtptap inspect` with: `cargo run -p rtptap --example make_capture -- FILE MEGABYTES`.
//!
//! Ten streams of 1200-byte packets with a payload type whose clock is known (RFC 3551), 1 % of them lost, 0.5 % late by a
//! packet, up to 2 ms of jitter, and a sender report every 500 packets. The same arguments give the same bytes.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};

use interceptor_packet::{NtpTime, RtcpPacket, RtpPacket};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const STREAMS: usize = 10;
const PAYLOAD: [u8; 1188] = [0xa5; 1188];
/// H.261: RTP's static payload type with a clock of 90 kHz.
const PAYLOAD_TYPE: u8 = 31;
const CLOCK_PER_PACKET: u32 = 900;
/// Each stream sends a packet every 10 ms.
const PERIOD_US: u64 = 10_000;
const START: u64 = 1_700_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, megabytes] = &arguments[..] else {
        return Err("usage: make_capture FILE MEGABYTES".into());
    };
    let wanted = megabytes.parse::<u64>()? * 1_000_000;
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut written = 24;
    file.write_all(&[
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0,
    ])?;
    let mut dice = ChaCha8Rng::seed_from_u64(1);
    let mut held: [Option<Vec<u8>>; STREAMS] = Default::default();
    for round in 0u64.. {
        for (stream, held) in held.iter_mut().enumerate() {
            let at = round * PERIOD_US + stream as u64 * 900 + u64::from(dice.next_u32() % 2000);
            let ssrc = 0x1000_0000 + stream as u32;
            let packet = RtpPacket::builder()
                .ssrc(ssrc)
                .payload_type(PAYLOAD_TYPE)
                .sequence_number(round as u16)
                .timestamp(round as u32 * CLOCK_PER_PACKET)
                .payload(&PAYLOAD[..])
                .build()?;
            let packet = packet.to_bytes().to_vec();
            let chance = dice.next_u32() % 1000;
            if chance < 10 {
                continue;
            }
            if chance < 15 && held.is_none() {
                *held = Some(packet);
                continue;
            }
            written += record(&mut file, at, stream, &packet)?;
            if let Some(late) = held.take() {
                written += record(&mut file, at + 5, stream, &late)?;
            }
            if round % 500 == 0 {
                let ntp = NtpTime::from_unix(std::time::Duration::from_micros(at));
                let report = RtcpPacket::builder()
                    .sender_report(ssrc, ntp, round as u32 * CLOCK_PER_PACKET, round as u32, 0, &[])
                    .sdes_cname(ssrc, "make_capture")
                    .build()?;
                written += record(&mut file, at + 7, stream, report.as_bytes())?;
            }
        }
        if written >= wanted {
            break;
        }
    }
    file.flush()?;
    Ok(())
}

/// One pcap record: Ethernet, IPv4, UDP.
fn record(file: &mut impl Write, at: u64, stream: usize, payload: &[u8]) -> std::io::Result<u64> {
    let half = |value: usize| (value as u16).to_be_bytes();
    let len = 14 + 20 + 8 + payload.len();
    let head = [START as u32 + (at / 1_000_000) as u32, (at % 1_000_000) as u32, len as u32, len as u32];
    head.iter().try_for_each(|word| file.write_all(&word.to_le_bytes()))?;
    file.write_all(&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0])?;
    file.write_all(&half(28 + payload.len()))?;
    file.write_all(&[0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2])?;
    file.write_all(&half(5000 + 2 * stream))?;
    file.write_all(&half(5000 + 2 * stream))?;
    file.write_all(&half(8 + payload.len()))?;
    file.write_all(&[0, 0])?;
    file.write_all(payload)?;
    Ok(16 + len as u64)
}
