//! Rows and columns of SMPTE ST 2022-1: transport streams, of which the payloads are summed.

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::fec::{Pattern, Span, St2022};
use interceptor_core::{FecInfo, FecScheme, StreamInfo};
use interceptor_flexfec::RecoveryOptions;
use interceptor_parity::{Sum, Summand};

use super::rig::Receiver;

const MEDIA: u32 = 9;
/// GStreamer's repair packets have no other.
pub(crate) const REPAIR: u32 = 0;

pub(crate) fn transport_stream(seq: u16) -> RtpPacket {
    let payload = vec![seq as u8; 188 * usize::from(seq % 7 + 1)];
    let packet = RtpPacket::builder().ssrc(MEDIA).payload_type(33).sequence_number(seq);
    packet.timestamp(u32::from(seq) * 90).payload(payload).build().unwrap()
}

pub(crate) fn repair(base: u16, pattern: Pattern) -> RtpPacket {
    let (span, mut sum) = (Span { base, pattern }, Sum::default());
    for seq in span.numbers() {
        let packet = transport_stream(seq);
        sum.add(&Summand::payload_of(packet.header(), packet.payload()));
    }
    let payload =
        sum.take(St2022::HEADER_LEN, |fields, header| St2022::write(&fields, span, header)).unwrap();
    RtpPacket::builder().ssrc(REPAIR).payload_type(96).payload(payload).build().unwrap()
}

pub(crate) fn receiver() -> Receiver {
    let fec = FecInfo::new(FecScheme::St2022_1, 96).with_ssrc(REPAIR);
    Receiver::of(RecoveryOptions::default(), StreamInfo::new(MEDIA, 33, 90_000).with_fec(fec))
}

#[test]
fn rows_and_columns_of_transport_streams_bring_back_what_was_lost() {
    const BASE: u16 = 65_530;
    let at = |offset: u16| BASE.wrapping_add(offset);
    let lost = [0, 1, 5, 12, 13].map(at);
    let mut receiver = receiver();
    for packet in (0..20).map(|offset| transport_stream(at(offset))) {
        if !lost.contains(&packet.sequence_number()) {
            receiver.read(&packet);
        }
    }
    for column in 0..5 {
        receiver.read(&repair(at(column), Pattern::Column { columns: 5, rows: 4 }));
    }
    for row in 0..4 {
        receiver.read(&repair(at(row * 5), Pattern::Row { columns: 5, grid: true }));
    }
    let mut back = receiver.back();
    back.sort_by_key(|seq| seq.wrapping_sub(BASE));
    assert_eq!(back, lost);
    assert!(receiver.got.iter().all(|packet| *packet == transport_stream(packet.sequence_number())));
    assert_eq!((receiver.counters().recovered, receiver.got.len()), (5, 20));
}
