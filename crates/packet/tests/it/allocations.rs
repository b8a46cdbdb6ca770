//! What must not allocate.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::ext::{AudioLevel, Mid, TransportSequenceNumber};
use interceptor_packet::rfc3550::SourceState;
use interceptor_packet::{NackPair, NtpTime, ReportBlockData, Rtcp, RtcpBuilder, RtcpPacket, RtpPacket};

#[track_caller]
fn assert_none(what: impl FnOnce()) {
    assert_eq!(allocation_counter::measure(what).count_total, 0);
}

fn media() -> Bytes {
    let builder = RtpPacket::builder().ssrc(7).csrc(8).extension(5, &[1, 2]).extension(3, &[9; 3]);
    // A buffer that has been shared before: the first clone of a fresh one makes its reference count.
    let bytes = builder.payload(vec![0; 1200]).padding(4).build().unwrap().to_bytes();
    drop(bytes.clone());
    bytes
}

#[test]
fn the_counter_counts() {
    assert!(allocation_counter::measure(|| drop(vec![1_u8; 10])).count_total > 0);
}

#[test]
fn parsing_rtp_does_not_allocate() {
    let bytes = media();
    assert_none(|| {
        let packet = RtpPacket::parse(bytes.clone()).unwrap();
        assert_eq!(packet.extension(5), Some(&[1, 2][..]));
        assert_eq!(packet.payload().len(), 1200);
    });
}

#[test]
fn changing_and_cloning_rtp_does_not_allocate() {
    let mut packet = RtpPacket::parse(media()).unwrap();
    drop(packet.clone());
    assert_none(|| {
        packet.set_sequence_number(1);
        packet.set_extension(5, &[3, 4]).unwrap();
        packet.set_extension(6, &[0; 16]).unwrap();
        assert!(packet.remove_extension(3));
        let mut copy = packet.clone();
        let taken = copy.take();
        drop(taken.payload_bytes());
    });
}

#[test]
fn typed_extensions_do_not_allocate() {
    let mut packet = RtpPacket::parse(media()).unwrap();
    assert_none(|| {
        let mid = Mid::new("0123456789abcdef").unwrap();
        packet.write(5, &TransportSequenceNumber(9)).unwrap();
        packet.write(6, &mid).unwrap();
        packet.write(7, &AudioLevel::new(true, 3)).unwrap();
        assert_eq!((packet.read(5), packet.read(6)), (Some(TransportSequenceNumber(9)), Some(mid)));
        assert_eq!(packet.read(7), Some(AudioLevel::new(true, 3)));
    });
}

#[test]
fn a_source_takes_little_memory_and_a_window_only_from_its_first_gap_on() {
    let mut source = SourceState::default();
    let mut receive = |numbers: Range<u32>| {
        let mut receive = |number: u32| {
            source.update(number as u16, 160 * number, Duration::from_millis(20) * number, 8000)
        };
        allocation_counter::measure(|| numbers.for_each(|number| _ = receive(number)))
    };
    let begun = receive(0..200_000);
    assert!(begun.count_total == 1 && begun.bytes_max <= 104, "{begun:?}");
    let gap = receive(200_001..200_002);
    assert!(gap.count_total == 1 && gap.bytes_max == 520, "{gap:?}");
    assert_eq!(receive(200_000..200_001).count_total, 0, "late");
    assert_eq!(receive(200_010..400_000).count_total, 0);
    assert_eq!(receive(390_000..400_000).count_total, 0, "all again");
}

#[test]
fn parsing_and_walking_rtcp_does_not_allocate() {
    let lost: Vec<u16> = (0..50).map(|index| 3 * index).collect();
    let bytes = RtcpPacket::builder()
        .receiver_report(1, &[])
        .sdes_cname(1, "name")
        .nack(1, 2, &lost)
        .build()
        .unwrap()
        .into_bytes();
    drop(bytes.clone());
    assert_none(|| {
        let packet = RtcpPacket::parse(bytes.clone()).unwrap();
        let asked: usize = packet
            .packets()
            .map(|view| match view {
                Rtcp::Nack(nack) => nack.sequence_numbers().count(),
                _ => 0,
            })
            .sum();
        assert_eq!(asked, 50);
    });
}

#[test]
fn a_builder_that_is_used_again_does_not_allocate() {
    let mut builder = RtcpBuilder::with_capacity(2048);
    let lost: Vec<u16> = (0..50).map(|index| 17 * index).collect();
    let mut write = |times: u16| {
        for number in 0..times {
            let packet = builder
                .sender_report(1, NtpTime(2), 3, 4, 5, &[ReportBlockData::default(); 31])
                .receiver_report(1, &[ReportBlockData::default(); 5])
                .sdes_cnames(&[1, 2, 3], "name")
                .xr_rrtr(1, NtpTime(2))
                .xr_dlrr(1, &[(1, 2, 3); 2])
                .nack(1, 2, &lost)
                .nack(1, 2, &[number])
                .pli(1, 2)
                .fir(1, &[(2, 3)])
                .bye(&[1, 2], "over")
                .build()
                .unwrap();
            assert_eq!((packet.malformed(), packet.packets().count()), (0, 10));
        }
    };
    write(100);
    assert_none(|| write(1000));
}

#[test]
fn a_builder_grows_until_a_burst_fits() {
    let mut builder = RtcpBuilder::default();
    let mut queue = Vec::with_capacity(100);
    let mut burst = || {
        for number in 0..100 {
            queue.push(builder.nack(1, 2, &[number]).build().unwrap());
        }
        queue.clear();
    };
    (0..20).for_each(|_| burst());
    assert_none(|| (0..20).for_each(|_| burst()));
}

#[test]
fn a_builder_whose_packets_are_kept_takes_64_kib_at_a_time() {
    let mut builder = RtcpBuilder::with_capacity(16);
    let mut kept = Vec::with_capacity(100_000);
    let info = allocation_counter::measure(|| {
        kept.extend((0..100_000).map(|_| builder.pli(1, 2).build().unwrap()));
    });
    // 1.2 MB of packets.
    assert!(info.bytes_max < 1_400_000 && info.count_total < 100, "{info:?}");
}

#[test]
fn a_packet_of_unknown_length_grows_in_few_steps() {
    let pairs = (0..60_000).filter(|_| true).map(|id| NackPair { packet_id: id, lost_packets: 0 });
    let info = allocation_counter::measure(|| {
        assert_eq!(RtcpPacket::builder().nack_from(1, 2, pairs).build().unwrap().len(), 12 + 4 * 60_000);
    });
    assert!(info.count_total < 40, "{info:?}");
}
