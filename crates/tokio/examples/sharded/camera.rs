//! A camera, and the session that hears it on one of the cores.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket as Peer};
use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_packet::RtpPacket;
use interceptor_tokio::{Session, UdpTransport};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;

use crate::crossing::{BATCH, Crossing};
use crate::{Result, registry, times};

/// Packets of a frame, which come together.
const FRAME: u64 = 8;
const FRAMES_A_SECOND: u64 = 30;
const PACKET_BYTES: usize = 1200;
/// Nothing more comes after that.
const SILENCE: Duration = Duration::from_secs(1);

/// Hears the camera and hands on what it sends, until all of what `over` says has come; says where it hears.
pub(crate) async fn hear(
    info: StreamInfo,
    camera: SocketAddr,
    crossing: Crossing,
    at: oneshot::Sender<SocketAddr>,
    mut over: oneshot::Receiver<u64>,
) -> Result {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    socket.connect(camera).await?;
    let address = socket.local_addr()?;
    let session =
        Session::builder(&registry(), "camera").transport(UdpTransport::connected(socket)?).spawn()?;
    let mut stream = session.bind_remote_stream(info)?;
    at.send(address).map_err(|_| "nobody asks where")?;
    let (mut packets, mut heard, mut filmed) = (Vec::with_capacity(BATCH), 0, None);
    while filmed.is_none_or(|filmed| heard < filmed) {
        tokio::select! {
            biased;
            count = stream.read_many(&mut packets, BATCH) => {
                heard += count? as u64;
                crossing.hand_on(&packets);
                packets.clear();
            }
            count = &mut over, if filmed.is_none() => filmed = Some(count?),
            // The rest was lost on the way.
            () = tokio::time::sleep(SILENCE), if filmed.is_some() => break,
        }
    }
    Ok(session.close().await?)
}

/// Films on a thread of its own: so many packets, and the processor time that took.
#[expect(clippy::disallowed_methods, reason = "a camera takes its time")]
pub(crate) fn film(socket: &Peer, ssrc: u32, frames: u64) -> Result<(u64, Duration)> {
    let before = times::thread();
    let payload = vec![0; PACKET_BYTES - 12];
    for frame in 0..frames {
        for number in frame * FRAME..(frame + 1) * FRAME {
            let packet = RtpPacket::builder().ssrc(ssrc).payload_type(96).sequence_number(number as u16);
            let packet = packet.timestamp((frame * 90_000 / FRAMES_A_SECOND) as u32);
            socket.send(&packet.payload(payload.clone()).build()?.to_bytes())?;
        }
        std::thread::sleep(Duration::from_secs(1) / FRAMES_A_SECOND as u32);
    }
    Ok((frames * FRAME, times::thread() - before))
}

/// How many frames a camera films in so many seconds.
pub(crate) const fn frames(seconds: u64) -> u64 {
    seconds * FRAMES_A_SECOND
}
