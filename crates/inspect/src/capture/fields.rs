//! Numbers of pcapng blocks, in the byte order of their section.

use pcap_file::Endianness;

pub(super) fn word(bytes: &[u8], at: usize, order: Endianness) -> Option<u32> {
    let word = *bytes.get(at..)?.first_chunk()?;
    Some(if order == Endianness::Big { u32::from_be_bytes(word) } else { u32::from_le_bytes(word) })
}

pub(super) fn half(bytes: &[u8], at: usize, order: Endianness) -> Option<u16> {
    let half = *bytes.get(at..)?.first_chunk()?;
    Some(if order == Endianness::Big { u16::from_be_bytes(half) } else { u16::from_le_bytes(half) })
}
