//! One end: a connection of the stack, its candidate, what it has received.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtc::{ChainHandle, Codecs, Configured, Setup, configure};
use interceptor_rtx::RtxFactory;
use interceptor_stats::{StatsFactory, StatsHandle};
use interceptor_test::Link;
use rtc::media_stream::MediaStreamTrack;
use rtc::peer_connection::configuration::interceptor_registry::register_default_interceptors;
use rtc::peer_connection::configuration::media_engine::{MIME_TYPE_VP8, MediaEngine};
use rtc::peer_connection::event::RTCPeerConnectionEvent;
use rtc::peer_connection::message::{RTCMessage, TaggedRTCMessage};
use rtc::peer_connection::state::RTCPeerConnectionState;
use rtc::peer_connection::transport::{CandidateConfig, CandidateHostConfig, RTCIceCandidate};
use rtc::peer_connection::{RTCPeerConnection, RTCPeerConnectionBuilder};
use rtc::rtp_transceiver::RTCRtpSenderId;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
    RTCRtpRtxParameters, RtpCodecKind,
};
use rtc_shared::{TaggedBytesMut, TransportContext, TransportProtocol};
use sansio::Protocol as _;

pub(crate) const MEDIA_SSRC: u32 = 0x1122_3344;
pub(crate) const RTX_SSRC: u32 = 0x5566_7788;
/// As the stack registers it.
pub(crate) const VP8: u8 = 96;

pub(crate) struct Peer {
    pub(crate) pc: RTCPeerConnection,
    pub(crate) address: SocketAddr,
    pub(crate) connected: bool,
    /// RTP that the application was given.
    pub(crate) received: Vec<rtc_rtp::Packet>,
    /// RTCP that the application was given.
    pub(crate) heard: Vec<Vec<Box<dyn rtc_rtcp::Packet>>>,
    /// RTP datagrams sent.
    pub(crate) sent: u64,
}

impl Peer {
    pub(crate) fn new(mut pc: RTCPeerConnection, port: u16) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let base_config = CandidateConfig {
            network: "udp".to_owned(),
            address: address.ip().to_string(),
            port,
            component: 1,
            ..CandidateConfig::default()
        };
        let candidate = CandidateHostConfig { base_config, ..CandidateHostConfig::default() };
        let candidate = RTCIceCandidate::from(&candidate.new_candidate_host().expect("a candidate"));
        pc.add_local_candidate(candidate.to_json().expect("it can be written")).expect("it can be added");
        Self { pc, address, connected: false, received: Vec::new(), heard: Vec::new(), sent: 0 }
    }

    pub(crate) fn send(&mut self, sender: RTCRtpSenderId, packet: rtc_rtp::Packet, now: Instant) {
        self.pc.rtp_sender(sender).expect("there").write_rtp(now, packet).expect("it can be sent");
    }

    /// Distinct sequence numbers that the application was given.
    pub(crate) fn unique(&self) -> usize {
        self.received.iter().map(|packet| packet.header.sequence_number).collect::<HashSet<_>>().len()
    }

    pub(crate) fn wakes(&mut self) -> Option<Instant> {
        self.pc.poll_timeout()
    }

    pub(crate) fn wake(&mut self, now: Instant) {
        if self.wakes().is_some_and(|at| at <= now) {
            self.pc.handle_timeout(now).expect("timers work");
        }
    }

    pub(crate) fn flush(&mut self, link: &mut Link<Vec<u8>>, now: Instant) -> usize {
        let mut sent = 0;
        while let Some(TaggedBytesMut { message, .. }) = self.pc.poll_write() {
            self.sent += u64::from(interceptor_test::UdpLinkOptions::is_rtp(&message));
            link.push(now, message.to_vec());
            sent += 1;
        }
        sent
    }

    pub(crate) fn receive(&mut self, datagram: Vec<u8>, from: SocketAddr, now: Instant) {
        let transport = TransportContext {
            local_addr: self.address,
            peer_addr: from,
            transport_protocol: TransportProtocol::UDP,
            ecn: None,
        };
        let message = BytesMut::from(&datagram[..]);
        self.pc.handle_read(TaggedBytesMut { now, transport, message }).expect("a read cannot fail");
        while let Some(event) = self.pc.poll_event() {
            if let RTCPeerConnectionEvent::OnConnectionStateChangeEvent(state) = event {
                self.connected = state == RTCPeerConnectionState::Connected;
            }
        }
        while let Some(TaggedRTCMessage { message, .. }) = self.pc.poll_read() {
            match message {
                RTCMessage::RtpPacket(_, packet) => self.received.push(packet),
                RTCMessage::RtcpPacket(_, packets) => self.heard.push(packets),
                _ => {}
            }
        }
    }
}

