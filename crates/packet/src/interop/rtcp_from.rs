//! From `rtcp::packet::Packet`; the types that `rtcp` writes wrongly are written here.

use ::rtcp::compound_packet::CompoundPacket;
use ::rtcp::goodbye::Goodbye;
use ::rtcp::packet::Packet;
use ::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use ::rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use ::rtcp::payload_feedbacks::slice_loss_indication::SliceLossIndication;
use ::rtcp::source_description::SourceDescription;
use ::rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

use crate::rtcp::MAX_TEXT;
use crate::{BuildError, NackPair, RtcpBuilder, RtcpPacket};

type Boxed = Box<dyn Packet + Send + Sync>;

const PADDING_BIT: u8 = 0b0010_0000;

impl TryFrom<&[Boxed]> for RtcpPacket {
    type Error = BuildError;

    /// The packets one behind the other, in order; a [`CompoundPacket`] is taken apart.
    ///
    /// Written here and not by `rtcp`, because its bytes are wrong: slice loss indications (packet type), goodbyes and
    /// source descriptions (padding), NACKs (at most 253 pairs), REMBs of over 255 streams. Padding of a packet that is not
    /// the last is cleared (RFC 3550 §6.4.1).
    ///
    /// # Errors
    /// [`BuildError`] when a packet cannot be written, or when there is none.
    fn try_from(packets: &[Boxed]) -> Result<Self, BuildError> {
        let mut builder = Self::builder();
        for packet in packets {
            add(&mut builder, packet.as_ref());
        }
        builder.clear_inner_padding();
        builder.build()
    }
}

impl TryFrom<Vec<Boxed>> for RtcpPacket {
    type Error = BuildError;

    /// As from a slice.
    ///
    /// # Errors
    /// As from a slice.
    fn try_from(packets: Vec<Boxed>) -> Result<Self, BuildError> {
        Self::try_from(packets.as_slice())
    }
}

fn add(builder: &mut RtcpBuilder, packet: &(dyn Packet + Send + Sync)) {
    let any = packet.as_any();
    if let Some(compound) = any.downcast_ref::<CompoundPacket>() {
        for packet in &compound.0 {
            add(builder, packet.as_ref());
        }
    } else if let Some(nack) = any.downcast_ref::<TransportLayerNack>() {
        let pairs = nack
            .nacks
            .iter()
            .map(|pair| NackPair { packet_id: pair.packet_id, lost_packets: pair.lost_packets });
        builder.nack_from(nack.sender_ssrc, nack.media_ssrc, pairs);
    } else if let Some(sli) = any.downcast_ref::<SliceLossIndication>() {
        add_slice_loss(builder, sli);
    } else if let Some(bye) = any.downcast_ref::<Goodbye>() {
        add_goodbye(builder, bye);
    } else if let Some(sdes) = any.downcast_ref::<SourceDescription>() {
        add_source_description(builder, sdes);
    } else if let Some(remb) = any.downcast_ref::<ReceiverEstimatedMaximumBitrate>()
        && remb.bitrate >= 0.0
    {
        builder.remb(remb.sender_ssrc, remb.bitrate as u64, &remb.ssrcs);
    } else if let Some(fir) = any.downcast_ref::<FullIntraRequest>()
        && fir.media_ssrc == 0
    {
        let entries: Vec<_> = fir.fir.iter().map(|entry| (entry.ssrc, entry.sequence_number)).collect();
        builder.fir(fir.sender_ssrc, &entries);
    } else {
        match packet.marshal() {
            Ok(bytes) => builder.raw(&bytes),
            Err(error) => builder.fail(BuildError::Foreign(error.to_string())),
        };
    }
}

fn add_slice_loss(builder: &mut RtcpBuilder, sli: &SliceLossIndication) {
    let words = sli.sli_entries.iter().map(|entry| {
        u32::from(entry.first & 0x1fff) << 19
            | u32::from(entry.number & 0x1fff) << 6
            | u32::from(entry.picture & 0x3f)
    });
    builder.sli(sli.sender_ssrc, sli.media_ssrc, words);
}

fn add_goodbye(builder: &mut RtcpBuilder, bye: &Goodbye) {
    let mut body: Vec<u8> = bye.sources.iter().flat_map(|source| source.to_be_bytes()).collect();
    if !bye.reason.is_empty() {
        body.push(bye.reason.len() as u8);
        body.extend_from_slice(&bye.reason);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    if builder.allows("bytes of a reason", bye.reason.len(), 0..=MAX_TEXT) {
        builder.counted(203, "sources", bye.sources.len(), &body);
    }
}

fn add_source_description(builder: &mut RtcpBuilder, sdes: &SourceDescription) {
    let mut body = Vec::new();
    for chunk in &sdes.chunks {
        body.extend_from_slice(&chunk.source.to_be_bytes());
        for item in &chunk.items {
            if item.sdes_type as u8 == 0 {
                builder.fail(BuildError::Empty("kind of a source description item"));
            }
            if !builder.allows("bytes of a source description item", item.text.len(), 0..=MAX_TEXT) {
                return;
            }
            body.extend_from_slice(&[item.sdes_type as u8, item.text.len() as u8]);
            body.extend_from_slice(&item.text);
        }
        // One null octet or more, to whole words (RFC 3550 §6.5).
        body.resize((body.len() + 1).next_multiple_of(4), 0);
    }
    builder.counted(202, "chunks", sdes.chunks.len(), &body);
}

impl RtcpBuilder {
    /// Clears the padding bit, and the count with it, of every packet but the last.
    fn clear_inner_padding(&mut self) {
        let mut rest = self.written();
        while let [first, _, l0, l1, ..] = rest {
            let padded = *first & PADDING_BIT != 0;
            let len = 4 * (usize::from(u16::from_be_bytes([*l0, *l1])) + 1);
            let Some((packet, after)) = rest.split_at_mut_checked(len) else { return };
            if after.is_empty() {
                return;
            }
            if let (true, [first, .., count]) = (padded, packet) {
                *first &= !PADDING_BIT;
                *count = 0;
            }
            rest = after;
        }
    }
}
