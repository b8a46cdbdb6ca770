//! Two peers of `webrtc` 0.17, encrypted, with a link between them.

use std::sync::Arc;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_nack::{NackFactory, NackOptions};
use interceptor_report::{ReportFactory, ReportOptions, RttReports};
use interceptor_rtx::RtxFactory;
use interceptor_test::{LinkOptions, Side, UdpLink, UdpLinkOptions};
use interceptor_webrtc::{ChainBuilder, ChainHandle, configure};
use rtp::packet::Packet;
use tokio::sync::mpsc;
use webrtc::api::APIBuilder;
use webrtc::api::media_engine::{MIME_TYPE_VP8, MediaEngine};
use webrtc::api::setting_engine::SettingEngine;
use webrtc::ice::mdns::MulticastDnsMode;
use webrtc::ice::network_type::NetworkType;
use webrtc::peer_connection::RTCPeerConnection;
use webrtc::peer_connection::configuration::RTCConfiguration;
use webrtc::peer_connection::peer_connection_state::RTCPeerConnectionState;
use webrtc::peer_connection::sdp::session_description::RTCSessionDescription;
use webrtc::rtp_transceiver::rtp_codec::RTCRtpCodecCapability;
use webrtc::rtp_transceiver::rtp_receiver::RTCRtpReceiver;
use webrtc::rtp_transceiver::rtp_sender::RTCRtpSender;
use webrtc::track::track_local::TrackLocalWriter;
use webrtc::track::track_local::track_local_static_rtp::TrackLocalStaticRTP;
use webrtc::track::track_remote::TrackRemote;

/// Longer than anything here takes on the slowest machine: who waits this long is stuck.
pub(super) const STUCK: Duration = Duration::from_secs(60);

/// What a call is made with.
pub(super) struct Set {
    pub(super) rtx: bool,
    pub(super) reads_rtcp: bool,
    pub(super) replay_window: Option<usize>,
    pub(super) link: LinkOptions,
}

impl Default for Set {
    fn default() -> Self {
        Self { rtx: true, reads_rtcp: false, replay_window: None, link: LinkOptions::default() }
    }
}

impl Set {
    fn registry(&self) -> Registry {
        // However long the machine stands still, nothing is given up.
        let patient = NackOptions::default().with_max_age(STUCK).with_max_requests(100);
        let nack = NackFactory::new(patient.with_send_history_age(STUCK)).unwrap();
        // Who only receives measures no round trip: its requests are repeated after the default one.
        let report =
            ReportFactory::new(ReportOptions::default().with_rtt_reports(RttReports::Never)).unwrap();
        let registry = Registry::new().with(nack).with(report);
        if self.rtx { registry.with(RtxFactory::default()) } else { registry }
    }
}

/// One end.
pub(super) struct Peer {
    pub(super) connection: Arc<RTCPeerConnection>,
    pub(super) chain: ChainHandle,
}

impl Peer {
    pub(super) async fn new(set: &Set) -> Self {
        let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
        settings.set_include_loopback_candidate(true);
        settings.set_ip_filter(Box::new(|ip| ip.is_loopback()));
        settings.set_network_types(vec![NetworkType::Udp4]);
        settings.set_ice_multicast_dns_mode(MulticastDnsMode::Disabled);
        let ours = ChainBuilder::new(set.registry());
        let (registry, connections) =
            configure(interceptor::registry::Registry::new(), ours, &mut engine, &mut settings).unwrap();
        if let Some(window) = set.replay_window {
            settings.set_srtp_replay_protection_window(window);
        }
        let api = APIBuilder::new()
            .with_media_engine(engine)
            .with_setting_engine(settings)
            .with_interceptor_registry(registry)
            .build();
        let connection = Arc::new(api.new_peer_connection(RTCConfiguration::default()).await.unwrap());
        Self { connection, chain: connections.last().unwrap() }
    }

    /// Its description with all its candidates.
    async fn describe(&self, description: RTCSessionDescription) -> String {
        let mut gathered = self.connection.gathering_complete_promise().await;
        self.connection.set_local_description(description).await.unwrap();
        gathered.recv().await;
        self.connection.local_description().await.unwrap().sdp
    }
}

