//! RTP packets (RFC 3550 §5) that keep their header as the bytes it came in.

mod builder;
mod elements;
mod extensions;
mod fmt;
mod header;
mod parse;
mod remap;
mod stamps;

use bytes::{BufMut, Bytes, BytesMut};
use smallvec::SmallVec;

pub use builder::RtpPacketBuilder;
pub use elements::extension_elements;
use header::csrc_end;

use crate::PacketInfo;

/// Length of the part of the header that every packet has.
pub(crate) const FIXED_HEADER_LEN: usize = 12;

/// Longer headers are on the heap.
const INLINE_HEADER_LEN: usize = 64;

const PADDING_BIT: u8 = 0b0010_0000;
const EXTENSION_BIT: u8 = 0b0001_0000;
const CSRC_COUNT_MASK: u8 = 0b0000_1111;
const MARKER_BIT: u8 = 0b1000_0000;

/// Version 2, everything else zero.
const DEFAULT_HEADER: [u8; FIXED_HEADER_LEN] = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// An RTP packet: checked header bytes (inline up to 64 bytes), a shared payload, and what is known about it.
///
/// Cloning costs one reference count (and the header's heap buffer, if it is longer than 64 bytes; and
/// the [`PacketInfo::attributes`], if there are any). What no one changes leaves as it came: padding, CSRCs, unknown
/// extension profiles, odd padding between extension elements.
///
/// Two packets are equal when their bytes on the wire are; [`PacketInfo`] does not count.
///
/// [`RtpPacket::default`] is version 2 and zero otherwise, without payload.
pub struct RtpPacket {
    /// Always starts with a whole fixed header, and holds exactly fixed header, CSRCs and extension block.
    header: SmallVec<[u8; INLINE_HEADER_LEN]>,
    /// Ends with `padding_len` bytes of padding.
    payload: Bytes,
    info: PacketInfo,
    padding_len: u8,
}

const _: () = assert!(size_of::<RtpPacket>() <= 144, "packets are moved often");

impl RtpPacket {
    /// The payload without padding.
    #[inline]
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.payload.get(..self.payload_len()).unwrap_or_default()
    }

    /// The payload without padding, sharing the packet's buffer.
    #[inline]
    #[must_use]
    pub fn payload_bytes(&self) -> Bytes {
        self.payload.slice(..self.payload_len())
    }

    /// Everything behind the header, sharing the packet's buffer.
    #[inline]
    #[must_use]
    pub const fn payload_and_padding(&self) -> &Bytes {
        &self.payload
    }

    /// Length of the payload without padding.
    #[inline]
    #[must_use]
    pub fn payload_len(&self) -> usize {
        self.payload.len().saturating_sub(usize::from(self.padding_len))
    }

    /// Bytes of padding at the end, the count byte included; 0 when there is none.
    #[inline]
    #[must_use]
    pub const fn padding_len(&self) -> u8 {
        self.padding_len
    }

    /// Replaces the payload. Padding goes, and the padding bit with it.
    #[inline]
    pub fn set_payload(&mut self, payload: impl Into<Bytes>) {
        self.payload = payload.into();
        self.padding_len = 0;
        let first = self.fixed()[0];
        self.put(0, [first & !PADDING_BIT]);
    }

    /// Replaces the padding by `padding_len` bytes (zeroes, then the count); 0 removes it.
    ///
    /// Adding padding copies the payload; removing it does not.
    pub fn set_padding(&mut self, padding_len: u8) {
        let payload_len = self.payload_len();
        if padding_len == 0 {
            let mut payload = std::mem::take(&mut self.payload);
            payload.truncate(payload_len);
            self.set_payload(payload);
            return;
        }
        let mut padded = BytesMut::with_capacity(payload_len + usize::from(padding_len));
        padded.put_slice(self.payload());
        padded.put_bytes(0, usize::from(padding_len) - 1);
        padded.put_u8(padding_len);
        self.payload = padded.freeze();
        self.padding_len = padding_len;
        let first = self.fixed()[0];
        self.put(0, [first | PADDING_BIT]);
    }

    /// The header: fixed part, CSRCs and extension block.
    #[inline]
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Length of the header: 12 and more.
    #[inline]
    #[must_use]
    pub fn header_len(&self) -> usize {
        self.header.len()
    }

    /// Bytes on the wire: header, payload and padding.
    #[inline]
    #[must_use]
    pub fn total_len(&self) -> usize {
        self.header.len() + self.payload.len()
    }

    /// The packet in one piece. Allocates and copies; see [`as_slices`](Self::as_slices) for sending without.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut buffer = BytesMut::with_capacity(self.total_len());
        self.write_to(&mut buffer);
        buffer.freeze()
    }

    /// Appends the packet to `buffer`.
    pub fn write_to(&self, buffer: &mut BytesMut) {
        buffer.reserve(self.total_len());
        buffer.put_slice(&self.header);
        buffer.put_slice(&self.payload);
    }

    /// Header, and payload with padding: the packet on the wire, for vectored sends.
    #[inline]
    #[must_use]
    pub fn as_slices(&self) -> [&[u8]; 2] {
        [&self.header, &self.payload]
    }

    /// What is known about the packet besides its bytes.
    #[inline]
    #[must_use]
    pub const fn info(&self) -> &PacketInfo {
        &self.info
    }

    /// What is known about the packet besides its bytes, to change.
    #[inline]
    pub const fn info_mut(&mut self) -> &mut PacketInfo {
        &mut self.info
    }

    /// Takes the packet and leaves the default packet.
    #[inline]
    #[must_use]
    pub fn take(&mut self) -> Self {
        std::mem::take(self)
    }
}

impl Default for RtpPacket {
    #[inline]
    fn default() -> Self {
        Self {
            header: SmallVec::from_slice(&DEFAULT_HEADER),
            payload: Bytes::new(),
            info: PacketInfo::default(),
            padding_len: 0,
        }
    }
}

impl Clone for RtpPacket {
    #[inline]
    fn clone(&self) -> Self {
        Self {
            // One copy; the derived clone goes byte by byte.
            header: SmallVec::from_slice(&self.header),
            payload: self.payload.clone(),
            info: self.info.clone(),
            padding_len: self.padding_len,
        }
    }
}

impl PartialEq for RtpPacket {
    fn eq(&self, other: &Self) -> bool {
        self.header == other.header && self.payload == other.payload
    }
}

impl Eq for RtpPacket {}
