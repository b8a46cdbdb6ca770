//! What SRTP leaves readable of a packet, checked before anybody else looks at it.

use bytes::Bytes;
use interceptor_packet::Kind;
use rtp::header::{Extension, Header};

use super::keys::SrtpProfile;

/// A header and an SSRC of RTCP.
const RTCP_HEADER: usize = 8;

/// As long as the longest header extension that a datagram has room for.
static ZEROS: [u8; 65_536] = [0; 65_536];

/// The SSRC of RTP, or of the first packet of an RTCP compound. `None`: there is none.
#[inline]
pub(super) fn ssrc(kind: Kind, datagram: &[u8]) -> Option<u32> {
    let at = if kind == Kind::Rtp { 8 } else { 4 };
    Some(u32::from_be_bytes(*datagram.get(at..)?.first_chunk()?))
}

/// The number of an RTP packet.
#[inline]
pub(super) fn rtp_number(datagram: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(*datagram.get(2..)?.first_chunk()?))
}

/// As much of an RTP header as encryption needs: SSRC, number, and where the payload begins. Made of lengths alone, not of what
/// header extensions say of themselves: broken or padded elements must not move the payload. `None`: it does not fit, with so many
/// bytes behind it.
pub(super) fn rtp_header(datagram: &[u8], behind: usize) -> Option<Header> {
    let &[first, _, s0, s1, ..] = datagram else { return None };
    let ssrc = ssrc(Kind::Rtp, datagram)?;
    let csrcs = usize::from(first & 0x0f);
    let mut header = Header {
        version: 2,
        sequence_number: u16::from_be_bytes([s0, s1]),
        ssrc,
        csrc: vec![0; csrcs],
        ..Header::default()
    };
    let mut len = 12 + 4 * csrcs;
    if first & 0x10 != 0 {
        let words: [u8; 2] = *datagram.get(len + 2..)?.first_chunk()?;
        let bytes = 4 * usize::from(u16::from_be_bytes(words));
        len += 4 + bytes;
        header.extension = true;
        // Of neither profile with elements: its length is its payload's.
        header.extensions = vec![Extension { id: 0, payload: Bytes::from_static(ZEROS.get(..bytes)?) }];
    }
    (len + behind <= datagram.len()).then_some(header)
}

/// Is it long enough to be an SRTCP packet?
pub(super) const fn is_srtcp(datagram: &[u8], profile: SrtpProfile) -> bool {
    datagram.len() >= RTCP_HEADER + profile.rtcp_overhead()
}

/// Does an SRTCP packet say that it is encrypted (RFC 3711 §3.4, the E flag)?
pub(super) fn is_encrypted(datagram: &[u8], profile: SrtpProfile) -> bool {
    // The index stands before the tag in counter mode, behind it in GCM (RFC 7714 §9.1).
    let from_end = match profile {
        SrtpProfile::AeadAes128Gcm | SrtpProfile::AeadAes256Gcm => 4,
        _ => profile.rtcp_overhead(),
    };
    let index = datagram.len().checked_sub(from_end).and_then(|at| datagram.get(at));
    index.is_some_and(|byte| byte & 0x80 != 0)
}
