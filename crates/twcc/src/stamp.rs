//! Numbers packets as they leave: one counter for all streams of a connection.

use interceptor_core::StreamInfo;
use interceptor_core::packet::ext::TransportSequenceNumber;
use interceptor_core::packet::{ExtensionError, HeaderExtension, RtpPacket};

/// Bytes of a number.
pub(crate) const STAMP_LEN: u8 = TransportSequenceNumber::MAX_LEN as u8;

/// A local stream whose packets are numbered.
#[derive(Debug)]
pub struct StampedStream {
    id: u8,
}

impl StampedStream {
    /// `None`: the extension is not negotiated. A stream that names only its second version would have to ask for feedback,
    /// too, so it is not numbered.
    pub(crate) fn of(info: &StreamInfo) -> Option<Self> {
        info.extension_id(TransportSequenceNumber::URI).map(|id| Self { id })
    }

    /// The extension's identifier on the wire.
    #[must_use]
    pub const fn extension_id(&self) -> u8 {
        self.id
    }

    /// Writes the number; the packet is as it was on an error.
    #[inline]
    pub(crate) fn stamp(&self, number: u16, packet: &mut RtpPacket) -> Result<(), ExtensionError> {
        packet.write(self.id, &TransportSequenceNumber(number))
    }
}
