//! The block format: sections, interfaces and packets.

use std::io::Read;
use std::time::Duration;

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::pcapng::PcapNgState;
use pcap_file::pcapng::blocks::block_common::{Block, RawBlock};
use pcap_file::pcapng::blocks::interface_description::{
    InterfaceDescriptionBlock, InterfaceDescriptionOption,
};
use pcap_file::pcapng::blocks::section_header::SectionHeaderBlock;
use pcap_file::{DataLink, Endianness};

use super::resync::skip_to;
use super::window::Window;
use super::{DamageKind, Damages, Found, Source};

/// The type of a section header, the same in both byte orders.
pub(super) const SECTION_HEADER: &[u8] = &[0x0a, 0x0d, 0x0d, 0x0a];
const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
/// Name resolution, statistics, journal, decryption secrets, custom.
const OTHERS: [u32; 6] = [4, 5, 9, 10, 0x0bad, 0x4000_0bad];
/// Longer blocks are damage.
const MAX_BLOCK: usize = 16 << 20;
/// Type, and the length at both ends.
const FRAMING: usize = 12;
/// Interfaces of one section that are kept; a block costs a file 20 bytes.
const MAX_INTERFACES: usize = 65_536;
/// Options of an interface that are kept: one for the resolution of its times and one for their offset.
const MAX_OPTIONS: usize = 8;

/// What the sections and interfaces so far say.
#[derive(Debug)]
pub(super) struct PcapNg {
    state: PcapNgState,
    last: Duration,
}

impl PcapNg {
    /// `None`: this is no pcapng file. Else what is wrong with its first block.
    pub(super) fn open(bytes: &[u8]) -> Option<(Self, Option<&'static str>)> {
        let of_section = byte_order(bytes);
        let is_section = bytes.starts_with(SECTION_HEADER);
        if of_section.is_none() && !is_section {
            return None;
        }
        let fault = (!is_section).then_some("a section header of another type");
        let mut new = Self { state: PcapNgState::default(), last: Duration::ZERO };
        new.enter_section(of_section.unwrap_or(Endianness::Little));
        Some((new, fault))
    }

    fn enter_section(&mut self, endianness: Endianness) {
        let section = SectionHeaderBlock { endianness, ..SectionHeaderBlock::default() };
        self.state.update_from_block(&Block::SectionHeader(section));
    }

    /// The next packet block.
    pub(super) fn find<R: Read>(&mut self, window: &mut Window<R>, damage: &mut Damages) -> Option<Found> {
        loop {
            let offset = window.offset();
            if !window.want(FRAMING) {
                if !window.bytes().is_empty() {
                    damage.add(offset, DamageKind::Truncated, "the file ends within the block");
                }
                window.consume_all();
                return None;
            }
            let len = self.block_len(window.bytes());
            let cut = len.is_some_and(|len| !window.want(len));
            let block = len.and_then(|len| self.block(window.bytes().get(..len)?));
            let Some(block) = block else {
                if !self.skip(window, damage, cut) {
                    return None;
                }
                continue;
            };
            let len = block.initial_len as usize;
            match self.take(&block) {
                Ok(Some(found)) => return Some(found),
                Ok(None) => {}
                Err(what) => damage.add(offset, DamageKind::Damaged, what),
            }
            window.consume(len);
        }
    }

    /// Past what is no block. `false`: nothing is left.
    fn skip<R: Read>(&self, window: &mut Window<R>, damage: &mut Damages, cut: bool) -> bool {
        let offset = window.offset();
        let skipped = skip_to(window, |bytes| self.starts_with_block(bytes));
        match skipped {
            Some(skipped) => {
                damage.add(offset, DamageKind::Damaged, format!("{skipped} bytes that are no block"));
                return true;
            }
            None if cut => damage.add(offset, DamageKind::Truncated, "the file ends within the block"),
            None => damage.add(offset, DamageKind::Damaged, "the rest of the file is no block, from the one"),
        }
        false
    }

    /// The length of the block that `bytes` start with; `None` if no block can have it.
    fn block_len(&self, bytes: &[u8]) -> Option<usize> {
        let order = byte_order(bytes).unwrap_or(self.state.endianness());
        let len = word(bytes, 4, order)? as usize;
        (FRAMING..=MAX_BLOCK).contains(&len).then_some(len).filter(|len| len % 4 == 0)
    }

