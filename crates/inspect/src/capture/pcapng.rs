//! The block format: sections, interfaces and packets.

use std::io::Read;
use std::time::Duration;

use byteorder_slice::{BigEndian, LittleEndian};
use pcap_file::Endianness;
use pcap_file::pcapng::blocks::block_common::RawBlock;

use super::fields::{half, word};
use super::interface::Interface;
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

/// What the section and its interfaces so far say.
#[derive(Debug)]
pub(super) struct PcapNg {
    order: Endianness,
    interfaces: Vec<Interface>,
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
        let order = of_section.unwrap_or(Endianness::Little);
        Some((Self { order, interfaces: Vec::new() }, fault))
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
        let order = byte_order(bytes).unwrap_or(self.order);
        let len = word(bytes, 4, order)? as usize;
        (FRAMING..=MAX_BLOCK).contains(&len).then_some(len).filter(|len| len % 4 == 0)
    }

    /// The block that fills `bytes`.
    fn block<'a>(&self, bytes: &'a [u8]) -> Option<RawBlock<'a>> {
        let raw = match self.order {
            Endianness::Big => RawBlock::from_slice::<BigEndian>(bytes),
            Endianness::Little => RawBlock::from_slice::<LittleEndian>(bytes),
        };
        raw.ok().map(|(_, block)| block)
    }

    /// Whether `bytes` start with a block of a known type with the same length at both ends.
    fn starts_with_block(&self, bytes: &[u8]) -> bool {
        let order = byte_order(bytes).unwrap_or(self.order);
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
            SECTION => self.enter_section(&block.body).map(|()| None),
            INTERFACE => self.describe(&block.body).map(|()| None),
            ENHANCED_PACKET | OLD_PACKET => self.packet(block).map(Some),
            SIMPLE_PACKET => self.simple_packet(block).map(Some),
            _ => Ok(None),
        }
    }

    /// A section has its own byte order and its own interfaces.
    fn enter_section(&mut self, body: &[u8]) -> Result<(), String> {
        self.interfaces.clear();
        self.order = section_order(body).ok_or("a section header that makes no sense")?;
        Ok(())
    }

    fn describe(&mut self, body: &[u8]) -> Result<(), String> {
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(format!("more than {MAX_INTERFACES} interfaces"));
        }
        // Kept whatever is wrong: packets name interfaces by their number.
        let (interface, fault) = Interface::parse(body, self.order);
        self.interfaces.push(interface);
        fault.map_or(Ok(()), |fault| Err(fault.to_owned()))
    }

    fn packet(&self, block: &RawBlock<'_>) -> Result<Found, String> {
        let field = |at| word(&block.body, at, self.order).ok_or("a packet block that is too short");
        let interface = match block.type_ {
            OLD_PACKET => half(&block.body, 0, self.order).unwrap_or_default().into(),
            _ => field(0)?,
        };
        let (high, low, captured, original) = (field(4)?, field(8)?, field(12)?, field(16)?);
        let interface = self.interface(interface)?;
        let at = interface.time(u64::from(high) << 32 | u64::from(low));
        found(block, 20, at, interface.link, (captured as usize, original as usize))
    }

    /// It has no time, and belongs to the first interface.
    fn simple_packet(&self, block: &RawBlock<'_>) -> Result<Found, String> {
        let original = word(&block.body, 0, self.order).ok_or("a packet block that is too short")?;
        let Interface { link, snaplen, .. } = self.interface(0)?;
        let captured = if snaplen == 0 { original } else { original.min(snaplen) };
        found(block, 4, None, link, (captured as usize, original as usize))
    }

    fn interface(&self, number: u32) -> Result<Interface, String> {
        let interface = self.interfaces.get(number as usize).copied();
        interface.ok_or_else(|| "a packet of an interface that is not described".to_owned())
    }
}

fn found(
    block: &RawBlock<'_>,
    fields: usize,
    at: Option<Duration>,
    link: u16,
    (captured, original): (usize, usize),
) -> Result<Found, String> {
    if block.body.len() - fields < captured {
        return Err("a packet that is longer than its block".to_owned());
    }
    let data = 8 + fields..8 + fields + captured;
    Ok(Found { at, data, len: block.initial_len as usize, wire_len: original, source: Source::Link(link) })
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
