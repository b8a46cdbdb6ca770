//! Two encrypted connections of `webrtc` 0.21 in this process, a link between them that loses packets, and a chain in each: what was
//! lost, and what became of it.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use interceptor_core::packet::NtpTime;
use interceptor_core::{ChainConfig, Registry};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtc::{ChainHandle, Configured, Setup, configure};
use interceptor_rtx::RtxFactory;
use interceptor_stats::StatsFactory;
use interceptor_test::{LinkOptions, Loss, Side, UdpLink, UdpLinkOptions};
use rtc::ice::mdns::MulticastDnsMode;
use rtc::rtp_transceiver::rtp_sender::{
    RTCRtpCodec, RTCRtpCodingParameters, RTCRtpEncodingParameters, RtpCodecKind,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use webrtc::media_stream::MediaStreamTrack;
use webrtc::media_stream::track_local::TrackLocal;
use webrtc::media_stream::track_local::static_rtp::TrackLocalStaticRTP;
use webrtc::media_stream::track_remote::{TrackRemote, TrackRemoteEvent};
use webrtc::peer_connection::{
    PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler, RTCIceGatheringState,
    RTCPeerConnectionState, RTCSessionDescription, SettingEngineBuilder,
};

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 300;
/// As the stack registers it.
const VP8: u8 = 96;
/// Nothing here takes longer unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of the packets.
#[derive(Debug)]
struct Outcome {
    lost: u64,
    retransmitted: u64,
    arrived: usize,
    twice: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Outcome { lost, retransmitted, arrived, twice } = call().await?;
    println!("{PACKETS} packets of video, {lost} datagrams lost on the way");
    println!("{retransmitted} sent again over RTX, {arrived} of {PACKETS} arrived, {twice} of them twice");
    Ok(())
}

async fn call() -> anyhow::Result<Outcome> {
    let lossy = LinkOptions::default().with_delay(Duration::from_millis(5)).with_loss(Loss::random(0.1));
    let back = LinkOptions::default().with_delay(Duration::from_millis(5));
    let link = UdpLinkOptions::default().with_ways(lossy, back.clone()).with_subject(UdpLinkOptions::is_rtp);
    let link = UdpLink::new(link)?;

    // One registry for all connections of the program.
    let stats = StatsFactory::default();
    let statistics = stats.handle();
    let ours = Registry::new()
        .with(NackFactory::default())
        .with(RtxFactory::default())
        .with(ReportFactory::default())
        .with(stats);
    let (a, b) = (Peer::new(&ours, "a").await?, Peer::new(&ours, "b").await?);
    let track = Arc::new(TrackLocalStaticRTP::new(video()));
    a.connection.add_track(Arc::clone(&track) as Arc<dyn TrackLocal>).await?;
    let (a, b, mut numbers) = connect(a, b, &link).await?;

    let mut clock = tokio::time::interval(Duration::from_millis(3));
    for number in 0..PACKETS {
        clock.tick().await;
        track.write_rtp(packet(number)).await?;
    }
    // What comes last shows what is missing before it.
    link.reconfigure(Side::A, back)?;
    track.write_rtp(packet(PACKETS)).await?;

    let mut seen = HashSet::new();
    let mut twice = 0;
    while seen.len() <= usize::from(PACKETS) {
        let number = tokio::time::timeout(PATIENCE, numbers.recv()).await.context("packets are missing")?;
        twice += usize::from(!seen.insert(number.context("the track has ended")?));
    }
    let sent = statistics.stream("a", SSRC).and_then(|stream| stream.outbound_rtp).context("it is sent")?;
    let outcome = Outcome {
        lost: link.counters(Side::A).lost,
        retransmitted: sent.retransmitted_packets_sent,
        arrived: seen.len() - 1,
        twice,
    };
    // Goodbyes leave before the close, which sends no more.
    a.handle.say_goodbye(now());
    a.connection.close().await?;
    b.connection.close().await?;
    Ok(outcome)
}

/// One end of the call.
struct Peer {
    connection: Box<dyn PeerConnection>,
    handle: ChainHandle,
    gathered: UnboundedReceiver<()>,
    connected: UnboundedReceiver<()>,
    numbers: UnboundedReceiver<u16>,
}

impl Peer {
    async fn new(ours: &Registry, id: &str) -> anyhow::Result<Self> {
        // Random in a real program, as is the wall clock's time.
        let config = ChainConfig::new(id, now(), NtpTime::from_unix(Duration::from_secs(1_700_000_000)), 7);
        let settings = SettingEngineBuilder::new().with_multicast_dns_mode(MulticastDnsMode::Disabled);
        let Configured { media, settings, interceptors, handle, .. } =
            configure(ours, config, Setup::default().with_settings(settings))?;
        let (gathered_in, gathered) = unbounded_channel();
        let (connected_in, connected) = unbounded_channel();
        let (numbers_in, numbers) = unbounded_channel();
        let events = Events { gathered: gathered_in, connected: connected_in, numbers: numbers_in };
        let connection = PeerConnectionBuilder::new()
            .with_media_engine(media)
            .with_setting_engine(settings)
            .with_interceptor_registry(interceptors)
            .with_handler(Arc::new(events))
            .with_udp_addrs(vec!["127.0.0.1:0"])
            .build()
            .await?;
        Ok(Self { connection: Box::new(connection), handle, gathered, connected, numbers })
    }

    /// Its description, once all its addresses are in it.
    async fn described(&mut self) -> anyhow::Result<String> {
        tokio::time::timeout(PATIENCE, self.gathered.recv()).await.context("no addresses are found")?;
        Ok(self.connection.local_description().await.context("just set")?.sdp)
    }
}

/// Offer and answer, with the link's addresses in place of their own.
async fn connect(
    mut a: Peer,
    mut b: Peer,
    link: &UdpLink,
) -> anyhow::Result<(Peer, Peer, UnboundedReceiver<u16>)> {
    let offer = a.connection.create_offer(None).await?;
    a.connection.set_local_description(offer).await?;
    let offer = link.rewrite_candidates(Side::A, &a.described().await?);
    b.connection.set_remote_description(RTCSessionDescription::offer(offer)?).await?;
    let answer = b.connection.create_answer(None).await?;
    b.connection.set_local_description(answer).await?;
    let answer = link.rewrite_candidates(Side::B, &b.described().await?);
    a.connection.set_remote_description(RTCSessionDescription::answer(answer)?).await?;
    for peer in [&mut a, &mut b] {
        tokio::time::timeout(PATIENCE, peer.connected.recv()).await.context("they do not connect")?;
    }
    let numbers = std::mem::replace(&mut b.numbers, unbounded_channel().1);
    Ok((a, b, numbers))
}

/// What the stack tells of a connection.
struct Events {
    gathered: UnboundedSender<()>,
    connected: UnboundedSender<()>,
    /// Sequence numbers that the application was given.
    numbers: UnboundedSender<u16>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Events {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.send(());
        }
    }

    async fn on_connection_state_change(&self, state: RTCPeerConnectionState) {
        if state == RTCPeerConnectionState::Connected {
            let _ = self.connected.send(());
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let numbers = self.numbers.clone();
        // Nothing here reads RTCP: the chain needs nobody for that.
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                match event {
                    TrackRemoteEvent::OnRtpPacket(packet) => {
                        let _ = numbers.send(packet.header.sequence_number);
                    }
                    TrackRemoteEvent::OnEnded => break,
                    _ => {}
                }
            }
        });
    }
}

