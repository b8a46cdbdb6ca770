//! What a pcapng file holds, as another reader than tshark sees it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_statistics::InterfaceStatisticsOption;
use pcap_file::pcapng::blocks::opt_common::CommonOption;
use pcap_file::pcapng::{Block, PcapNgReader};

/// One packet of a pcapng file.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) interface: u32,
    pub(crate) timestamp: Duration,
    pub(crate) original_len: u32,
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u32,
    pub(crate) missed: u64,
    pub(crate) comments: Vec<String>,
}

/// What a pcapng file holds, as another reader than tshark sees it.
#[derive(Debug, Default)]
pub(crate) struct Pcapng {
    pub(crate) packets: Vec<Packet>,
    /// By interface: packets that came, packets that were missed.
    pub(crate) statistics: Vec<(u64, u64)>,
}

pub(crate) fn read_pcapng(file: &Path) -> Pcapng {
    let mut reader = PcapNgReader::new(fs::File::open(file).unwrap()).unwrap();
    let mut found = Pcapng::default();
    while let Some(block) = reader.next_block() {
        match block.unwrap().0 {
            Block::EnhancedPacket(block) => found.packets.push(packet(block)),
            Block::InterfaceStatistics(block) => {
                let mut counts = (None, None);
                for option in block.options {
                    match option {
                        InterfaceStatisticsOption::IsbIfRecv(count) => counts.0 = Some(count),
                        InterfaceStatisticsOption::IsbIfDrop(count) => counts.1 = Some(count),
                        _ => {}
                    }
                }
                found.statistics.push((counts.0.unwrap(), counts.1.unwrap()));
            }
            _ => {}
        }
    }
    found
}

fn packet(block: EnhancedPacketBlock<'_>) -> Packet {
    let mut packet = Packet {
        interface: block.interface_id,
        timestamp: block.timestamp,
        original_len: block.original_len,
        data: block.data.to_vec(),
        flags: 0,
        missed: 0,
        comments: Vec::new(),
    };
    for option in block.options {
        match option {
            EnhancedPacketOption::Flags(flags) => packet.flags = flags,
            EnhancedPacketOption::DropCount(missed) => packet.missed = missed,
            EnhancedPacketOption::Common(CommonOption::Comment(text)) => packet.comments.push(text.into()),
            other => panic!("unexpected option {other:?}"),
        }
    }
    packet
}

/// Bytes in front of RTP with `LinkType::Ip` over IPv4.
pub(crate) const IP_UDP: usize = 28;
