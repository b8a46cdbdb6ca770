//! An interceptor of the source leg: finds out which stream retransmissions of an unknown SSRC belong to.

use std::collections::VecDeque;

use interceptor_core::packet::{Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo, Streams,
};

/// Requests remembered for each stream: those of the last round trips at heavy loss. 2 bytes each.
const MAX_REQUESTS: usize = 1024;

/// Bytes of the original sequence number that an RTX payload starts with (RFC 4588 §4).
const OSN_LEN: usize = 2;

/// An RTX stream has an SSRC of its own that nothing announces (RFC 4588 §5.3). A stream is bound with a stand-in for it;
/// packets of the true SSRC, once it has shown whose they are, get the stand-in and go on as retransmissions:
///
/// 1. they have an RTX payload type of the stream, and
/// 2. it is the only stream with that, or the only one that has asked for the packet that they repeat.
///
/// Stands nearer the wire than whatever knows streams, and farther than the capture, which shows what came.
#[derive(Clone, Debug, Default)]
pub(super) struct RtxAssociation {
    streams: Vec<Candidate>,
}

#[derive(Clone, Debug)]
struct Candidate {
    media: u32,
    stand_in: u32,
    payload_types: Vec<u8>,
    /// The SSRC on the wire, once it is known.
    found: Option<u32>,
    requests: VecDeque<u16>,
}

impl Candidate {
    fn carries(&self, payload_type: u8) -> bool {
        self.payload_types.contains(&payload_type)
    }
}

impl RtxAssociation {
    /// The stream that a packet repeats.
    fn owner(&mut self, packet: &RtpPacket) -> Option<&mut Candidate> {
        let (ssrc, payload_type) = (packet.ssrc(), packet.payload_type());
        if let Some(at) = self.streams.iter().position(|stream| stream.found == Some(ssrc)) {
            return self.streams.get_mut(at).filter(|stream| stream.carries(payload_type));
        }
        let original = u16::from_be_bytes(*packet.payload().first_chunk::<OSN_LEN>()?);
        let mut possible = self.streams.iter_mut().filter(|stream| stream.carries(payload_type)).peekable();
        let first = possible.next()?;
        if possible.peek().is_none() && first.found.is_none() {
            return Some(first);
        }
        let mut asked =
            std::iter::once(first).chain(possible).filter(|stream| stream.requests.contains(&original));
        asked.next().filter(|_| asked.next().is_none())
    }
}

impl Factory for RtxAssociation {
    type Interceptor = Self;

    fn name(&self) -> &'static str {
        "rtx-association"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE.below()
    }

    fn build(&self, _: &BuildContext<'_>) -> std::result::Result<Self, BuildError> {
        Ok(self.clone())
    }
}

impl Interceptor for RtxAssociation {
    type Local = ();
    type Remote = ();

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        if let Some(rtx) = &stream.rtx {
            self.streams.push(Candidate {
                media: stream.ssrc,
                stand_in: rtx.ssrc,
                payload_types: rtx.payload_types.iter().map(|pair| pair.rtx).collect(),
                found: None,
                requests: VecDeque::new(),
            });
        }
        // Its packets need nothing; what ends it must be heard of.
        Ok(Some(()))
    }

    fn unbind_remote(&mut self, stream: &StreamInfo, (): (), _: &mut Context<'_>) {
        self.streams.retain(|candidate| candidate.media != stream.ssrc);
    }

    fn read_unbound_rtp(&mut self, packet: &mut RtpPacket, cx: &mut Context<'_>) -> Result<Flow> {
        let Some(stream) = self.owner(packet) else { return Ok(Flow::Forward) };
        if stream.found.replace(packet.ssrc()).is_none() {
            tracing::debug!(rtx = packet.ssrc(), media = stream.media, "retransmission stream found");
        }
        packet.set_ssrc(stream.stand_in);
        cx.deliver_rtp(packet.take());
        Ok(Flow::Consumed)
    }

    fn write_rtcp(
        &mut self,
        _: Streams<'_, Self>,
        packet: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        for message in packet.packets() {
            let Rtcp::Nack(nack) = message else { continue };
            let Some(stream) = self.streams.iter_mut().find(|stream| stream.media == nack.media_ssrc())
            else {
                continue;
            };
            stream.requests.extend(nack.sequence_numbers());
            let over = stream.requests.len().saturating_sub(MAX_REQUESTS);
            stream.requests.drain(..over);
        }
        Ok(Flow::Forward)
    }
}

#[cfg(test)]
mod contract {
    use super::*;

    interceptor_test::check_interceptor!(RtxAssociation::default());
}
