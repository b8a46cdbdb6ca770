//! Which incoming RTCP the application gets to see.

use rtc_interceptor::{Attribute, AttributedPacket, Packet, TaggedPacket};
use rtc_rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;

/// Which incoming RTCP goes on to the application, past the end that the stack sets to it. The chain sees all of it whatever is
/// chosen, and whether or not the application reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// Nothing: what the stack does by itself.
    #[default]
    None,
    /// PLI and FIR, apart from the compound that they came in: the stack gives a compound to the track that its first
    /// packet is about, which is a report's and not the request's. What an encoder or a forwarder wants.
    KeyframeRequests,
    /// All, as it came.
    All,
}

impl Delivery {
    /// The requests for key frames, each in a message of its own, as each may be about another track.
    pub(crate) fn requests(self, message: &TaggedPacket) -> Vec<TaggedPacket> {
        let (Self::KeyframeRequests, Packet::Rtcp(packets)) = (self, &message.message.packet) else {
            return Vec::new();
        };
        packets
            .iter()
            .flat_map(|packet| requests_in(&**packet))
            .map(|request| tagged(message, request))
            .collect()
    }

    pub(crate) fn mark(self, message: &mut TaggedPacket) {
        if self == Self::All {
            message.message.add(Attribute::DeliverToApplication);
        }
    }
}

fn requests_in(packet: &dyn rtc_rtcp::Packet) -> Vec<Box<dyn rtc_rtcp::Packet>> {
    let any = packet.as_any();
    if any.is::<PictureLossIndication>() {
        return vec![packet.cloned()];
    }
    let Some(fir) = any.downcast_ref::<FullIntraRequest>() else { return Vec::new() };
    let one = |entry: &FirEntry| FullIntraRequest { fir: vec![entry.clone()], ..fir.clone() };
    fir.fir.iter().map(|entry| Box::new(one(entry)) as _).collect()
}

fn tagged(of: &TaggedPacket, request: Box<dyn rtc_rtcp::Packet>) -> TaggedPacket {
    let packet = AttributedPacket::new(Packet::Rtcp(vec![request]));
    TaggedPacket {
        now: of.now,
        transport: of.transport,
        message: packet.with(Attribute::DeliverToApplication),
    }
}
