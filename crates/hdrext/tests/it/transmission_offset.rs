//! How late each packet leaves.

use interceptor_core::StreamInfo;
use interceptor_core::packet::ext::TransmissionOffset;
use interceptor_core::packet::{HeaderExtension, RtpPacket};
use interceptor_hdrext::{TransmissionOffsetFactory, TransmissionOffsets};
use interceptor_test::{hex, rtp, stream_info};

use crate::kit::{Bench, ID, MEDIA, RTX, ms, video};

pub(crate) fn sender() -> Bench {
    Bench::new(TransmissionOffsetFactory::new()).sending(video(TransmissionOffset::URI))
}

pub(crate) fn offset(packet: &RtpPacket) -> Option<i32> {
    packet.read::<TransmissionOffset>(ID).map(TransmissionOffset::units)
}

#[test]
fn a_packet_says_how_much_later_than_due_it_leaves() {
    let mut bench = sender();
    // A frame of three packets, 33 ms later the next: the pacer spreads each over 20 ms.
    let offsets = [(0, 0), (0, 10), (0, 10), (2970, 13), (2970, 10)]
        .map(|(ts, wait)| offset(&bench.pass(ms(wait)).write(rtp(MEDIA).ts(ts).build())));
    assert_eq!(offsets, [0, 900, 1800, 0, 900].map(Some));
}

#[test]
fn a_retransmission_is_as_late_as_it_is_sent_again() {
    let mut bench = sender();
    bench.write(rtp(MEDIA).ts(7).build());
    let packet = bench.pass(ms(200)).write(rtp(RTX).pt(97).ts(7).build());
    assert_eq!(offset(&packet), Some(18_000));
}

#[test]
fn a_payload_type_of_an_unknown_clock_leaves_without() {
    let mut bench = sender();
    let packet = bench.write(rtp(MEDIA).pt(100).build());
    assert_eq!(offset(&packet), None);
    let foreign = RtpPacket::parse(hex("90 60 0001 00000002 0a0b0c0d abcd0001 10aa20bb 99")).unwrap();
    assert_eq!(bench.write(foreign.clone()), foreign);
    let counters = bench.get::<TransmissionOffsets>().counters();
    assert_eq!((counters.stamped, counters.not_stamped), (0, 2));
}

#[test]
fn another_clock_begins_anew() {
    let info = StreamInfo::new(MEDIA, 0, 8000)
        .with_codec(interceptor_core::Codec::new(111, 48_000))
        .with_extension(ID, TransmissionOffset::URI);
    let mut bench = Bench::new(TransmissionOffsetFactory::new()).sending(info);
    let offsets = [(0, 0), (0, 160), (111, 320), (111, 1280)].map(|(pt, ts)| {
        let packet = bench.write(rtp(MEDIA).pt(pt).ts(ts).build());
        bench.pass(ms(20));
        offset(&packet)
    });
    assert_eq!(offsets, [0, 0, 0, 0].map(Some));
}

#[test]
fn it_is_declared_amended_and_ends() {
    let mut bench = sender().sending(stream_info::bare(7));
    assert_eq!((bench.parts(), bench.chain.headroom(MEDIA)), ((1, 0), Some(8)));
    bench.write(rtp(MEDIA).build());
    let moved = stream_info::bare(MEDIA).with_extension(9, TransmissionOffset::URI);
    bench.chain.amend_local(moved, bench.now).unwrap();
    let packet = bench.pass(ms(1)).write(rtp(MEDIA).build());
    assert_eq!(packet.read(9), TransmissionOffset::new(90), "the timestamps go on");
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    assert_eq!((bench.parts(), bench.chain.headroom(MEDIA)), ((0, 0), Some(0)));
}
