//! The start of an RTP packet, as much as a capture that cuts packets short still has.

/// An RTP packet's fixed header, where its payload begins, and how long it is. What the payload holds is not looked at: one
/// that the capture has cut could not be told from a malformed one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    fixed: [u8; 12],
    len: usize,
    payload_len: Option<usize>,
    lead: Option<u16>,
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
        let mut payload_len = Some(wire_len.checked_sub(len)?);
        if fixed[0] & 0x20 != 0 {
            payload_len = payload_len.and_then(|len| unpadded(len, data, wire_len));
        }
        let lead = data.get(len..).and_then(|rest| rest.first_chunk()).copied().map(u16::from_be_bytes);
        let lead = lead.filter(|_| payload_len.is_some_and(|len| len >= 2));
        Some(Self { fixed, len, payload_len, lead })
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

    /// The contributing sources; `data` is the packet.
    pub(super) fn csrcs(&self, data: &[u8]) -> Vec<u32> {
        let end = 12 + 4 * usize::from(self.fixed[0] & 0xf);
        let csrcs = data.get(12..end).unwrap_or_default().chunks_exact(4);
        csrcs.filter_map(|csrc| csrc.first_chunk()).copied().map(u32::from_be_bytes).collect()
    }

    /// Bytes of fixed header, contributing sources and extension block.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Bytes of payload on the wire, without padding; `None`: how much of it is padding is cut off, or makes no sense.
    pub(super) const fn payload_len(&self) -> Option<usize> {
        self.payload_len
    }

    /// The payload's first two bytes, which in a retransmission are the number of what it repeats (RFC 4588 §4).
    pub(super) const fn lead(&self) -> Option<u16> {
        self.lead
    }

    /// The payload without padding, or as much of it as the capture has; `data` is the packet.
    pub(super) fn payload<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        let payload = data.get(self.len..).unwrap_or_default();
        payload.get(..self.payload_len.unwrap_or_default()).unwrap_or(payload)
    }
}

/// What is left of a payload without its padding, whose last byte says how many bytes it has (RFC 3550 §5.1).
fn unpadded(payload_len: usize, data: &[u8], wire_len: usize) -> Option<usize> {
    let padding = data.get(wire_len.checked_sub(1)?).copied().filter(|padding| *padding > 0)?;
    payload_len.checked_sub(usize::from(padding))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet of payload type 96 with this first byte and these bytes behind its header.
    fn parse(first: u8, rest: &[u8], cut: usize) -> Option<Header> {
        let data = [&[first, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3][..], rest].concat();
        Header::parse(&data[..data.len() - cut], data.len())
    }

    #[test]
    fn padding_is_no_payload() {
        let lead = |first, rest: &[u8], cut| {
            parse(first, rest, cut).map(|header| (header.payload_len(), header.lead()))
        };
        assert_eq!(lead(0x80, &[1, 2, 3], 0), Some((Some(3), Some(0x0102))));
        assert_eq!(lead(0x80, &[1, 2, 3], 1), Some((Some(3), Some(0x0102))));
        assert_eq!(lead(0xa0, &[1, 2, 3, 0, 2], 0), Some((Some(3), Some(0x0102))));
        assert_eq!(lead(0xa0, &[0, 0, 3], 0), Some((Some(0), None)));
        assert_eq!(lead(0xa0, &[1, 2, 2], 0), Some((Some(1), None)));
        // How much is padding is cut off, nothing, or more than there is.
        assert_eq!(lead(0xa0, &[1, 2, 3, 0, 2], 1), Some((None, None)));
        assert_eq!(lead(0xa0, &[1, 2, 0], 0), Some((None, None)));
        assert_eq!(lead(0xa0, &[1, 2, 4], 0), Some((None, None)));
        assert_eq!(parse(0xa0, &[1, 2, 3, 0, 2], 0).map(|header| header.payload(&[9; 17]).len()), Some(3));
    }
}