/// A VP8 encoding.
pub(crate) fn coding(rtx: Option<u32>) -> RTCRtpEncodingParameters {
    RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(MEDIA_SSRC),
            rtx: rtx.map(|ssrc| RTCRtpRtxParameters { ssrc }),
            ..RTCRtpCodingParameters::default()
        },
        codec: RTCRtpCodec {
            mime_type: MIME_TYPE_VP8.to_owned(),
            clock_rate: 90_000,
            ..RTCRtpCodec::default()
        },
        ..RTCRtpEncodingParameters::default()
    }
}

pub(crate) fn track(coding: RTCRtpEncodingParameters) -> MediaStreamTrack {
    let name = |what: &str| format!("{what}-1");
    MediaStreamTrack::new(name("stream"), name("track"), name("label"), RtpCodecKind::Video, vec![coding])
}

/// NACK, RTX, reports, statistics.
pub(crate) fn ours() -> (Registry, StatsHandle) {
    let (registry, stats) = ours_without_rtx();
    (registry.with(RtxFactory::default()), stats)
}

/// NACK, reports, statistics.
pub(crate) fn ours_without_rtx() -> (Registry, StatsHandle) {
    let stats = StatsFactory::default();
    let handle = stats.handle();
    (Registry::new().with(NackFactory::default()).with(ReportFactory::default()).with(stats), handle)
}

/// VP8 alone; it is retransmitted over RTX if the chain can.
pub(crate) fn vp8_only() -> Codecs {
    let codec = coding(None).codec;
    Codecs::These(vec![(RtpCodecKind::Video, RTCRtpCodecParameters { rtp_codec: codec, payload_type: VP8 })])
}

/// A connection with a chain of ours.
pub(crate) fn our_peer(
    ours: &Registry,
    id: &str,
    port: u16,
    setup: Setup,
    now: Instant,
) -> (Peer, ChainHandle) {
    let wall = NtpTime::from_unix(Duration::from_secs(1_700_000_000));
    let config = ChainConfig::new(id, now, wall, u64::from(port));
    let Configured { media, settings, interceptors, handle, .. } =
        configure(ours, config, setup).expect("it can be configured");
    let pc = RTCPeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_setting_engine(settings)
        .with_interceptor_registry(interceptors)
        .build(now)
        .expect("a connection");
    (Peer::new(pc, port), handle)
}

/// A connection as the stack sets it up by default.
pub(crate) fn their_peer(port: u16, now: Instant) -> Peer {
    let mut media = MediaEngine::default();
    media.register_default_codecs().expect("its own codecs");
    let interceptors = register_default_interceptors(rtc_interceptor::Registry::new(), &mut media);
    let pc = RTCPeerConnectionBuilder::new()
        .with_media_engine(media)
        .with_interceptor_registry(interceptors.expect("its own interceptors"))
        .build(now)
        .expect("a connection");
    Peer::new(pc, port)
}

/// A packet of a VP8-like stream, 30 ms after the one before it.
pub(crate) fn media(number: u16, payload_type: u8) -> rtc_rtp::Packet {
    let header = rtc_rtp::Header {
        version: 2,
        marker: true,
        payload_type,
        sequence_number: number,
        timestamp: u32::from(number) * 2700,
        ssrc: MEDIA_SSRC,
        ..rtc_rtp::Header::default()
    };
    rtc_rtp::Packet { header, payload: Bytes::from(vec![number as u8; 1000]) }
}
