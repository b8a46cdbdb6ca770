//! The start of an RTP packet, as much as a capture that cuts packets short still has.

/// An RTP packet's fixed header, where its payload begins, and how long it is. What the payload holds is not looked at: one
/// that the capture has cut could not be told from a malformed one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    fixed: [u8; 12],
    len: usize,
    payload_len: Option<usize>,
    csrc: Option<u32>,
}

impl Header {
    /// `None`: this is no RTP packet. `wire_len` is its length before the capture cut it.
    #[inline]
    pub(super) fn parse(data: &[u8], wire_len: usize) -> Option<Self> {
        let fixed: [u8; 12] = *data.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let csrcs = usize::from(fixed[0] & 0xf);
        let mut len = 12 + 4 * csrcs;
        if fixed[0] & 0x10 != 0 {
            let words = data.get(len + 2..).and_then(|rest| rest.first_chunk()).copied();
            // Cut off before the length of the extension block: take the packet's word for it.
            len += 4 + 4 * usize::from(words.map_or(0, u16::from_be_bytes));
        }
        let csrc = data.get(12..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_be_bytes);
        let mut payload_len = Some(wire_len.checked_sub(len)?);
        if fixed[0] & 0x20 != 0 {
            payload_len = payload_len.and_then(|len| unpadded(len, data, wire_len));
        }
        Some(Self { fixed, len, payload_len, csrc: csrc.filter(|_| csrcs == 1) })
    }

    #[inline]
    pub(super) const fn seq(&self) -> u16 {
        u16::from_be_bytes([self.fixed[2], self.fixed[3]])
    }

    #[inline]
    pub(super) const fn timestamp(&self) -> u32 {
        u32::from_be_bytes([self.fixed[4], self.fixed[5], self.fixed[6], self.fixed[7]])
    }

    #[inline]
    pub(super) const fn ssrc(&self) -> u32 {
        u32::from_be_bytes([self.fixed[8], self.fixed[9], self.fixed[10], self.fixed[11]])
    }

    #[inline]
    pub(super) const fn payload_type(&self) -> u8 {
        self.fixed[1] & 0x7f
    }

    #[inline]
    pub(super) const fn marker(&self) -> bool {
        self.fixed[1] & 0x80 != 0
    }

    /// Bytes of payload on the wire, without padding; `None`: how much of it is padding is cut off, or makes no sense.
    pub(super) const fn payload_len(&self) -> Option<usize> {
        self.payload_len
    }

    /// The contributing source, if there is exactly one.
    pub(super) const fn csrc(&self) -> Option<u32> {
        self.csrc
    }

    /// Bytes of fixed header, contributing sources and extension block.
    pub(super) const fn len(&self) -> usize {
        self.len
    }
}

/// What is left of a payload without its padding, whose last byte says how many bytes it has (RFC 3550 §5.1).
fn unpadded(payload_len: usize, data: &[u8], wire_len: usize) -> Option<usize> {
    let padding = data.get(wire_len.checked_sub(1)?).copied().filter(|padding| *padding > 0)?;
    payload_len.checked_sub(usize::from(padding))
}
