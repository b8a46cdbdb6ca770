//! Packets to sum, and blocks of them to lose packets from.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{Mask, Pattern, Span};
use interceptor_parity::{Decoded, Decoder, DecoderLimits, MutableExtensions, Repair, Scope, Sum, Zeroing};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let hex: String = hex.split_whitespace().collect();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

pub(crate) fn packet(hex: &str) -> RtpPacket {
    RtpPacket::parse(Bytes::from(bytes(hex))).unwrap()
}

/// Three packets of one stream.
pub(crate) const MEDIA: [&str; 3] = [
    "80600001000000641122334401020304",
    "80e000020000006411223344aabbccddee",
    "8060000300000c1c11223344ffee",
];

pub(crate) const TRANSPORT: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
pub(crate) const ABS_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
pub(crate) const TIMING: &str = "http://www.webrtc.org/experiments/rtp-hdrext/video-timing";

/// The stream that [`media`] is of.
pub(crate) const SSRC: u32 = 0x1122_3344;

pub(crate) fn zeroing() -> Zeroing {
    Zeroing::new(&MutableExtensions::Libwebrtc, [(3, TRANSPORT)])
}

/// A packet of any length, marker, padding and CSRCs; with a number of the transport, which counts as zeros.
pub(crate) fn media(seq: u16, rng: &mut ChaCha8Rng) -> RtpPacket {
    let payload: Vec<u8> = (0..rng.random_range(0..60)).map(|_| rng.random()).collect();
    let mut packet =
        RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(seq).timestamp(rng.random());
    packet = packet.marker(rng.random()).padding(rng.random_range(0..4)).payload(payload);
    for csrc in 0..rng.random_range(0..3) {
        packet = packet.csrc(csrc);
    }
    packet.extension(3, &[0, 0]).build().unwrap()
}

/// The same packet as it arrives: the transport's number written into it.
pub(crate) fn stamped(packet: &RtpPacket) -> RtpPacket {
    let mut packet = packet.clone();
    packet.set_extension(3, &packet.sequence_number().to_be_bytes()).unwrap();
    packet
}

/// A repair of these packets, all of one stream.
pub(crate) fn repair_of<'a>(packets: impl IntoIterator<Item = &'a RtpPacket>, scope: Scope) -> Repair {
    let (mut zeroing, mut sum) = (zeroing(), Sum::default());
    for packet in packets {
        match scope {
            Scope::Payload => {
                sum.add(&interceptor_parity::Summand::payload_of(packet.header(), packet.payload()));
            }
            _ => sum.add(&zeroing.summand(packet)),
        }
    }
    let fields = sum.fields();
    Repair { fields, body: sum.take(0, |_, _| Ok::<_, ()>(())).unwrap(), scope }
}

/// The numbers `offsets` behind `base`.
pub(crate) fn masked(base: u16, offsets: &[u8]) -> Span {
    Span { base, pattern: Pattern::Mask(Mask::from_iter(offsets.iter().copied())) }
}

pub(crate) fn decoder(limits: DecoderLimits) -> Decoder {
    let mut decoder = Decoder::new(limits);
    decoder.add_stream(SSRC, 90_000, zeroing());
    decoder
}

pub(crate) fn give(decoder: &mut Decoder, repair: Repair, span: Span) -> Decoded {
    decoder.repair(repair, &[(SSRC, span)], Duration::ZERO)
}

pub(crate) fn recovered(decoder: &mut Decoder) -> Vec<RtpPacket> {
    std::iter::from_fn(|| decoder.pop_recovered()).collect()
}
