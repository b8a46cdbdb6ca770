//! The interceptor that gives retransmissions of an unknown SSRC the one that their stream was bound with.

use interceptor_core::packet::{Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Amend, Context, Flow, Interceptor, Result, RtxInfo, StreamInfo, Streams};

use super::candidates::{Candidates, Key, Ownership};
use super::{AssociationCounters, RtxAssociationOptions};

/// Bytes of the original sequence number that an RTX payload starts with (RFC 4588 §4).
const OSN_LEN: usize = 2;

/// Finds out which media stream an RTX stream belongs to whose SSRC nothing announces (RFC 4588 §5.3). The crate's
/// documentation says how.
#[derive(Debug)]
pub struct RtxAssociation {
    /// What comes on an unknown SSRC belongs to no stream yet, so whose it may be is kept across streams.
    candidates: Candidates,
    counters: AssociationCounters,
}

/// What [`RtxAssociation`] keeps of a remote stream: where it stands among those that a retransmission may belong to.
#[derive(Debug)]
pub struct AssociatedStream {
    key: Key,
}

impl RtxAssociation {
    pub(super) fn new(options: &RtxAssociationOptions) -> Self {
        Self { candidates: Candidates::new(options), counters: AssociationCounters::default() }
    }

    /// What has been counted since the connection began. Until a packet is associated it belongs to no stream, so this is
    /// of the connection: `chain.with_streams::<RtxAssociation, _>(|association, _| *association.counters())`.
    #[must_use]
    pub const fn counters(&self) -> &AssociationCounters {
        &self.counters
    }

    /// The SSRC that the retransmissions of this remote stream really travel on, once it has been found.
    #[must_use]
    pub fn rtx_ssrc(&self, streams: &Streams<'_, Self>, media_ssrc: u32) -> Option<u32> {
        self.candidates.found(streams.peek_remote(media_ssrc)?.key)
    }

    /// What is announced needs no finding.
    fn announced(&mut self, info: &StreamInfo) {
        self.candidates.forget(info.ssrc);
        info.rtx.iter().for_each(|rtx| self.candidates.forget(rtx.ssrc));
    }
}

/// The RTX stream of a stream that retransmissions can be told of: without payload types nothing tells them from media.
fn recognisable(info: &StreamInfo) -> Option<&RtxInfo> {
    info.rtx.as_ref().filter(|rtx| !rtx.payload_types.is_empty())
}

impl Interceptor for RtxAssociation {
    type Local = ();
    type Remote = AssociatedStream;

    fn bind_remote(&mut self, info: &StreamInfo, _: &mut Context<'_>) -> Result<Option<AssociatedStream>> {
        self.announced(info);
        let Some(rtx) = recognisable(info) else { return Ok(None) };
        Ok(Some(AssociatedStream { key: self.candidates.add(info.ssrc, rtx) }))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut AssociatedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        self.announced(new);
        let Some(rtx) = recognisable(new) else { return Ok(Amend::Leave) };
        self.candidates.describe(stream.key, rtx);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: AssociatedStream, _: &mut Context<'_>) {
        self.candidates.remove(stream.key);
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let original = packet.payload().first_chunk::<OSN_LEN>().map(|number| u16::from_be_bytes(*number));
        let count = match self.candidates.owner(packet.ssrc(), packet.payload_type(), original) {
            Ownership::Of(key) => {
                let Some(bound) = self.candidates.associate(key, packet.ssrc()) else {
                    return Ok(Flow::Forward);
                };
                self.counters.associated += 1;
                packet.set_ssrc(bound);
                // It has a stream from here on, whose interceptors it shall meet.
                cx.deliver_rtp(packet.take());
                return Ok(Flow::Consumed);
            }
            Ownership::NotRtx => return Ok(Flow::Forward),
            Ownership::OtherPayloadType => &mut self.counters.other_payload_type,
            Ownership::TooShort => &mut self.counters.too_short,
            Ownership::Unasked => &mut self.counters.unasked,
            Ownership::Ambiguous => &mut self.counters.ambiguous,
        };
        *count += 1;
        Ok(Flow::Forward)
    }

    fn write_rtcp(
        &mut self,
        streams: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        for message in packet.packets() {
            let Rtcp::Nack(nack) = message else { continue };
            if let Some(stream) = streams.peek_remote(nack.media_ssrc()) {
                self.candidates.ask(stream.key, nack.media_ssrc(), nack.sequence_numbers());
            }
        }
        Ok(Flow::Forward)
    }

    /// RFC 4588 §5.3: after a BYE, or a collision of SSRCs, which ends with one, the association is made again.
    fn read_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        for message in packet.packets() {
            let Rtcp::Bye(bye) = message else { continue };
            bye.ssrcs().for_each(|ssrc| self.candidates.forget(ssrc));
        }
        Ok(Flow::Forward)
    }
}
