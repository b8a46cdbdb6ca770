//! Building RTP packets.

use bytes::Bytes;

use super::{CSRC_COUNT_MASK, FIXED_HEADER_LEN, RtpPacket};
use crate::{BuildError, HeaderExtension, PacketInfo};

const MAX_CSRCS: usize = 15;

/// Builds an [`RtpPacket`]; everything that is not set is zero or absent.
///
/// ```
/// # use interceptor_packet::RtpPacket;
/// let packet = RtpPacket::builder()
///     .ssrc(0x1122_3344)
///     .sequence_number(7)
///     .payload_type(96)
///     .extension(3, &[0x12, 0x34])
///     .payload(&b"media"[..])
///     .build()?;
/// assert_eq!(packet.extension(3), Some(&[0x12, 0x34][..]));
/// # Ok::<(), interceptor_packet::BuildError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct RtpPacketBuilder {
    packet: RtpPacket,
    csrc_count: usize,
    padding: u8,
    error: Option<BuildError>,
}

impl RtpPacket {
    /// Starts a packet from [`RtpPacket::default`].
    #[inline]
    pub fn builder() -> RtpPacketBuilder {
        RtpPacketBuilder::default()
    }
}

impl RtpPacketBuilder {
    /// Sets the synchronisation source.
    #[inline]
    pub fn ssrc(mut self, ssrc: u32) -> Self {
        self.packet.set_ssrc(ssrc);
        self
    }

    /// Sets the sequence number.
    #[inline]
    pub fn sequence_number(mut self, sequence_number: u16) -> Self {
        self.packet.set_sequence_number(sequence_number);
        self
    }

    /// Sets the timestamp.
    #[inline]
    pub fn timestamp(mut self, timestamp: u32) -> Self {
        self.packet.set_timestamp(timestamp);
        self
    }

    /// Sets the payload type, 0..=127; more is an error of [`build`](Self::build).
    #[inline]
    pub fn payload_type(mut self, payload_type: u8) -> Self {
        if payload_type > 127 {
            self.fail(BuildError::OutOfRange {
                what: "payload type",
                value: u64::from(payload_type),
                min: 0,
                max: 127,
            });
        }
        self.packet.set_payload_type(payload_type);
        self
    }

    /// Sets the marker bit.
    #[inline]
    pub fn marker(mut self, marker: bool) -> Self {
        self.packet.set_marker(marker);
        self
    }

    /// Adds a contributing source; more than 15 are an error of [`build`](Self::build).
    pub fn csrc(mut self, csrc: u32) -> Self {
        self.csrc_count += 1;
        if self.csrc_count <= MAX_CSRCS {
            let first = self.packet.fixed()[0];
            let at = FIXED_HEADER_LEN + 4 * (self.csrc_count - 1);
            self.packet.header.insert_from_slice(at, &csrc.to_be_bytes());
            self.packet.put(0, [(first & !CSRC_COUNT_MASK) | self.csrc_count as u8]);
        }
        self
    }

    /// Sets a header extension element as [`RtpPacket::set_extension`] does; its error is one of
    /// [`build`](Self::build).
    pub fn extension(mut self, id: u8, value: &[u8]) -> Self {
        if let Err(error) = self.packet.set_extension(id, value) {
            self.fail(error.into());
        }
        self
    }

    /// Sets a header extension element as [`RtpPacket::write`] does; its error is one of [`build`](Self::build).
    pub fn typed_extension<E: HeaderExtension>(self, id: u8, value: &E) -> Self {
        self.extension(id, value.to_bytes().as_ref())
    }

    /// Sets the payload.
    #[inline]
    pub fn payload(mut self, payload: impl Into<Bytes>) -> Self {
        self.packet.set_payload(payload);
        self
    }

    /// Adds `padding` bytes behind the payload, the count byte included; 0 is none.
    #[inline]
    pub fn padding(mut self, padding: u8) -> Self {
        self.padding = padding;
        self
    }

    /// Sets what is known about the packet besides its bytes.
    pub fn info(mut self, info: PacketInfo) -> Self {
        *self.packet.info_mut() = info;
        self
    }

    /// The packet.
    ///
    /// # Errors
    /// The first [`BuildError`] of what was set: payload type over 127, more than 15 CSRCs, or a header extension
    /// that cannot be.
    pub fn build(self) -> Result<RtpPacket, BuildError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.csrc_count > MAX_CSRCS {
            return Err(BuildError::TooMany {
                what: "contributing sources",
                count: self.csrc_count,
                max: MAX_CSRCS,
            });
        }
        let mut packet = self.packet;
        if self.padding > 0 {
            packet.set_padding(self.padding);
        }
        Ok(packet)
    }

    fn fail(&mut self, error: BuildError) {
        self.error.get_or_insert(error);
    }
}
