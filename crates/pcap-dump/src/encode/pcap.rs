//! Classic pcap with nanoseconds: no direction, no comments.

use std::io;

use byteorder_slice::LittleEndian;
use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapTsResolution};

use super::{Encoder, Head, Tally};
use crate::announce::Announcement;
use crate::{CaptureEnd, LinkType, PcapDumpOptions, Record, framing};

/// No limit below the largest frame; what the options cut is cut before.
const SNAPLEN: u32 = 262_144;

pub(super) struct Pcap {
    buffer: Vec<u8>,
    link_type: LinkType,
    frame: Vec<u8>,
}

impl Pcap {
    pub(super) fn start(options: &PcapDumpOptions, _: &Head<'_>) -> io::Result<Self> {
        let header = PcapHeader {
            snaplen: SNAPLEN,
            datalink: framing::data_link(options.link_type),
            ts_resolution: PcapTsResolution::NanoSecond,
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        let mut buffer = Vec::new();
        header.write_to(&mut buffer).map_err(unfit)?;
        Ok(Self { buffer, link_type: options.link_type, frame: Vec::new() })
    }
}

impl Encoder for Pcap {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    fn packet(&mut self, record: &Record<'_>) -> io::Result<()> {
        let added = framing::build(self.link_type, record, &mut self.frame)?;
        let data = self.frame.get(..added + record.data().len()).unwrap_or(&self.frame);
        let packet = PcapPacket::new(record.timestamp, self.frame.len() as u32, data).map_err(unfit)?;
        packet
            .as_raw_packet(PcapTsResolution::NanoSecond)
            .write_to::<_, LittleEndian>(&mut self.buffer)
            .map_err(unfit)?;
        Ok(())
    }

    fn announce(&mut self, said: &Announcement) -> io::Result<()> {
        framing::announce(self.link_type, said, &mut self.frame)?;
        let packet = PcapPacket::new(said.timestamp, self.frame.len() as u32, &self.frame).map_err(unfit)?;
        packet
            .as_raw_packet(PcapTsResolution::NanoSecond)
            .write_to::<_, LittleEndian>(&mut self.buffer)
            .map_err(unfit)?;
        Ok(())
    }

    fn finish(&mut self, _: &Tally, _: Option<&CaptureEnd>) -> io::Result<()> {
        Ok(())
    }
}

fn unfit(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}
