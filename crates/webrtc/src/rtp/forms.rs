//! A host's packet as the chain's, and back where something changed.

use bytes::Bytes;
use interceptor_packet::{BuildError, RtpPacket};
use rtp::header::{EXTENSION_PROFILE_ONE_BYTE, EXTENSION_PROFILE_TWO_BYTE, Header};
use rtp::packet::Packet;

/// What nearly every header fits in; a longer one takes the long way.
const CAPACITY: usize = 64;

/// Length of the part of the header that every packet has.
const FIXED: usize = 12;

/// A packet of the host's, and what its header was before the chain saw it.
pub(crate) struct Form {
    pub(crate) packet: RtpPacket,
    header: HeaderBytes,
}

impl Form {
    /// The packet on the wire, sharing the payload. Padding is left out: `rtp` has dropped its bytes.
    ///
    /// # Errors
    /// What no packet on the wire can be.
    #[inline]
    pub(crate) fn of(packet: &Packet) -> Result<Self, BuildError> {
        let Some(header) = HeaderBytes::of(&packet.header) else {
            let converted = RtpPacket::try_from(packet)?;
            return Ok(Self { packet: converted, header: HeaderBytes::default() });
        };
        match RtpPacket::from_parts(header.as_slice(), packet.payload.clone()) {
            Ok(packet) => Ok(Self { packet, header }),
            Err(_) => {
                RtpPacket::try_from(packet).map(|packet| Self { packet, header: HeaderBytes::default() })
            }
        }
    }

    /// Did the chain leave the packet as it was?
    #[inline]
    pub(crate) fn is_still(&self, original: &Packet) -> bool {
        same(self.packet.payload_and_padding(), &original.payload)
            && (self.packet.header() == self.header.as_slice() || self.is_still_in_full(original))
    }

    #[cold]
    fn is_still_in_full(&self, original: &Packet) -> bool {
        self.header.len == 0 && RtpPacket::try_from(original).is_ok_and(|original| original == self.packet)
    }
}

/// The same bytes in the same memory.
fn same(a: &Bytes, b: &Bytes) -> bool {
    a.as_ptr() == b.as_ptr() && a.len() == b.len()
}

/// A header as it is on the wire.
struct HeaderBytes {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Default for HeaderBytes {
    fn default() -> Self {
        Self { bytes: [0; CAPACITY], len: 0 }
    }
}

impl HeaderBytes {
    /// `None`: it is long, or of a form that is rare.
    #[inline]
    fn of(header: &Header) -> Option<Self> {
        if !header.csrc.is_empty() || header.payload_type > 0x7f {
            return None;
        }
        let mut it = Self::default();
        let first = 0x80 | u8::from(header.extension) << 4;
        it.push(&[first, u8::from(header.marker) << 7 | header.payload_type])?;
        it.push(&header.sequence_number.to_be_bytes())?;
        it.push(&header.timestamp.to_be_bytes())?;
        it.push(&header.ssrc.to_be_bytes())?;
        if header.extension {
            it.push_extensions(header)?;
        }
        Some(it)
    }

    fn push_extensions(&mut self, header: &Header) -> Option<()> {
        let profile = header.extension_profile;
        if !matches!(profile, EXTENSION_PROFILE_ONE_BYTE | EXTENSION_PROFILE_TWO_BYTE) {
            return None;
        }
        self.push(&profile.to_be_bytes())?;
        self.push(&[0, 0])?;
        for extension in &header.extensions {
            let len = u8::try_from(extension.payload.len()).ok()?;
            match profile {
                EXTENSION_PROFILE_ONE_BYTE if (1..=14).contains(&extension.id) && (1..=16).contains(&len) => {
                    self.push(&[extension.id << 4 | (len - 1)])?;
                }
                EXTENSION_PROFILE_TWO_BYTE if extension.id != 0 => self.push(&[extension.id, len])?,
                _ => return None,
            }
            self.push(&extension.payload)?;
        }
        let end = self.len.next_multiple_of(4);
        let words = u8::try_from((end - FIXED - 4) / 4).ok()?;
        *self.bytes.get_mut(FIXED + 3)? = words;
        self.len = (end <= CAPACITY).then_some(end)?;
        Some(())
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.len + bytes.len();
        self.bytes.get_mut(self.len..end)?.copy_from_slice(bytes);
        self.len = end;
        Some(())
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use rtp::header::Extension;
    use webrtc_util::Marshal;

    use super::*;

    fn header() -> impl Strategy<Value = Header> {
        let fixed =
            (any::<bool>(), 0..128_u8, any::<u16>(), any::<u32>(), any::<u32>(), vec(any::<u32>(), 0..3));
        let extension = (0..16_u8, vec(any::<u8>(), 0..24))
            .prop_map(|(id, payload)| Extension { id, payload: payload.into() });
        let profile =
            prop_oneof![Just(EXTENSION_PROFILE_ONE_BYTE), Just(EXTENSION_PROFILE_TWO_BYTE), Just(7)];
        (fixed, any::<bool>(), profile, vec(extension, 0..5)).prop_map(
            |(fixed, extension, profile, extensions)| {
                let (marker, payload_type, sequence_number, timestamp, ssrc, csrc) = fixed;
                Header {
                    version: 2,
                    marker,
                    payload_type,
                    sequence_number,
                    timestamp,
                    ssrc,
                    csrc,
                    extension,
                    extension_profile: if extension { profile } else { 0 },
                    extensions: if extension { extensions } else { Vec::new() },
                    ..Header::default()
                }
            },
        )
    }

    fn packet() -> impl Strategy<Value = Packet> {
        (header(), vec(any::<u8>(), 0..40))
            .prop_map(|(header, payload)| Packet { header, payload: payload.into() })
    }

    proptest! {
        #[test]
        fn is_the_packet_that_the_long_way_makes(packet in packet()) {
            match (Form::of(&packet), RtpPacket::try_from(&packet)) {
                (Ok(form), Ok(converted)) => {
                    prop_assert_eq!(form.packet.to_bytes(), converted.to_bytes());
                    prop_assert!(form.is_still(&packet));
                }
                (Err(_), Err(_)) => {}
                (form, converted) => prop_assert!(false, "{:?} {:?}", form.is_ok(), converted),
            }
        }

        #[test]
        fn what_comes_back_changed_is_what_the_chain_made(packet in packet(), number: u16) {
            let Ok(mut form) = Form::of(&packet) else { return Ok(()) };
            form.packet.set_sequence_number(number);
            prop_assert_eq!(form.is_still(&packet), number == packet.header.sequence_number);
            let bytes = form.packet.to_bytes();
            let back = Packet::from(&form.packet);
            prop_assert_eq!(back.marshal().unwrap(), bytes);
        }
    }

    #[test]
    fn another_payload_of_the_same_bytes_is_a_change() {
        let packet =
            Packet { header: Header { version: 2, ..Header::default() }, payload: vec![1, 2, 3].into() };
        let mut form = Form::of(&packet).unwrap();
        assert!(form.is_still(&packet));
        form.packet.set_payload(vec![1, 2, 3]);
        assert!(!form.is_still(&packet));
    }
}
