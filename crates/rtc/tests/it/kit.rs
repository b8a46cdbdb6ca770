//! An adapter alone, without a connection around it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::packet::{NtpTime, RtcpPacket, RtpPacket};
use interceptor_core::{Chain, ChainConfig, Context, Flow, Interceptor, Registry, Result, Stage, StreamInfo};
use interceptor_rtc::{ChainHandle, ChainInterceptor};
use interceptor_test::Clock;
use rtc_interceptor::{AttributedPacket, Packet, RTCPFeedback, RTPHeaderExtension, TaggedPacket};
use rtc_rtp::Header;
use rtc_shared::TransportContext;
use sansio::Protocol as _;

pub(crate) const SSRC: u32 = 0x1122_3344;
pub(crate) const RTX: u32 = 0x5566_7788;
pub(crate) const FEC: u32 = 0x99aa_bbcc;

pub(crate) fn start() -> Instant {
    Clock::new().now()
}

pub(crate) fn at(millis: u64) -> Instant {
    start() + Duration::from_millis(millis)
}

pub(crate) fn config(id: &str) -> ChainConfig {
    ChainConfig::new(id, start(), NtpTime::from_unix(Duration::from_secs(1_700_000_000)), 7)
}

pub(crate) fn adapter(registry: &Registry) -> (ChainInterceptor, ChainHandle) {
    of(registry.build(config("call")).expect("a chain"))
}

/// With one interceptor at the application's end.
pub(crate) fn with<I: Interceptor>(interceptor: I) -> (ChainInterceptor, ChainHandle) {
    let mut chain = Chain::new(config("call"));
    chain.insert("test", Stage::APPLICATION, interceptor, start()).expect("it takes no part in a stream yet");
    of(chain)
}

fn of(chain: Chain) -> (ChainInterceptor, ChainHandle) {
    let adapter = ChainInterceptor::new(chain);
    let handle = adapter.handle();
    (adapter, handle)
}

/// VP8 with NACK and RTX, as the stack tells of it.
pub(crate) fn video() -> rtc_interceptor::StreamInfo {
    rtc_interceptor::StreamInfo {
        ssrc: SSRC,
        ssrc_rtx: Some(RTX),
        payload_type: 96,
        payload_type_rtx: Some(97),
        mime_type: "video/VP8".to_owned(),
        clock_rate: 90_000,
        rtcp_feedback: vec![RTCPFeedback { typ: "nack".to_owned(), parameter: String::new() }],
        rtp_header_extensions: vec![RTPHeaderExtension {
            uri: "urn:ietf:params:rtp-hdrext:sdes:mid".to_owned(),
            id: 4,
        }],
        ..rtc_interceptor::StreamInfo::default()
    }
}

/// Its RTX SSRC alone, as the stack binds it right after.
pub(crate) fn repair_of(video: &rtc_interceptor::StreamInfo) -> rtc_interceptor::StreamInfo {
    rtc_interceptor::StreamInfo {
        ssrc: video.ssrc_rtx.expect("it has one"),
        ssrc_rtx: None,
        payload_type: video.payload_type_rtx.expect("it has one"),
        payload_type_rtx: None,
        ..video.clone()
    }
}

pub(crate) fn media(number: u16) -> rtc_rtp::Packet {
    media_of(SSRC, 96, number)
}

pub(crate) fn media_of(ssrc: u32, payload_type: u8, number: u16) -> rtc_rtp::Packet {
    let header = Header {
        version: 2,
        payload_type,
        sequence_number: number,
        timestamp: u32::from(number) * 3000,
        ssrc,
        ..Header::default()
    };
    rtc_rtp::Packet { header, payload: Bytes::from(vec![number as u8; 100]).slice(..) }
}

pub(crate) fn tagged(packet: Packet, now: Instant) -> TaggedPacket {
    TaggedPacket { now, transport: TransportContext::default(), message: AttributedPacket::new(packet) }
}

pub(crate) fn rtp(packet: rtc_rtp::Packet, now: Instant) -> TaggedPacket {
    tagged(Packet::Rtp(packet), now)
}

pub(crate) fn rtcp(packets: Vec<Box<dyn rtc_rtcp::Packet>>, now: Instant) -> TaggedPacket {
    tagged(Packet::Rtcp(packets), now)
}

pub(crate) fn is_rtp(message: &TaggedPacket) -> bool {
    matches!(message.message.packet, Packet::Rtp(_))
}

pub(crate) fn as_rtp(message: &TaggedPacket) -> &rtc_rtp::Packet {
    let Packet::Rtp(packet) = &message.message.packet else { panic!("RTP: {:?}", message.message) };
    packet
}

pub(crate) fn as_rtcp(message: &TaggedPacket) -> &[Box<dyn rtc_rtcp::Packet>] {
    let Packet::Rtcp(packets) = &message.message.packet else { panic!("RTCP: {:?}", message.message) };
    packets
}

pub(crate) fn reads(adapter: &mut ChainInterceptor) -> Vec<TaggedPacket> {
    std::iter::from_fn(|| adapter.poll_read()).collect()
}

pub(crate) fn writes(adapter: &mut ChainInterceptor) -> Vec<TaggedPacket> {
    std::iter::from_fn(|| adapter.poll_write()).collect()
}

/// Everything that waits for the wire has gone.
pub(crate) fn quiet(adapter: &mut ChainInterceptor) {
    writes(adapter);
}

/// What [`Scripted`] does with each packet, RTP and RTCP, both ways.
#[derive(Clone, Copy)]
pub(crate) enum Deed {
    Pass,
    /// Sets the marker of RTP.
    Mark,
    Keep,
    Fail,
    Panic,
}

/// Does the same with everything.
pub(crate) struct Scripted(pub(crate) Deed);

impl Scripted {
    fn deal(&self, rtp: Option<&mut RtpPacket>) -> Result<Flow> {
        match self.0 {
            Deed::Pass => {}
            Deed::Mark => rtp.into_iter().for_each(|packet| packet.set_marker(true)),
            Deed::Keep => return Ok(Flow::Consumed),
            Deed::Fail => return Err(std::fmt::Error.into()),
            Deed::Panic => panic!("it panics"),
        }
        Ok(Flow::Forward)
    }
}

impl Interceptor for Scripted {
    type Local = ();
    type Remote = ();

    fn bind_local(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn bind_remote(&mut self, _: &StreamInfo, _: &mut Context<'_>) -> Result<Option<()>> {
        Ok(Some(()))
    }

    fn write_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.deal(Some(packet))
    }

    fn read_rtp(&mut self, (): &mut (), packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        self.deal(Some(packet))
    }

    fn write_rtcp(
        &mut self,
        _: interceptor_core::Streams<'_, Self>,
        _: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        self.deal(None)
    }

    fn read_rtcp(
        &mut self,
        _: interceptor_core::Streams<'_, Self>,
        _: &mut RtcpPacket,
        _: &mut Context<'_>,
    ) -> Result<Flow> {
        self.deal(None)
    }
}
