//! Repair packets: whatever a peer sends, what comes back was missing, comes once, and all is bounded and counted.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{FlexFec03, Rfc8627, Span, St2022, UlpFec};
use interceptor_parity::{Decoder, DecoderLimits, MutableExtensions, Repair, Scope, Zeroing};

const SSRC: u32 = 0x1122_3344;
/// Of the transport-wide number.
const ID: u8 = 3;
const TRANSPORT: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
/// Steps after which a script ends: one that repeats others would only be slow.
const MAX_STEPS: usize = 4000;

/// Plays `data` as a script of media that comes and of repair packets, in one of the formats.
pub fn fec(data: &[u8]) {
    let (kind, mut script) = data.split_first().map_or((0, data), |(kind, rest)| (*kind, rest));
    let limits = DecoderLimits::default().with_packets(64 << (kind >> 5)).with_packet_bytes(20_000);
    let mut decoder = Decoder::new(limits);
    decoder.add_stream(SSRC, 90_000, Zeroing::new(&MutableExtensions::Libwebrtc, [(ID, TRANSPORT)]));
    let (mut next, mut given, mut back) = (u16::from(kind) << 8, 0, 0);
    for step in 0..MAX_STEPS as u64 {
        let Some((&first, rest)) = script.split_first() else { break };
        let at = Duration::from_millis(step);
        script = rest;
        match first >> 6 {
            0 => {
                for _ in 0..=first & 0x1f {
                    // Now and then one is missing.
                    next = next.wrapping_add(1 + u16::from(first & 0x20 != 0));
                    decoder.media(&media(next), at);
                }
            }
            1 => {
                decoder.media(&media(next.wrapping_sub(u16::from(first & 0x3f))), at);
            }
            _ => {
                let (payload, rest) = script.split_at(script.len().min(usize::from(first & 0x7f)));
                script = rest;
                if let Some((repair, span)) = read(kind & 3, &Bytes::copy_from_slice(payload)) {
                    // Most of the numbers would be far from all that has come.
                    let base = next.wrapping_sub(span.base & 0x3f);
                    decoder.repair(repair, &[(SSRC, Span { base, ..span })], at);
                    given += 1;
                }
            }
        }
        while let Some(packet) = decoder.pop_recovered() {
            assert_eq!((packet.ssrc(), packet.info().arrival), (SSRC, None));
            back += 1;
        }
        let (waiting, bytes) = decoder.waiting();
        assert!(waiting <= limits.repairs && bytes <= limits.repair_bytes);
        assert!(decoder.packet_bytes() <= limits.packet_bytes);
        let tally = decoder.tally();
        assert_eq!(tally.used + tally.discarded() + waiting as u64, given, "{tally:?}");
        assert_eq!(tally.recovered, back);
    }
}

fn media(seq: u16) -> RtpPacket {
    let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(seq);
    let packet = packet.extension(ID, &seq.to_be_bytes()).payload(vec![seq as u8; usize::from(seq % 40)]);
    packet.build().expect("it can be built")
}

/// A repair packet of format `kind`, and what it protects of its first stream.
fn read(kind: u8, payload: &Bytes) -> Option<(Repair, Span)> {
    let body = |body: &[u8]| payload.slice_ref(body);
    match kind {
        0 => {
            let read = FlexFec03::read(payload).ok()?;
            let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Packet };
            Some((repair, read.protected().next()?.1))
        }
        1 => {
            let Rfc8627::Repair(read) = Rfc8627::read(1, payload).ok()? else { return None };
            let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Packet };
            Some((repair, read.spans().next()?))
        }
        2 => {
            let read = UlpFec::read(payload).ok()?;
            let repair = Repair { fields: read.fields(), body: body(read.body()?), scope: Scope::Prefix };
            Some((repair, read.protected()))
        }
        _ => {
            let read = St2022::read(payload).ok()?;
            let repair = Repair { fields: read.fields(), body: body(read.body()), scope: Scope::Payload };
            Some((repair, read.protected()))
        }
    }
}
