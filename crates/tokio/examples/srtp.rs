//! Sessions over SRTP: the transport encrypts, so that interceptors and captures see plain packets.
//!
//! `cargo run -p interceptor-tokio --features srtp --example srtp`

use std::net::Ipv4Addr;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_rtx::RtxFactory;
use interceptor_tokio::{
    LocalStream, Session, SrtpKeys, SrtpOptions, SrtpProfile, SrtpTransport, UdpTransport,
};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SSRC: u32 = 0x1122_3344;
const PACKETS: u16 = 100;
const PAYLOAD: &[u8] = b"a frame of a film that not everybody may see";

/// Where a real call has what its DTLS handshake exported: both keys, both salts.
const EXPORTED: [u8; 60] = *b"client master keyserver master keyclient salt .server salt .";

fn video() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000).with_feedback("nack", "").with_rtx(SSRC + 1, 97)
}

async fn socket() -> std::io::Result<UdpSocket> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// A session at one end of a DTLS handshake.
fn session(id: &str, socket: UdpSocket, client: bool) -> Result<Session> {
    let registry = Registry::new()
        .with(ReportFactory::default())
        .with(RtxFactory::default())
        .with(NackFactory::default());
    let keys = SrtpKeys::from_dtls(SrtpProfile::Aes128CmHmacSha1_80, &EXPORTED, client)?;
    let transport = SrtpTransport::new(UdpTransport::connected(socket)?, keys, SrtpOptions::default())?;
    Ok(Session::builder(&registry, id).transport(transport).spawn()?)
}

async fn send(stream: &LocalStream, numbers: std::ops::Range<u16>) -> Result {
    for number in numbers {
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(number);
        stream.write(packet.payload(PAYLOAD).build()?).await?;
    }
    Ok(())
}

/// Payloads that Bob reads.
async fn call() -> Result<Vec<Vec<u8>>> {
    let (a, b) = (socket().await?, socket().await?);
    a.connect(b.local_addr()?).await?;
    b.connect(a.local_addr()?).await?;
    let (alice, bob) = (session("alice", a, true)?, session("bob", b, false)?);
    let mut remote = bob.bind_remote_stream(video())?;
    let local = alice.bind_local_stream(video())?;
    let mut read = Vec::new();
    send(&local, 0..PACKETS).await?;
    while read.len() < usize::from(PACKETS) {
        read.push(remote.read().await?.payload().to_vec());
    }
    alice.close().await?;
    bob.close().await?;
    Ok(read)
}

/// The first datagram of such a call, as somebody on the way sees it.
async fn overheard() -> Result<Vec<u8>> {
    let (a, ear) = (socket().await?, socket().await?);
    a.connect(ear.local_addr()?).await?;
    let alice = session("alice", a, true)?;
    let local = alice.bind_local_stream(video())?;
    send(&local, 0..1).await?;
    let mut datagram = vec![0; 2048];
    let len = ear.recv(&mut datagram).await?;
    datagram.truncate(len);
    alice.close().await?;
    Ok(datagram)
}

fn contains(datagram: &[u8], part: &[u8]) -> bool {
    datagram.windows(part.len()).any(|window| window == part)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    println!("{} packets read over SRTP", call().await?.len());
    let datagram = overheard().await?;
    let readable = if contains(&datagram, PAYLOAD) { "plain" } else { "encrypted" };
    println!("on the way a packet is {} bytes long and {readable}", datagram.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{PACKETS, PAYLOAD, call, contains, overheard};

    #[tokio::test]
    async fn the_receiver_reads_what_nobody_on_the_way_can() {
        let read = call().await.unwrap();
        assert_eq!(read, vec![PAYLOAD.to_vec(); usize::from(PACKETS)]);
        let datagram = overheard().await.unwrap();
        // Header, payload, authentication tag (RFC 3711 §8.2).
        assert_eq!(datagram.len(), 12 + PAYLOAD.len() + 10);
        assert!(!contains(&datagram, PAYLOAD));
    }
}
