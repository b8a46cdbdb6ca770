//! Which packets a capture is about.

use std::fmt;
use std::sync::Arc;

use interceptor_core::StreamInfo;
use interceptor_packet::{Rtcp, RtcpPacket, RtpPacket};

use crate::{Direction, PacketView, PcapDumpOptions, Protocol};

/// A user's own filter.
#[derive(Clone)]
pub(crate) struct Predicate(Arc<dyn Fn(Direction, PacketView<'_>) -> bool + Send + Sync>);

impl Predicate {
    pub(crate) fn new(keep: impl Fn(Direction, PacketView<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(keep))
    }
}

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// All filters of a capture; a packet must pass each of them.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    direction: Option<Direction>,
    protocol: Option<Protocol>,
    ssrcs: Arc<[u32]>,
    /// One bit a payload type.
    payload_types: Option<u128>,
    predicate: Option<Predicate>,
}

impl Filter {
    pub(crate) fn new(options: &PcapDumpOptions) -> Self {
        let bits = options.payload_types.iter().fold(0_u128, |bits, pt| bits | 1 << (pt & 0x7f));
        Self {
            direction: options.direction,
            protocol: options.protocol,
            ssrcs: options.ssrcs.as_slice().into(),
            payload_types: (!options.payload_types.is_empty()).then_some(bits),
            predicate: options.predicate.clone(),
        }
    }

    /// Can RTP of this stream pass? If not, the interceptor takes no part in it.
    pub(crate) fn wants_stream(&self, direction: Direction, stream: &StreamInfo) -> bool {
        self.wants(direction, Protocol::Rtp)
            && (self.ssrcs.is_empty() || stream.ssrcs().any(|ssrc| self.lists(ssrc)))
    }

    #[inline]
    pub(crate) fn wants_rtp(&self, direction: Direction, packet: &RtpPacket) -> bool {
        self.wants(direction, Protocol::Rtp)
            && self.payload_types.is_none_or(|bits| bits >> packet.payload_type() & 1 == 1)
            && (self.ssrcs.is_empty() || self.lists(packet.ssrc()))
            && self.predicate.as_ref().is_none_or(|keep| (keep.0)(direction, PacketView::Rtp(packet)))
    }

    pub(crate) fn wants_rtcp(&self, direction: Direction, packet: &RtcpPacket) -> bool {
        self.wants(direction, Protocol::Rtcp)
            && (self.ssrcs.is_empty() || packet.packets().any(|rtcp| self.concerns(&rtcp)))
            && self.predicate.as_ref().is_none_or(|keep| (keep.0)(direction, PacketView::Rtcp(packet)))
    }

    #[inline]
    fn wants(&self, direction: Direction, protocol: Protocol) -> bool {
        self.direction.is_none_or(|wanted| wanted == direction)
            && self.protocol.is_none_or(|wanted| wanted == protocol)
    }

    fn lists(&self, ssrc: u32) -> bool {
        self.ssrcs.contains(&ssrc)
    }

    /// Is this sub-packet from or about a listed SSRC?
    fn concerns(&self, rtcp: &Rtcp<'_>) -> bool {
        let about = match rtcp {
            Rtcp::SenderReport(report) => report.report_blocks().any(|block| self.lists(block.ssrc())),
            Rtcp::ReceiverReport(report) => report.report_blocks().any(|block| self.lists(block.ssrc())),
            Rtcp::Sdes(sdes) => sdes.chunks().any(|chunk| self.lists(chunk.ssrc())),
            Rtcp::Bye(bye) => bye.ssrcs().any(|ssrc| self.lists(ssrc)),
            Rtcp::Nack(nack) => self.lists(nack.media_ssrc()),
            Rtcp::Twcc(twcc) => self.lists(twcc.media_ssrc()),
            Rtcp::Pli(feedback) => self.lists(feedback.media_ssrc()),
            Rtcp::Sli(sli) => self.lists(sli.media_ssrc()),
            Rtcp::Rpsi(rpsi) => self.lists(rpsi.media_ssrc()),
            Rtcp::Fir(fir) => {
                self.lists(fir.media_ssrc()) || fir.entries().any(|entry| self.lists(entry.ssrc))
            }
            Rtcp::Remb(remb) => remb.ssrcs().any(|ssrc| self.lists(ssrc)),
            Rtcp::Tmmbr(tmmb) | Rtcp::Tmmbn(tmmb) => tmmb.entries().any(|entry| self.lists(entry.ssrc)),
            Rtcp::Ccfb(ccfb) => ccfb.blocks().any(|block| self.lists(block.ssrc())),
            _ => false,
        };
        about || rtcp.sender_ssrc().is_some_and(|ssrc| self.lists(ssrc))
    }
}
