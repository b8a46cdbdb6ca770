//! Numbers on what leaves.

use interceptor_core::packet::ext::TransportSequenceNumber;
use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Outgoing, StreamInfo};
use interceptor_test::{rtp, stream_info};
use interceptor_twcc::{Twcc, TwccOptions};

use crate::kit::{Bench, ID, MEDIA, V2, video};

fn sender(options: TwccOptions) -> Bench {
    let mut bench = Bench::new(options, |config| config);
    bench.chain.bind_local(video().with_rtx(MEDIA + 1, 97), bench.now).unwrap();
    bench
}

/// The packet as it leaves.
fn write(bench: &mut Bench, packet: RtpPacket) -> RtpPacket {
    bench.chain.write_rtp(packet, bench.now);
    let Some(Outgoing::Rtp(packet)) = bench.chain.poll_wire() else { panic!("the packet leaves") };
    packet
}

fn number(packet: &RtpPacket) -> Option<u16> {
    packet.read::<TransportSequenceNumber>(ID).map(|number| number.0)
}

#[test]
fn one_counter_numbers_all_streams_of_a_connection_with_their_retransmissions_and_repairs() {
    let mut bench = sender(TwccOptions::default());
    bench.chain.bind_local(stream_info::audio(7), bench.now).unwrap();
    let repair = |ssrc, origin| rtp(ssrc).origin(origin).build();
    let packets = [
        rtp(MEDIA).build(),
        rtp(7).pt(111).build(),
        repair(MEDIA + 1, Origin::Retransmission),
        repair(MEDIA, Origin::FecRepair),
        repair(MEDIA, Origin::Padding),
    ];
    let numbers: Vec<_> = packets.into_iter().map(|packet| number(&write(&mut bench, packet))).collect();
    assert_eq!(numbers, [0, 1, 2, 3, 4].map(Some));
    assert_eq!((bench.counters().stamped, bench.chain.get::<Twcc>().unwrap().next_number()), (5, 5));
}

#[test]
fn numbers_wrap() {
    let mut bench = sender(TwccOptions::default().with_first_number(65_534));
    let numbers: Vec<_> = (0..4).map(|_| number(&write(&mut bench, rtp(MEDIA).build()))).collect();
    assert_eq!(numbers, [65_534, 65_535, 0, 1].map(Some));
}

#[test]
fn what_was_reserved_or_was_there_is_overwritten_in_place() {
    let mut bench = sender(TwccOptions::default());
    let stamps: Vec<_> = [bench.chain.headroom(MEDIA), bench.chain.headroom(MEDIA + 1)].to_vec();
    assert_eq!(stamps, [Some(8); 2], "declared: header, element and padding");
    let reserved = rtp(MEDIA).ext(3, &[9]).ext(ID, &[0xab, 0xcd]).ext(4, &[8]).payload_len(20).build();
    let len = reserved.total_len();
    let packet = write(&mut bench, reserved);
    assert_eq!((packet.total_len(), number(&packet)), (len, Some(0)));
    assert!(packet.extensions().eq([(3, &[9][..]), (ID, &[0, 0][..]), (4, &[8][..])]));
}

#[test]
fn a_packet_without_room_for_it_grows() {
    let mut bench = sender(TwccOptions::default());
    let packet = write(&mut bench, rtp(MEDIA).payload_len(20).build());
    assert_eq!((packet.total_len(), packet.payload_len()), (12 + 8 + 20, 20));
}

#[test]
fn a_stream_that_did_not_negotiate_it_is_left_alone() {
    let mut bench = sender(TwccOptions::default());
    bench.chain.bind_local(stream_info::bare(7), bench.now).unwrap();
    let on_request = StreamInfo::new(8, 96, 90_000).with_extension(ID, V2);
    bench.chain.bind_local(on_request, bench.now).unwrap();
    for ssrc in [7, 8, 9] {
        assert_eq!(write(&mut bench, rtp(ssrc).build()).to_bytes(), rtp(ssrc).build().to_bytes());
    }
    assert_eq!(bench.chain.headroom(7), Some(0));
    let layout = bench.chain.layout();
    let row = layout.rows().iter().find(|row| row.name == "twcc").unwrap();
    assert_eq!(row.local_streams, 1, "packets of the others never reach it");
}

#[test]
fn switched_off_it_takes_part_in_no_local_stream() {
    let mut bench = sender(TwccOptions::default().with_stamping(false));
    assert_eq!(number(&write(&mut bench, rtp(MEDIA).build())), None);
    assert_eq!(bench.counters().stamped, 0);
}

#[test]
fn an_amendment_moves_the_identifier_or_ends_the_numbering() {
    let mut bench = sender(TwccOptions::default());
    write(&mut bench, rtp(MEDIA).build());
    let mut moved = video();
    moved.header_extensions[0].id = 9;
    bench.chain.amend_local(moved, bench.now).unwrap();
    let packet = write(&mut bench, rtp(MEDIA).build());
    assert_eq!(packet.read(9), Some(TransportSequenceNumber(1)));
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    assert_eq!(write(&mut bench, rtp(MEDIA).build()).extension_block(), None);
    assert_eq!(bench.chain.headroom(MEDIA), Some(0));
}
