//! A section of pcapng with two interfaces a leg, block by block.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use interceptor_pcap_dump::{CaptureEnd, Direction, LinkType, Record};
use pcap_file::DataLink;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution,
};
use pcap_file::pcapng::blocks::interface_statistics::{InterfaceStatisticsBlock, InterfaceStatisticsOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgWriteError, PcapNgWriter};

/// No limit below the largest frame.
const SNAPLEN: u32 = 262_144;

const APPLICATION: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Wireshark's own export format: RTP and RTCP are decoded at once, whatever the ports.
const LINK_TYPE: LinkType = LinkType::RtpPdu;

/// Makes blocks; whoever wants them takes them out.
pub(super) struct Blocks {
    writer: PcapNgWriter<Vec<u8>>,
    frame: Vec<u8>,
}

impl Blocks {
    /// The section's header and the interfaces of these legs are made.
    pub(super) fn new<'a>(legs: impl IntoIterator<Item = &'a str>) -> io::Result<Self> {
        let section = SectionHeaderBlock {
            options: vec![SectionHeaderOption::UserApplication(APPLICATION.into())],
            ..SectionHeaderBlock::default()
        };
        let mut writer = PcapNgWriter::with_section_header(Vec::new(), section).map_err(unfit)?;
        for leg in legs {
            for direction in ["in", "out"] {
                let interface = InterfaceDescriptionBlock {
                    linktype: DataLink::WIRESHARK_UPPER_PDU,
                    snaplen: SNAPLEN,
                    options: vec![
                        InterfaceDescriptionOption::IfName(format!("{leg} {direction}").into()),
                        InterfaceDescriptionOption::IfTsResol(InterfaceTsResolution::NANO),
                    ],
                };
                writer.write_pcapng_block(interface).map_err(unfit)?;
            }
        }
        Ok(Self { writer, frame: Vec::new() })
    }

    /// A packet of the leg with this number, counted from 0.
    pub(super) fn packet(&mut self, leg: u32, record: &Record<'_>) -> io::Result<()> {
        let added = record.frame(LINK_TYPE, &mut self.frame)?;
        let data = self.frame.get(..added + record.data().len()).unwrap_or(&self.frame);
        // epb_flags, bits 0 and 1: 1 inbound, 2 outbound.
        let mut options = vec![EnhancedPacketOption::Flags(1 + way(record.direction))];
        if record.missed > 0 {
            options.push(EnhancedPacketOption::DropCount(record.missed));
        }
        let block = EnhancedPacketBlock {
            interface_id: 2 * leg + way(record.direction),
            timestamp: record.timestamp,
            original_len: self.frame.len() as u32,
            data: Cow::Borrowed(data),
            options,
        };
        self.writer.write_pcapng_block(block).map_err(unfit)?;
        Ok(())
    }

    /// What became of a leg's packets, each way.
    pub(super) fn end(&mut self, leg: u32, counts: &[LegCount; 2], end: &CaptureEnd) -> io::Result<()> {
        for (way, last_missed) in (0_u32..).zip([end.missed_incoming, end.missed_outgoing]) {
            let count = counts.get(way as usize).copied().unwrap_or_default();
            let missed = count.missed + last_missed;
            self.statistics(2 * leg + way, count.taken, missed, end.timestamp)?;
        }
        Ok(())
    }

    fn statistics(
        &mut self,
        interface_id: u32,
        taken: u64,
        missed: u64,
        timestamp: Duration,
    ) -> io::Result<()> {
        let options = vec![
            InterfaceStatisticsOption::IsbIfRecv(taken + missed),
            InterfaceStatisticsOption::IsbIfDrop(missed),
        ];
        let block = InterfaceStatisticsBlock { interface_id, timestamp, options };
        self.writer.write_pcapng_block(block).map_err(unfit)?;
        Ok(())
    }

    /// Bytes of the blocks that were made and not taken out.
    pub(super) fn len(&mut self) -> usize {
        self.writer.get_mut().len()
    }

    /// Whole blocks.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.get_mut())
    }
}

/// Packets of a leg, one way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LegCount {
    pub(super) taken: u64,
    pub(super) missed: u64,
}

pub(super) const fn way(direction: Direction) -> u32 {
    match direction {
        Direction::Incoming => 0,
        Direction::Outgoing => 1,
    }
}

fn unfit(error: PcapNgWriteError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
