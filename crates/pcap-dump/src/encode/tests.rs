//! What the formats say about packets that are missing: seldom seen from outside, because a writer keeps up.

use std::time::Duration;

use interceptor_packet::RtpPacket;
use pcap_file::pcapng::blocks::enhanced_packet::EnhancedPacketOption;
use pcap_file::pcapng::blocks::interface_statistics::InterfaceStatisticsOption;
use pcap_file::pcapng::blocks::opt_common::CommonOption;
use pcap_file::pcapng::{Block, PcapNgReader};

use super::*;
use crate::PacketView;

const END: CaptureEnd =
    CaptureEnd { timestamp: Duration::from_secs(9), missed_incoming: 0, missed_outgoing: 4 };

/// A file with one outgoing packet behind a gap of three, and four missed at the end.
fn file(format: Format) -> Vec<u8> {
    let options = PcapDumpOptions::default().with_format(format);
    let head = Head { connection: "call-1", start: Duration::ZERO, endpoints: Endpoints::default() };
    let mut encoder = start(&options, &head).unwrap();
    let packet = RtpPacket::builder().ssrc(1).payload(&b"abc"[..]).build().unwrap();
    let record = Record {
        connection: "call-1",
        timestamp: Duration::from_secs(5),
        direction: Direction::Outgoing,
        endpoints: Endpoints::default(),
        packet: PacketView::Rtp(&packet),
        missed: 3,
        datagram: &packet.to_bytes(),
        kept: packet.total_len(),
    };
    let mut tally = Tally::new(Duration::ZERO);
    encoder.packet(&record).unwrap();
    tally.count(&record);
    encoder.finish(&tally, Some(&END)).unwrap();
    std::mem::take(encoder.buffer())
}

#[test]
fn pcapng_says_it_at_the_packet_and_at_the_end() {
    let bytes = file(Format::Pcapng);
    let mut reader = PcapNgReader::new(bytes.as_slice()).unwrap();
    let mut said = Vec::new();
    while let Some(block) = reader.next_block() {
        match block.unwrap().0 {
            Block::EnhancedPacket(block) => {
                assert!(block.options.contains(&EnhancedPacketOption::DropCount(3)));
                said.extend(block.options.iter().filter_map(|option| match option {
                    EnhancedPacketOption::Common(CommonOption::Comment(text)) => Some(text.to_string()),
                    _ => None,
                }));
            }
            Block::InterfaceStatistics(block) if block.interface_id == 1 => {
                assert!(block.options.contains(&InterfaceStatisticsOption::IsbIfRecv(8)));
                assert!(block.options.contains(&InterfaceStatisticsOption::IsbIfDrop(7)));
                assert_eq!(block.timestamp, END.timestamp);
                said.extend(block.options.iter().filter_map(|option| match option {
                    InterfaceStatisticsOption::Common(CommonOption::Comment(text)) => Some(text.to_string()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    assert_eq!(
        said,
        [
            "gap: 3 packets before this point were not captured, the queue was full",
            "outgoing, connection call-1",
            "gap: 4 packets before this point were not captured, the queue was full",
        ]
    );
}

#[test]
fn text_says_it_in_lines_of_their_own() {
    let text = String::from_utf8(file(Format::Text)).unwrap();
    let remarks: Vec<_> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        remarks,
        [
            "# connection call-1",
            "# outgoing gap: 3 packets before this point were not captured, the queue was full",
            "# outgoing gap: 4 packets before this point were not captured, the queue was full",
        ]
    );
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn an_exported_pdu_names_dissector_addresses_and_ports() {
    let options =
        PcapDumpOptions::default().with_format(Format::Pcap).with_link_type(crate::LinkType::RtpPdu);
    let head = Head { connection: "c", start: Duration::ZERO, endpoints: Endpoints::default() };
    let mut encoder = start(&options, &head).unwrap();
    let packet = RtpPacket::default();
    let bytes = packet.to_bytes();
    let record = Record {
        connection: "c",
        timestamp: Duration::from_nanos(1_000_000_002),
        direction: Direction::Incoming,
        endpoints: Endpoints::default(),
        packet: PacketView::Rtp(&packet),
        missed: 0,
        datagram: &bytes,
        kept: 12,
    };
    encoder.packet(&record).unwrap();
    let head = [
        &[0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 252, 0, 0, 0][..],
        &[1, 0, 0, 0, 2, 0, 0, 0, 64, 0, 0, 0, 64, 0, 0, 0],
    ]
    .concat();
    let tags = [
        &[0, 12, 0, 4, b'r', b't', b'p', 0][..],
        &[0, 20, 0, 4, 192, 0, 2, 2, 0, 21, 0, 4, 192, 0, 2, 1],
        &[0, 24, 0, 4, 0, 0, 0, 3, 0, 25, 0, 4, 0, 0, 0x13, 0x8c, 0, 26, 0, 4, 0, 0, 0x13, 0x8c],
        &[0, 0, 0, 0],
    ]
    .concat();
    assert_eq!(*encoder.buffer(), [head, tags, bytes.to_vec()].concat());
}
