//! Which media stream an RTX stream belongs to, and how the two are told apart on the wire.

use interceptor_core::StreamInfo;
use interceptor_core::packet::RtpPacket;
use smallvec::SmallVec;

/// RFC 8852 §4.1: names the stream on its own packets.
const STREAM_ID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
/// RFC 8852 §4.2: names the stream that is repaired, on packets that repair it.
const REPAIRED_STREAM_ID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";

/// One media stream and its RTX stream, as negotiated.
#[derive(Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Association {
    pub(crate) media_ssrc: u32,
    pub(crate) rtx_ssrc: u32,
    /// (media, RTX) payload types: one `apt` pair each. Empty: unknown.
    pairs: SmallVec<[(u8, u8); 4]>,
    /// Identifiers of the (stream id, repaired stream id) extensions, if both were negotiated.
    stream_ids: Option<(u8, u8)>,
}

impl Association {
    /// `None`: no RTX stream was negotiated.
    pub(crate) fn of(info: &StreamInfo) -> Option<Self> {
        let rtx = info.rtx.as_ref()?;
        Some(Self {
            media_ssrc: info.ssrc,
            rtx_ssrc: rtx.ssrc,
            pairs: rtx.payload_types.iter().map(|pair| (pair.media, pair.rtx)).collect(),
            stream_ids: info.extension_id(STREAM_ID).zip(info.extension_id(REPAIRED_STREAM_ID)),
        })
    }

    /// The payload type that retransmits `media`.
    pub(crate) fn rtx_payload_type(&self, media: u8) -> Option<u8> {
        self.pairs.iter().find(|pair| pair.0 == media).map(|pair| pair.1)
    }

    /// The payload type that `rtx` retransmits.
    pub(crate) fn media_payload_type(&self, rtx: u8) -> Option<u8> {
        self.pairs.iter().find(|pair| pair.1 == rtx).map(|pair| pair.0)
    }

    /// Has nobody said which payload type retransmits which?
    pub(crate) fn has_unknown_pairs(&self) -> bool {
        self.pairs.is_empty()
    }

    /// On an RTX packet the stream's name is that of the repaired stream (RFC 8852 §3.2).
    pub(crate) fn name_repaired(&self, packet: &mut RtpPacket) {
        if let Some((own, repaired)) = self.stream_ids {
            rename(packet, own, repaired);
        }
    }

    /// On the original it is the stream's own.
    pub(crate) fn name_own(&self, packet: &mut RtpPacket) {
        if let Some((own, repaired)) = self.stream_ids {
            rename(packet, repaired, own);
        }
    }
}

/// Moves an extension element to another identifier. Where that does not fit the packet stays as it was.
fn rename(packet: &mut RtpPacket, from: u8, to: u8) {
    let Some(value) = packet.extension(from).map(SmallVec::<[u8; 16]>::from_slice) else { return };
    packet.remove_extension(from);
    if packet.set_extension(to, &value).is_err() {
        // What was there before fits again.
        let _ = packet.set_extension(from, &value);
    }
}