    /// The block that fills `bytes`.
    fn block<'a>(&self, bytes: &'a [u8]) -> Option<RawBlock<'a>> {
        let raw = match self.state.endianness() {
            Endianness::Big => RawBlock::from_slice::<BigEndian>(bytes),
            Endianness::Little => RawBlock::from_slice::<LittleEndian>(bytes),
        };
        raw.ok().map(|(_, block)| block)
    }

    /// Whether `bytes` start with a block of a known type with the same length at both ends.
    fn starts_with_block(&self, bytes: &[u8]) -> bool {
        let order = byte_order(bytes).unwrap_or(self.state.endianness());
        let Some(kind) = word(bytes, 0, order) else { return false };
        if !matches!(kind, SECTION | INTERFACE | OLD_PACKET | SIMPLE_PACKET | ENHANCED_PACKET)
            && !OTHERS.contains(&kind)
        {
            return false;
        }
        self.block_len(bytes).is_some_and(|len| word(bytes, len - 4, order) == Some(len as u32))
    }

    /// What a block says: a packet, or a section or interface to remember.
    fn take(&mut self, block: &RawBlock<'_>) -> Result<Option<Found>, String> {
        match block.type_ {
            SECTION | INTERFACE => self.describe(block).map(|()| None),
            ENHANCED_PACKET | OLD_PACKET => self.packet(block).map(Some),
            SIMPLE_PACKET => self.simple_packet(block).map(Some),
            _ => Ok(None),
        }
    }

    fn describe(&mut self, block: &RawBlock<'_>) -> Result<(), String> {
        if block.type_ == INTERFACE && self.state.interfaces().len() >= MAX_INTERFACES {
            return Err(format!("more than {MAX_INTERFACES} interfaces"));
        }
        match self.state.decode_block_if_needed(block) {
            Ok(Some(Block::InterfaceDescription(mut interface))) => {
                // Names and comments would be kept as long as the section.
                interface.options.retain(|option| {
                    matches!(
                        option,
                        InterfaceDescriptionOption::IfTsResol(_) | InterfaceDescriptionOption::IfTsOffset(_)
                    )
                });
                interface.options.truncate(MAX_OPTIONS);
                self.state.update_from_block(&Block::InterfaceDescription(interface));
                Ok(())
            }
            Ok(block) => {
                if let Some(block) = block {
                    self.state.update_from_block(&block);
                }
                Ok(())
            }
            Err(_) if block.type_ == INTERFACE => {
                // Later packets name interfaces by their number, so this one must not go missing.
                let order = self.state.endianness();
                let link = half(&block.body, 0, order).unwrap_or(0);
                let interface = InterfaceDescriptionBlock::new(DataLink::from(u32::from(link)), 0);
                self.state.update_from_block(&Block::InterfaceDescription(interface));
                Err("an interface with options that make no sense".to_owned())
            }
            Err(_) => {
                let order = self.state.endianness();
                self.enter_section(section_order(&block.body).unwrap_or(order));
                Err("a section header that makes no sense".to_owned())
            }
        }
    }

    fn packet(&mut self, block: &RawBlock<'_>) -> Result<Found, String> {
        let order = self.state.endianness();
        let field = |at| word(&block.body, at, order).ok_or("a packet block that is too short");
        let interface = match block.type_ {
            OLD_PACKET => half(&block.body, 0, order).unwrap_or_default().into(),
            _ => field(0)?,
        };
        let (high, low, captured, original) = (field(4)?, field(8)?, field(12)?, field(16)?);
        let link = self.link(interface)?;
        let time = self.state.decode_timestamp(interface, high, low);
        self.last = time.map_err(|_| "a packet whose time makes no sense")?;
        self.found(block, 20, captured as usize, original as usize, link)
    }

    fn simple_packet(&self, block: &RawBlock<'_>) -> Result<Found, String> {
        let original =
            word(&block.body, 0, self.state.endianness()).ok_or("a packet block that is too short")?;
        let link = self.link(0)?;
        let limit = self.state.interfaces().first().map_or(0, |interface| interface.snaplen);
        let captured = if limit == 0 { original } else { original.min(limit) };
        self.found(block, 4, captured as usize, original as usize, link)
    }

    fn link(&self, interface: u32) -> Result<u16, String> {
        let interface = self.state.interfaces().get(interface as usize);
        interface
            .map(|interface| u32::from(interface.linktype) as u16)
            .ok_or_else(|| "a packet of an interface that is not described".to_owned())
    }

    fn found(
        &self,
        block: &RawBlock<'_>,
        fields: usize,
        captured: usize,
        original: usize,
        link: u16,
    ) -> Result<Found, String> {
        if block.body.len() - fields < captured {
            return Err("a packet that is longer than its block".to_owned());
        }
        let data = 8 + fields..8 + fields + captured;
        let len = block.initial_len as usize;
        Ok(Found { at: self.last, data, len, wire_len: original, source: Source::Link(link) })
    }
}

/// The byte order of the section header that `bytes` start with.
fn byte_order(bytes: &[u8]) -> Option<Endianness> {
    section_order(bytes.get(8..)?)
}

fn section_order(body: &[u8]) -> Option<Endianness> {
    match body {
        [0x1a, 0x2b, 0x3c, 0x4d, ..] => Some(Endianness::Big),
        [0x4d, 0x3c, 0x2b, 0x1a, ..] => Some(Endianness::Little),
        _ => None,
    }
}

fn word(bytes: &[u8], at: usize, order: Endianness) -> Option<u32> {
    let word = *bytes.get(at..)?.first_chunk()?;
    Some(if order == Endianness::Big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
}

fn half(bytes: &[u8], at: usize, order: Endianness) -> Option<u16> {
    let half = *bytes.get(at..)?.first_chunk()?;
    Some(if order == Endianness::Big { u16::from_be_bytes(half) } else { u16::from_le_bytes(half) })
}