/// A sends a track to B.
pub(super) struct Call {
    pub(super) a: Peer,
    pub(super) b: Peer,
    pub(super) link: UdpLink,
    pub(super) track: Arc<TrackLocalStaticRTP>,
    pub(super) sender: Arc<RTCRtpSender>,
    tracks: mpsc::UnboundedReceiver<(Arc<TrackRemote>, Arc<RTCRtpReceiver>)>,
    receiver: Option<Arc<RTCRtpReceiver>>,
}

pub(super) fn vp8(id: &str) -> Arc<TrackLocalStaticRTP> {
    let codec = RTCRtpCodecCapability { mime_type: MIME_TYPE_VP8.to_owned(), ..Default::default() };
    Arc::new(TrackLocalStaticRTP::new(codec, id.to_owned(), "call".to_owned()))
}

impl Call {
    /// Negotiated; the handshakes are under way.
    pub(super) async fn new(set: &Set) -> Self {
        let (a, b) = (Peer::new(set).await, Peer::new(set).await);
        let options = UdpLinkOptions::default()
            .with_seed(7)
            .with_ways(set.link.clone(), set.link.clone())
            .with_subject(UdpLinkOptions::is_rtp);
        let link = UdpLink::new(options).unwrap();
        let track = vp8("camera");
        let sender = a.connection.add_track(track.clone()).await.unwrap();
        let (told, tracks) = mpsc::unbounded_channel();
        let reads_rtcp = set.reads_rtcp;
        b.connection.on_track(Box::new(move |track, receiver, _| {
            let _ = told.send((track, Arc::clone(&receiver)));
            if reads_rtcp {
                tokio::spawn(async move { while receiver.read_rtcp().await.is_ok() {} });
            }
            Box::pin(async {})
        }));
        if reads_rtcp {
            let sender = Arc::clone(&sender);
            tokio::spawn(async move { while sender.read_rtcp().await.is_ok() {} });
        }
        let call = Self { a, b, link, track, sender, tracks, receiver: None };
        call.negotiate().await;
        call
    }

    /// A offers, B answers.
    pub(super) async fn negotiate(&self) {
        let Self { a, b, link, .. } = self;
        let offer = a.connection.create_offer(None).await.unwrap();
        let offer = link.rewrite_candidates(Side::A, &a.describe(offer).await);
        b.connection.set_remote_description(RTCSessionDescription::offer(offer).unwrap()).await.unwrap();
        let answer = b.connection.create_answer(None).await.unwrap();
        let answer = link.rewrite_candidates(Side::B, &b.describe(answer).await);
        a.connection.set_remote_description(RTCSessionDescription::answer(answer).unwrap()).await.unwrap();
    }

    /// Until both can send.
    pub(super) async fn connected(&self) {
        let peers = [&self.a, &self.b].map(|peer| &peer.connection);
        until(|| peers.iter().all(|peer| peer.connection_state() == RTCPeerConnectionState::Connected)).await;
    }

    /// The track as B has it, once its first packet has come.
    pub(super) async fn remote(&mut self) -> Arc<TrackRemote> {
        let came = tokio::time::timeout(STUCK, self.tracks.recv()).await;
        let (track, receiver) = came.expect("a track").unwrap();
        self.receiver = Some(receiver);
        track
    }

    /// What B receives its last track by.
    pub(super) fn receiver(&self) -> Arc<RTCRtpReceiver> {
        Arc::clone(self.receiver.as_ref().unwrap())
    }

    pub(super) async fn write(&self, number: u16) {
        self.track.write_rtp(&packet(number)).await.unwrap();
    }

    pub(super) async fn close(self) {
        self.a.connection.close().await.unwrap();
        self.b.connection.close().await.unwrap();
    }
}

/// Waits for what other tasks do; they take as long as they take.
pub(super) async fn until(mut what: impl FnMut() -> bool) {
    let mut look = tokio::time::interval(Duration::from_millis(5));
    let waiting = async {
        while !what() {
            look.tick().await;
        }
    };
    tokio::time::timeout(STUCK, waiting).await.expect("it happens");
}

/// Much like VP8 at 90 kHz, thirty packets a frame.
pub(super) fn packet(number: u16) -> Packet {
    let mut packet = Packet::default();
    packet.header.version = 2;
    packet.header.sequence_number = number;
    packet.header.timestamp = u32::from(number / 30) * 3000;
    packet.payload = vec![number as u8; 800].into();
    packet
}
