//! A forwarder with a session for a camera and one for each of a thousand viewers, over UDP: all of them lose their picture at once, and the camera is
//! asked for one key frame.
//!
//! `cargo run -p interceptor-tokio --example thousand_viewers`

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use interceptor_core::packet::{Rtcp, RtcpPacket, RtpPacket};
use interceptor_core::{Event, Fact, KeyframeRequested, Registry, StreamInfo};
use interceptor_keyframe::{AskCounters, KeyframeFactory, KeyframeHub};
use interceptor_tokio::{LocalStream, Session, UdpTransport};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const CAMERA: u32 = 0xca;
/// A VP8 payload that begins a key frame, and one that begins another.
const KEY_FRAME: [u8; 4] = [0x10, 0x50, 0, 0];
const OTHER_FRAME: [u8; 4] = [0x10, 0x51, 0, 0];

fn video(ssrc: u32) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000).with_mime_type("video/VP8").with_feedback("nack", "pli")
}

/// A session of the forwarder's, joined to a peer's socket.
async fn join(registry: &Registry, id: &str, peer: &UdpSocket) -> Result<(Session, std::net::SocketAddr)> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(peer.local_addr()?).await?;
    let at = socket.local_addr()?;
    Ok((Session::builder(registry, id).transport(UdpTransport::connected(socket)?).spawn()?, at))
}

/// The camera: sends frames, and a key frame as the next one when it is asked; how often it was asked, and when it stops.
async fn film(socket: UdpSocket, to: std::net::SocketAddr, frames: u16) -> Result<usize> {
    let mut pace = tokio::time::interval(Duration::from_millis(33));
    let (mut asked, mut wanted, mut datagram) = (0, true, [0; 1500]);
    let mut number = 0;
    while number < frames {
        tokio::select! {
            _ = pace.tick() => {
                let payload = if std::mem::take(&mut wanted) { KEY_FRAME } else { OTHER_FRAME };
                let packet = RtpPacket::builder().ssrc(CAMERA).payload_type(96).sequence_number(number);
                let packet = packet.timestamp(u32::from(number) * 2970).marker(true).payload(payload.to_vec());
                socket.send_to(&packet.build()?.to_bytes(), to).await?;
                number += 1;
            }
            received = socket.recv_from(&mut datagram) => {
                let received = datagram.get(..received?.0).unwrap_or_default();
                let packet = RtcpPacket::parse(received.to_vec().into())?;
                let requests = packet.packets().filter(|view| matches!(view, Rtcp::Pli(_))).count();
                asked += requests;
                wanted |= requests > 0;
            }
        }
    }
    Ok(asked)
}

/// What a viewer's chain says is carried to the camera's session.
async fn carry(viewer: Session, camera: Arc<Session>, hub: KeyframeHub) {
    let (id, mut events) = (Arc::clone(viewer.id()), viewer.events());
    while let Ok(event) = events.read().await {
        let Event::Fact(Fact::KeyframeRequested(KeyframeRequested { ssrc })) = event else { continue };
        if let Some((_camera, ssrc)) = hub.publisher_of(&id, ssrc) {
            camera.request_keyframe(ssrc);
        }
    }
}

/// How often the camera was asked by so many viewers, and what its session has counted.
async fn call(viewers: u32) -> Result<(usize, AskCounters)> {
    let factory = KeyframeFactory::default();
    let handle = factory.handle();
    let registry = Registry::new().with(factory);
    let hub = KeyframeHub::default();

    let camera = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let (session, at) = join(&registry, "camera", &camera).await?;
    let session = Arc::new(session);
    let mut stream = session.bind_remote_stream(video(CAMERA))?;
    let filming = tokio::spawn(film(camera, at, 90));
    // The first frame is a key frame.
    stream.read().await?;

    // All viewers share a socket on their side: the forwarder has one for each.
    let theirs = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let (mut streams, mut addresses) = (HashMap::<u32, LocalStream>::new(), Vec::new());
    for ssrc in 0..viewers {
        let (viewer, at) = join(&registry, &format!("viewer-{ssrc}"), &theirs).await?;
        streams.insert(ssrc, viewer.bind_local_stream(video(ssrc))?);
        hub.link(Arc::clone(viewer.id()), ssrc, Arc::clone(session.id()), CAMERA);
        addresses.push((ssrc, at));
        tokio::spawn(carry(viewer, Arc::clone(&session), hub.clone()));
    }
    for (ssrc, at) in addresses {
        theirs.send_to(RtcpPacket::builder().pli(99, ssrc).build()?.as_bytes(), at).await?;
    }

    // The forwarder reads the camera until it stops.
    let mut filming = filming;
    let asked = loop {
        tokio::select! {
            packet = stream.read() => drop(packet?),
            asked = &mut filming => break asked??,
        }
    };
    let counters = handle.remote("camera", CAMERA).unwrap_or_default();
    session.close().await?;
    Ok((asked, counters))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (asked, counters) = call(1000).await?;
    println!(
        "1000 viewers asked; {} requests reached the camera's session, and the camera was asked {asked} times",
        counters.told
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Duration, call};

    #[tokio::test]
    async fn a_storm_is_one_request() {
        const VIEWERS: u32 = 300;
        let (asked, counters) =
            tokio::time::timeout(Duration::from_secs(120), call(VIEWERS)).await.unwrap().unwrap();
        assert!(counters.told >= u64::from(VIEWERS), "{counters:?}");
        assert_eq!(asked as u64, counters.plis_sent);
        // One; on a machine that takes half a second for a frame or for all viewers, once more.
        assert!((1..=3).contains(&asked), "{counters:?}");
        assert!(counters.answered >= 1, "{counters:?}");
    }
}