fn video() -> MediaStreamTrack {
    let codec =
        RTCRtpCodec { mime_type: "video/VP8".to_owned(), clock_rate: 90_000, ..RTCRtpCodec::default() };
    let rtp_coding_parameters =
        RTCRtpCodingParameters { ssrc: Some(SSRC), ..RTCRtpCodingParameters::default() };
    let coding =
        RTCRtpEncodingParameters { rtp_coding_parameters, codec, ..RTCRtpEncodingParameters::default() };
    let name = |what: &str| format!("camera-{what}");
    MediaStreamTrack::new(name("stream"), name("track"), name("label"), RtpCodecKind::Video, vec![coding])
}

fn packet(number: u16) -> rtc::rtp::Packet {
    let header = rtc::rtp::Header {
        version: 2,
        payload_type: VP8,
        sequence_number: number,
        timestamp: u32::from(number) * 270,
        ssrc: SSRC,
        ..rtc::rtp::Header::default()
    };
    rtc::rtp::Packet { header, payload: vec![number as u8; 1000].into() }
}

#[expect(clippy::disallowed_methods, reason = "the program's clock")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::{PACKETS, PATIENCE, call};

    #[tokio::test]
    async fn what_is_lost_comes_back_once_and_no_task_is_left() {
        let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let before = tasks();
        let outcome = call().await.expect("the call works");
        assert!(outcome.lost > 0 && outcome.retransmitted >= outcome.lost / 2, "{outcome:?}");
        assert_eq!((outcome.arrived, outcome.twice), (usize::from(PACKETS), 0), "{outcome:?}");
        let ended = async {
            while tasks() > before {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, ended).await.expect("every task has ended");
    }
}
