//! RTP packets of the stack as the chain has them, and back.

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use rtc_rtp::header::{EXTENSION_PROFILE_ONE_BYTE, EXTENSION_PROFILE_TWO_BYTE, Extension, Header};
use smallvec::SmallVec;

use crate::ConvertError;

/// The header's bytes on the wire; longer ones than a packet keeps inline are rare.
pub(crate) type HeaderBytes = SmallVec<[u8; 64]>;

/// The packet as it is on the wire, but for padding: the stack has dropped the bytes and kept the bit, so the bit goes too.
/// The payload is shared.
///
/// # Errors
/// [`ConvertError::Rtp`]: what the stack itself could not send, such as a version other than 2, a payload type over 127, more
/// than 15 CSRCs or a header extension element that its form cannot hold.
pub fn rtp_from(packet: &rtc_rtp::Packet) -> Result<RtpPacket, ConvertError> {
    let header = header_bytes(&packet.header)?;
    RtpPacket::from_parts(&header, packet.payload.clone()).map_err(ConvertError::Rtp)
}

/// The header's bytes, as the stack would write them but for the padding bit, in one pass.
pub(crate) fn header_bytes(header: &Header) -> Result<HeaderBytes, ConvertError> {
    if header.payload_type > 127 || header.csrc.len() > 15 {
        return Err(ConvertError::Header);
    }
    let first = header.version << 6 | u8::from(header.extension) << 4 | header.csrc.len() as u8;
    let second = u8::from(header.marker) << 7 | header.payload_type;
    let [s0, s1] = header.sequence_number.to_be_bytes();
    let [t0, t1, t2, t3] = header.timestamp.to_be_bytes();
    let [c0, c1, c2, c3] = header.ssrc.to_be_bytes();
    let mut bytes = HeaderBytes::from_slice(&[first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3]);
    for csrc in &header.csrc {
        bytes.extend_from_slice(&csrc.to_be_bytes());
    }
    if header.extension {
        append_extensions(&mut bytes, header.extension_profile, &header.extensions)?;
    }
    Ok(bytes)
}

fn append_extensions(
    bytes: &mut HeaderBytes,
    profile: u16,
    extensions: &[Extension],
) -> Result<(), ConvertError> {
    let [p0, p1] = profile.to_be_bytes();
    bytes.extend_from_slice(&[p0, p1, 0, 0]);
    let body = bytes.len();
    match profile {
        EXTENSION_PROFILE_ONE_BYTE | EXTENSION_PROFILE_TWO_BYTE => {
            for element in extensions {
                append_element(bytes, profile, element)?;
            }
        }
        _ => match extensions {
            [only] if only.payload.len().is_multiple_of(4) => bytes.extend_from_slice(&only.payload),
            _ => return Err(ConvertError::Header),
        },
    }
    let whole_words = bytes.len().next_multiple_of(4);
    bytes.resize(whole_words, 0);
    let words = u16::try_from((whole_words - body) / 4).map_err(|_| ConvertError::Header)?;
    if let Some(length) = bytes.get_mut(body - 2..body) {
        length.copy_from_slice(&words.to_be_bytes());
    }
    Ok(())
}

fn append_element(bytes: &mut HeaderBytes, profile: u16, element: &Extension) -> Result<(), ConvertError> {
    let len = element.payload.len();
    match profile {
        EXTENSION_PROFILE_ONE_BYTE if element.id <= 15 && (1..=16).contains(&len) => {
            bytes.push(element.id << 4 | (len - 1) as u8);
        }
        EXTENSION_PROFILE_TWO_BYTE if len <= 255 => bytes.extend_from_slice(&[element.id, len as u8]),
        _ => return Err(ConvertError::Header),
    }
    bytes.extend_from_slice(&element.payload);
    Ok(())
}

/// The fields as the stack would parse them. It writes one to four bytes of padding of its own wherever the padding bit is
/// set, and cannot be told how many: a packet with padding keeps the bit and not the length.
#[must_use]
pub fn rtp_to(packet: &RtpPacket) -> rtc_rtp::Packet {
    let (profile, extensions) = extensions_of(packet);
    let element_overhead = match profile {
        EXTENSION_PROFILE_ONE_BYTE => 1,
        EXTENSION_PROFILE_TWO_BYTE => 2,
        _ => 0,
    };
    let occupied: usize = extensions.iter().map(|element| element_overhead + element.payload.len()).sum();
    let header = Header {
        version: 2,
        padding: packet.padding_len() > 0,
        extension: packet.extension_block().is_some(),
        marker: packet.marker(),
        payload_type: packet.payload_type(),
        sequence_number: packet.sequence_number(),
        timestamp: packet.timestamp(),
        ssrc: packet.ssrc(),
        csrc: packet.csrcs().collect(),
        extension_profile: profile,
        extensions,
        extensions_padding: occupied.next_multiple_of(4) - occupied,
    };
    rtc_rtp::Packet { header, payload: packet.payload_bytes() }
}

fn extensions_of(packet: &RtpPacket) -> (u16, Vec<Extension>) {
    let Some((profile, body)) = packet.extension_block() else { return (0, Vec::new()) };
    if profile == EXTENSION_PROFILE_ONE_BYTE || profile == EXTENSION_PROFILE_TWO_BYTE {
        let extension = |(id, value)| Extension { id, payload: Bytes::copy_from_slice(value) };
        return (profile, packet.extensions().map(extension).collect());
    }
    (profile, vec![Extension { id: 0, payload: Bytes::copy_from_slice(body) }])
}

/// Is the packet still the one with this header and payload?
#[inline]
pub(crate) fn is_unchanged(packet: &RtpPacket, header: &[u8], payload: &Bytes) -> bool {
    let now = packet.payload_and_padding();
    now.as_ptr() == payload.as_ptr() && now.len() == payload.len() && packet.header() == header
}
