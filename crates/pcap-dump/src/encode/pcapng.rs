//! pcapng: section header, one interface a direction, an enhanced packet block a packet.

use std::borrow::Cow;
use std::io;

use interceptor_packet::{Origin, Recovery};
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption, InterfaceTsResolution,
};
use pcap_file::pcapng::blocks::interface_statistics::{InterfaceStatisticsBlock, InterfaceStatisticsOption};
use pcap_file::pcapng::blocks::opt_common::CommonOption;
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::pcapng::{PcapNgWriteError, PcapNgWriter};

use super::{Encoder, Head, Tally};
use crate::announce::Announcement;
use crate::{CaptureEnd, Direction, LinkType, PcapDumpOptions, Record, framing};

/// No limit below the largest frame; what the options cut is cut before.
const SNAPLEN: u32 = 262_144;
const APPLICATION: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

pub(super) struct Pcapng {
    writer: PcapNgWriter<Vec<u8>>,
    link_type: LinkType,
    comments: bool,
    frame: Vec<u8>,
}

impl Pcapng {
    pub(super) fn start(options: &PcapDumpOptions, head: &Head<'_>) -> io::Result<Self> {
        let section = SectionHeaderBlock {
            options: vec![
                SectionHeaderOption::UserApplication(APPLICATION.into()),
                SectionHeaderOption::Common(CommonOption::Comment(
                    format!("connection {}", head.connection).into(),
                )),
            ],
            ..SectionHeaderBlock::default()
        };
        let mut writer = PcapNgWriter::with_section_header(Vec::new(), section).map_err(unfit)?;
        for direction in Direction::ALL {
            let description = format!("{} packets of connection {}", direction.name(), head.connection);
            let interface = InterfaceDescriptionBlock {
                linktype: framing::data_link(options.link_type),
                snaplen: SNAPLEN,
                options: vec![
                    InterfaceDescriptionOption::IfName(direction.name().into()),
                    InterfaceDescriptionOption::IfDescription(description.into()),
                    InterfaceDescriptionOption::IfTsResol(InterfaceTsResolution::NANO),
                ],
            };
            writer.write_pcapng_block(interface).map_err(unfit)?;
        }
        Ok(Self { writer, link_type: options.link_type, comments: options.comments, frame: Vec::new() })
    }
}

impl Encoder for Pcapng {
    fn buffer(&mut self) -> &mut Vec<u8> {
        self.writer.get_mut()
    }

    fn packet(&mut self, record: &Record<'_>) -> io::Result<()> {
        let added = framing::build(self.link_type, record, &mut self.frame)?;
        let data = self.frame.get(..added + record.data().len()).unwrap_or(&self.frame);
        let block = EnhancedPacketBlock {
            interface_id: interface(record.direction),
            timestamp: record.timestamp,
            original_len: self.frame.len() as u32,
            data: Cow::Borrowed(data),
            options: packet_options(record, self.comments),
        };
        self.writer.write_pcapng_block(block).map_err(unfit)?;
        Ok(())
    }

    fn announce(&mut self, said: &Announcement) -> io::Result<()> {
        framing::announce(self.link_type, said, &mut self.frame)?;
        let mut options = vec![EnhancedPacketOption::Flags(interface(said.direction) + 1)];
        if self.comments {
            let comment = "what is known of the streams, written by the capture: never on the wire";
            options.push(EnhancedPacketOption::Common(CommonOption::Comment(comment.into())));
        }
        let block = EnhancedPacketBlock {
            interface_id: interface(said.direction),
            timestamp: said.timestamp,
            original_len: self.frame.len() as u32,
            data: Cow::Borrowed(&self.frame),
            options,
        };
        self.writer.write_pcapng_block(block).map_err(unfit)?;
        Ok(())
    }

    /// Statistics of each interface in this file, and what was missed behind the last packet.
    fn finish(&mut self, tally: &Tally, end: Option<&CaptureEnd>) -> io::Result<()> {
        for direction in Direction::ALL {
            let count = tally.of(direction);
            let missed = end.map_or(0, |end| end.missed(direction));
            let mut options = vec![
                InterfaceStatisticsOption::IsbIfRecv(count.written + count.missed + missed),
                InterfaceStatisticsOption::IsbIfDrop(count.missed + missed),
            ];
            if missed > 0 {
                options.push(InterfaceStatisticsOption::Common(CommonOption::Comment(gap(missed).into())));
            }
            let block = InterfaceStatisticsBlock {
                interface_id: interface(direction),
                timestamp: end.map_or(tally.latest, |end| end.timestamp),
                options,
            };
            self.writer.write_pcapng_block(block).map_err(unfit)?;
        }
        Ok(())
    }
}

const fn interface(direction: Direction) -> u32 {
    match direction {
        Direction::Incoming => 0,
        Direction::Outgoing => 1,
    }
}

fn packet_options(record: &Record<'_>, comments: bool) -> Vec<EnhancedPacketOption<'static>> {
    // epb_flags, bits 0 and 1: 1 inbound, 2 outbound.
    let flags = interface(record.direction) + 1;
    let mut options = vec![EnhancedPacketOption::Flags(flags)];
    if record.missed > 0 {
        options.push(EnhancedPacketOption::DropCount(record.missed));
        options.push(EnhancedPacketOption::Common(CommonOption::Comment(gap(record.missed).into())));
    }
    if comments {
        options.push(EnhancedPacketOption::Common(CommonOption::Comment(comment(record).into())));
    }
    options
}

/// What the chain knows about a packet, in words.
fn comment(record: &Record<'_>) -> String {
    let mut words = format!("{}, connection {}", record.direction.name(), record.connection);
    words.push_str(remarks(record));
    words
}

/// Origin and recovery, each with a comma in front.
pub(super) fn remarks(record: &Record<'_>) -> &'static str {
    let info = record.packet.info();
    match (info.origin, info.recovered_by) {
        (_, Some(Recovery::Rtx)) => ", recovered by retransmission",
        (_, Some(Recovery::Fec)) => ", recovered by FEC",
        (Origin::Retransmission, _) => ", retransmission",
        (Origin::FecRepair, _) => ", FEC repair",
        (Origin::Padding, _) => ", padding",
        _ => "",
    }
}

/// What stands where packets are missing.
pub(super) fn gap(missed: u64) -> String {
    format!("gap: {missed} packets before this point were not captured, the queue was full")
}

fn unfit(error: PcapNgWriteError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
