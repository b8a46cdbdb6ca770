//! Chains, streams and packets.

use rtc_interceptor::{
    AttributedPacket, Interceptor, NackGeneratorBuilder, NackResponderBuilder, Packet, RTCPFeedback,
    RTPHeaderExtension, ReceiverReportBuilder, Registry, SenderReportBuilder, Slot, StreamInfo, TaggedPacket,
    TwccReceiverBuilder, TwccSenderBuilder,
};
use rtc_rtp::Packet as RtpPacket;
use rtc_rtp::header::{Extension, Header};
use rtc_shared::TransportContext;
use std::time::Instant;

use crate::traffic::{
    CLOCK_RATE, EXTENSION_ID, PAYLOAD_TYPE, Place, RTX_PAYLOAD_TYPE, TRANSPORT_WIDE, payload, rtx_ssrc, ssrc,
};

/// NACK and reports, both directions, as `configure_nack` and `configure_rtcp_reports` of `rtc` 0.21 register them, and
/// transport-wide feedback.
pub(super) fn default_chain() -> impl Interceptor {
    repairing()
        .with(Slot::TwccSender, TwccSenderBuilder::new().build())
        .with(Slot::TwccReceiver, TwccReceiverBuilder::new().build())
        .build()
}

/// The same without feedback.
pub(super) fn repair_chain() -> impl Interceptor {
    repairing().build()
}

fn repairing() -> Registry {
    Registry::new()
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(Slot::NackGenerator, NackGeneratorBuilder::new().build())
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().build())
        .with(Slot::SenderReport, SenderReportBuilder::new().build())
}

/// What a sender needs of the default.
pub(super) fn sending_half() -> impl Interceptor {
    repairing_sender().with(Slot::TwccSender, TwccSenderBuilder::new().build()).build()
}

/// The same without transport-wide numbers.
pub(super) fn repairing_half() -> impl Interceptor {
    repairing_sender().build()
}

fn repairing_sender() -> Registry {
    Registry::new()
        .with(Slot::NackResponder, NackResponderBuilder::new().build())
        .with(Slot::SenderReport, SenderReportBuilder::new().build())
}

/// What a receiver needs of it.
pub(super) fn receiving_half() -> impl Interceptor {
    reporting_receiver().with(Slot::TwccReceiver, TwccReceiverBuilder::new().build()).build()
}

/// The same without transport-wide feedback.
pub(super) fn repairing_receiver() -> impl Interceptor {
    reporting_receiver().build()
}

fn reporting_receiver() -> Registry {
    Registry::new()
        .with(Slot::NackGenerator, NackGeneratorBuilder::new().build())
        .with(Slot::ReceiverReport, ReceiverReportBuilder::new().build())
}

/// A stream that negotiated NACK, and RTX if `rtx`.
pub(super) fn stream(number: u32, rtx: bool) -> StreamInfo {
    StreamInfo {
        ssrc: ssrc(number),
        ssrc_rtx: rtx.then(|| rtx_ssrc(number)),
        payload_type: PAYLOAD_TYPE,
        payload_type_rtx: rtx.then_some(RTX_PAYLOAD_TYPE),
        mime_type: "video/VP8".to_owned(),
        clock_rate: CLOCK_RATE,
        rtcp_feedback: vec![RTCPFeedback { typ: "nack".to_owned(), parameter: String::new() }],
        ..StreamInfo::default()
    }
}

/// A stream that negotiated transport-wide feedback as well.
pub(super) fn reported_stream(number: u32) -> StreamInfo {
    offered(number, true)
}

/// A stream that negotiated NACK and transport-wide feedback, and RTX if `rtx`.
pub(super) fn offered(number: u32, rtx: bool) -> StreamInfo {
    let mut info = stream(number, rtx);
    info.rtcp_feedback.push(RTCPFeedback { typ: "transport-cc".to_owned(), parameter: String::new() });
    info.rtp_header_extensions
        .push(RTPHeaderExtension { id: EXTENSION_ID.into(), uri: TRANSPORT_WIDE.to_owned() });
    info
}

/// The chain with so many streams in each direction.
pub(super) fn bound<I: Interceptor>(mut chain: I, streams: u32) -> I {
    for number in 0..streams {
        chain.bind_local_stream(&reported_stream(number));
        chain.bind_remote_stream(&reported_stream(number));
    }
    chain
}

/// A packet as it comes off the wire.
pub(super) fn received(place: &Place) -> RtpPacket {
    let mut packet = sent(place);
    packet.header.extension = true;
    packet.header.extension_profile = 0xbede;
    packet.header.extensions =
        vec![Extension { id: EXTENSION_ID, payload: place.extension().to_vec().into() }];
    packet
}

/// A packet as an application sends it.
pub(super) fn sent(place: &Place) -> RtpPacket {
    RtpPacket {
        header: Header {
            version: 2,
            payload_type: PAYLOAD_TYPE,
            sequence_number: place.sequence_number,
            timestamp: place.timestamp,
            ssrc: ssrc(place.stream),
            ..Header::default()
        },
        payload: payload(),
    }
}

/// What the chain takes.
#[inline]
pub(super) fn tagged(packet: Packet, now: Instant) -> TaggedPacket {
    TaggedPacket { now, transport: TransportContext::default(), message: AttributedPacket::new(packet) }
}
