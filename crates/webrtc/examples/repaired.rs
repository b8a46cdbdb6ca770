//! Two peers of `webrtc` 0.17 call over a network that loses one packet in ten; our chain brings all of them back.
//!
//! `cargo run -p interceptor-webrtc --example repaired`

use std::collections::BTreeSet;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use interceptor_core::Registry;
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::{Rtx, RtxFactory};
use interceptor_test::{LinkOptions, Loss, Side, UdpLink, UdpLinkOptions};
use interceptor_webrtc::{ChainBuilder, ChainHandle, configure};
use tokio::sync::mpsc;
use webrtc::api::APIBuilder;
use webrtc::api::media_engine::{MIME_TYPE_VP8, MediaEngine};
use webrtc::api::setting_engine::SettingEngine;
use webrtc::ice::network_type::NetworkType;
use webrtc::peer_connection::RTCPeerConnection;
use webrtc::peer_connection::configuration::RTCConfiguration;
use webrtc::peer_connection::sdp::session_description::RTCSessionDescription;
use webrtc::rtp_transceiver::rtp_codec::RTCRtpCodecCapability;
use webrtc::track::track_local::TrackLocalWriter;
use webrtc::track::track_local::track_local_static_rtp::TrackLocalStaticRTP;

const PACKETS: u16 = 500;

/// A peer whose packets pass our chain: this is all that a program of your own needs.
async fn peer() -> Result<(Arc<RTCPeerConnection>, ChainHandle), Box<dyn Error>> {
    let (mut engine, mut settings) = (MediaEngine::default(), SettingEngine::default());
    let ours = ChainBuilder::new(
        Registry::new()
            .with(NackFactory::default())
            .with(RtxFactory::default())
            .with(ReportFactory::default()),
    );
    let theirs = interceptor::registry::Registry::new(); // without the interceptors that it has by default
    let (registry, connections) = configure(theirs, ours, &mut engine, &mut settings)?;

    // Only for this program: both peers are on this machine.
    settings.set_include_loopback_candidate(true);
    settings.set_ip_filter(Box::new(|ip| ip.is_loopback()));
    settings.set_network_types(vec![NetworkType::Udp4]);

    let api = APIBuilder::new()
        .with_media_engine(engine)
        .with_setting_engine(settings)
        .with_interceptor_registry(registry)
        .build();
    let connection = Arc::new(api.new_peer_connection(RTCConfiguration::default()).await?);
    Ok((connection, connections.last().ok_or("it was just made")?))
}

/// Sets a peer's own description and gives it with all addresses, seen through the link.
async fn describe(
    peer: &RTCPeerConnection,
    description: RTCSessionDescription,
    link: &UdpLink,
    side: Side,
) -> Result<String, Box<dyn Error>> {
    let mut gathered = peer.gathering_complete_promise().await;
    peer.set_local_description(description).await?;
    gathered.recv().await;
    let description = peer.local_description().await.ok_or("it was just set")?;
    Ok(link.rewrite_candidates(side, &description.sdp))
}

/// What the network lost, and what was sent again and came back.
#[derive(Debug)]
struct Outcome {
    read: usize,
    lost: u64,
    sent_again: u64,
    came_back: u64,
}

async fn call() -> Result<Outcome, Box<dyn Error>> {
    let lossy = LinkOptions::default().with_loss(Loss::random(0.1));
    let ways = UdpLinkOptions::default().with_seed(7).with_ways(lossy, LinkOptions::default());
    let link = UdpLink::new(ways.with_subject(UdpLinkOptions::is_rtp))?;
    let ((a, sending), (b, receiving)) = (peer().await?, peer().await?);

    let codec = RTCRtpCodecCapability { mime_type: MIME_TYPE_VP8.to_owned(), ..Default::default() };
    let track = Arc::new(TrackLocalStaticRTP::new(codec, "camera".to_owned(), "call".to_owned()));
    a.add_track(track.clone()).await?;
    let (told, mut tracks) = mpsc::unbounded_channel();
    b.on_track(Box::new(move |track, _, _| {
        let _ = told.send(track);
        Box::pin(async {})
    }));
    let offer = describe(&a, a.create_offer(None).await?, &link, Side::A).await?;
    b.set_remote_description(RTCSessionDescription::offer(offer)?).await?;
    let answer = describe(&b, b.create_answer(None).await?, &link, Side::B).await?;
    a.set_remote_description(RTCSessionDescription::answer(answer)?).await?;

    // Nobody reads RTCP: the chain does.
    let sender = tokio::spawn(async move {
        let mut pace = tokio::time::interval(Duration::from_millis(2));
        for number in 0_u16.. {
            pace.tick().await;
            let mut packet = rtp::packet::Packet { payload: vec![0; 1000].into(), ..Default::default() };
            packet.header.version = 2;
            packet.header.sequence_number = number;
            packet.header.timestamp = u32::from(number) * 180;
            if track.write_rtp(&packet).await.is_err() {
                break;
            }
        }
    });
    let track = tracks.recv().await.ok_or("the peer ended")?;
    // From the first that has come on: nobody knows of those before it.
    let first = track.read_rtp().await?.0.header.sequence_number;
    let mut read = BTreeSet::from([first]);
    let come = |read: &BTreeSet<u16>| read.range(first..first + PACKETS).count();
    // What is missing when so many more have come does not come any more.
    while come(&read) < usize::from(PACKETS) && read.last().is_some_and(|last| *last < first + 4 * PACKETS) {
        read.insert(track.read_rtp().await?.0.header.sequence_number);
    }
    let lost = link.counters(Side::A).lost;
    let rtx = |chain: &ChainHandle| {
        let counters =
            chain.with_chain(|chain| chain.with_streams::<Rtx, _>(|rtx, streams| rtx.counters(&streams)));
        counters.flatten().unwrap_or_default()
    };
    // In this order: nothing comes back that has not been sent.
    let came_back = rtx(&receiving).received.restored;
    let sent_again = rtx(&sending).sent.encapsulated;
    sender.abort();
    a.close().await?;
    b.close().await?;
    Ok(Outcome { read: come(&read), lost, sent_again, came_back })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let Outcome { read, lost, sent_again, came_back } = call().await?;
    println!(
        "read {read} packets, {lost} were lost on the way; {sent_again} sent again, {came_back} came back"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_lost_comes_back() {
        let outcome = super::call().await.unwrap();
        assert!(outcome.read == 500 && outcome.lost > 20, "{outcome:?}");
        assert!(outcome.came_back > 10 && outcome.came_back <= outcome.sent_again, "{outcome:?}");
    }
}
