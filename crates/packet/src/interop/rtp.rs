//! `rtp::packet::Packet`, and the header extension codecs of `rtp::extension`.

use ::rtp::header::{EXTENSION_PROFILE_ONE_BYTE, EXTENSION_PROFILE_TWO_BYTE, Extension, Header};
use ::rtp::packet::Packet;
use bytes::Bytes;
use smallvec::SmallVec;
use webrtc_util::marshal::{Marshal, Unmarshal};

use crate::{BuildError, ExtensionError, RtpPacket};

impl From<&RtpPacket> for Packet {
    /// The fields as `rtp` itself would parse them, but for its mistakes: padding goes together with its bit, and what
    /// follows a reserved identifier 15 goes too. A block of an unknown profile becomes one extension with identifier 0.
    fn from(packet: &RtpPacket) -> Self {
        let (profile, extensions) = extensions_of(packet);
        let occupied: usize =
            extensions.iter().map(|extension| element_overhead(profile) + extension.payload.len()).sum();
        let header = Header {
            version: 2,
            padding: false,
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
        Self { header, payload: packet.payload_bytes() }
    }
}

impl From<RtpPacket> for Packet {
    fn from(packet: RtpPacket) -> Self {
        Self::from(&packet)
    }
}

fn extensions_of(packet: &RtpPacket) -> (u16, Vec<Extension>) {
    let Some((profile, body)) = packet.extension_block() else { return (0, Vec::new()) };
    if profile == EXTENSION_PROFILE_ONE_BYTE || profile == EXTENSION_PROFILE_TWO_BYTE {
        let extension = |(id, value)| Extension { id, payload: Bytes::copy_from_slice(value) };
        return (profile, packet.extensions().map(extension).collect());
    }
    (profile, vec![Extension { id: 0, payload: Bytes::copy_from_slice(body) }])
}

const fn element_overhead(profile: u16) -> usize {
    match profile {
        EXTENSION_PROFILE_ONE_BYTE => 1,
        EXTENSION_PROFILE_TWO_BYTE => 2,
        _ => 0,
    }
}

impl TryFrom<&Packet> for RtpPacket {
    type Error = BuildError;

    /// The packet on the wire. The version is 2 whatever the field says, and there is no padding: `rtp` has dropped
    /// the bytes when it parsed. Elements that the one-byte form cannot hold make the block a two-byte one.
    ///
    /// # Errors
    /// [`BuildError`]: payload type over 127; more than 15 CSRCs; an element with identifier 0 or over 255 bytes;
    /// a block of another profile than RFC 8285's that is not one extension of whole words.
    fn try_from(packet: &Packet) -> Result<Self, BuildError> {
        let header = &packet.header;
        let mut builder = Self::builder()
            .ssrc(header.ssrc)
            .sequence_number(header.sequence_number)
            .timestamp(header.timestamp)
            .payload_type(header.payload_type)
            .marker(header.marker);
        for csrc in &header.csrc {
            builder = builder.csrc(*csrc);
        }
        let mut converted = builder.payload(packet.payload.clone()).build()?;
        if header.extension {
            add_extensions(&mut converted, header)?;
        }
        Ok(converted)
    }
}

impl TryFrom<Packet> for RtpPacket {
    type Error = BuildError;

    /// As from a reference.
    ///
    /// # Errors
    /// As from a reference.
    fn try_from(packet: Packet) -> Result<Self, BuildError> {
        Self::try_from(&packet)
    }
}

fn add_extensions(packet: &mut RtpPacket, header: &Header) -> Result<(), BuildError> {
    match header.extension_profile {
        profile @ (EXTENSION_PROFILE_ONE_BYTE | EXTENSION_PROFILE_TWO_BYTE) => {
            let (profile, body) = block_of(profile, &header.extensions)?;
            Ok(packet.set_extension_block(profile, &body)?)
        }
        profile => match header.extensions.as_slice() {
            [only] if only.payload.len().is_multiple_of(4) => {
                Ok(packet.set_extension_block(profile, &only.payload)?)
            }
            _ => Err(ExtensionError::ForeignProfile(profile).into()),
        },
    }
}

/// The elements in order, several of one identifier too, and the form that can hold them all.
fn block_of(profile: u16, extensions: &[Extension]) -> Result<(u16, Vec<u8>), ExtensionError> {
    let fits_one_byte =
        |extension: &Extension| extension.id <= 14 && (1..=16).contains(&extension.payload.len());
    let one_byte = profile == EXTENSION_PROFILE_ONE_BYTE && extensions.iter().all(fits_one_byte);
    let mut body = Vec::new();
    for Extension { id, payload } in extensions {
        if *id == 0 {
            return Err(ExtensionError::ReservedId);
        }
        let Ok(len) = u8::try_from(payload.len()) else { return Err(ExtensionError::TooLong(payload.len())) };
        if one_byte {
            body.push(id << 4 | (len - 1));
        } else {
            body.extend_from_slice(&[*id, len]);
        }
        body.extend_from_slice(payload);
    }
    Ok((if one_byte { profile } else { EXTENSION_PROFILE_TWO_BYTE }, body))
}

impl RtpPacket {
    /// Decodes element `id` with a codec of `rtp::extension`, e.g.
    /// [`TransportCcExtension`](::rtp::extension::transport_cc_extension::TransportCcExtension); `None` when there is
    /// no such element.
    ///
    /// # Errors
    /// The codec's, when the value is too short or means nothing.
    pub fn decode_extension<E: Unmarshal>(&self, id: u8) -> Option<webrtc_util::Result<E>> {
        self.extension(id).map(|mut value| E::unmarshal(&mut value))
    }

    /// Encodes `value` with its codec of `rtp::extension` and sets it as [`set_extension`](Self::set_extension) does.
    ///
    /// # Errors
    /// The codec's, or [`ExtensionError`] in an [`Error::Std`](webrtc_util::Error::Std).
    pub fn encode_extension<E: Marshal>(&mut self, id: u8, value: &E) -> webrtc_util::Result<()> {
        let mut bytes: SmallVec<[u8; 16]> = smallvec::smallvec![0; value.marshal_size()];
        let written = value.marshal_to(&mut bytes)?;
        bytes.truncate(written);
        self.set_extension(id, &bytes).map_err(webrtc_util::Error::from_std)
    }
}
