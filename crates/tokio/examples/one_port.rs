//! Calls of several people at one port: each is told by the name in its STUN request, and hears its own media come back.
//!
//! `cargo run -p interceptor-tokio --example one_port`
//!
//! The names are in the clear and nothing is verified, which loopback forgives. A server on a network verifies
//! `MESSAGE-INTEGRITY` before it names a peer: see `Latch::set_peer`.

use std::net::{Ipv4Addr, SocketAddr};

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use interceptor_tokio::{Latch, LatchOptions, MuxCounters, MuxOptions, Session, UdpMux, UdpTransport};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const NAMES: [&str; 3] = ["alice", "bob", "carol"];
const PACKETS: u16 = 50;

/// Types of STUN messages (RFC 8489 §5), and of the attribute that says for whom a request is (§14.3).
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const USERNAME: u16 = 0x0006;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];

fn registry() -> Registry {
    Registry::new().with(ReportFactory::default()).with(NackFactory::default())
}

fn video() -> StreamInfo {
    StreamInfo::new(0x1122_3344, 96, 90_000).with_feedback("nack", "")
}

/// A binding request with a `USERNAME` and nothing else.
fn request(name: &str) -> Vec<u8> {
    let padded = name.len().next_multiple_of(4);
    let mut message = Vec::from(BINDING_REQUEST.to_be_bytes());
    message.extend((4 + padded as u16).to_be_bytes());
    message.extend(MAGIC_COOKIE);
    message.extend([7; 12]);
    message.extend(USERNAME.to_be_bytes());
    message.extend((name.len() as u16).to_be_bytes());
    message.extend(name.as_bytes());
    message.resize(24 + padded, 0);
    message
}

/// The success that answers a request: its transaction, and no attributes. Nothing else is answered: two ends that answer answers
/// do so for ever.
fn answer(request: &[u8]) -> Option<Bytes> {
    if !request.starts_with(&BINDING_REQUEST.to_be_bytes()) {
        return None;
    }
    let transaction = request.get(4..20)?;
    Some([&BINDING_SUCCESS.to_be_bytes(), &[0, 0], transaction].concat().into())
}

/// For whom a datagram is; `None`: it is no request, or does not say.
fn name(datagram: &Bytes, _: SocketAddr) -> Option<String> {
    let (header, mut attributes) = datagram.split_at_checked(20)?;
    if !header.starts_with(&BINDING_REQUEST.to_be_bytes()) || header.get(4..8)? != MAGIC_COOKIE {
        return None;
    }
    while let [k0, k1, l0, l1, rest @ ..] = attributes {
        let len = usize::from(u16::from_be_bytes([*l0, *l1]));
        if u16::from_be_bytes([*k0, *k1]) == USERNAME {
            return String::from_utf8(rest.get(..len)?.to_vec()).ok();
        }
        attributes = rest.get(len.next_multiple_of(4)..)?;
    }
    None
}

/// Answers STUN, names the peer, and sends its media back.
async fn serve(session: Session, latch: Latch) -> Result {
    let (mut raw, mut remote) = (session.raw(), session.bind_remote_stream(video())?);
    let local = session.bind_local_stream(video())?;
    loop {
        tokio::select! {
            datagram = raw.read() => {
                let datagram = datagram?;
                let (Some(from), Some(answer)) = (datagram.from, answer(&datagram.bytes)) else { continue };
                session.send_raw_to(answer, from).await?;
                latch.set_peer(from)?;
            }
            packet = remote.read() => local.write(packet?).await?,
        }
    }
}

/// One who calls: asks for a name, and counts what comes back.
async fn call(name: &str, server: SocketAddr) -> Result<usize> {
    let transport = UdpTransport::bind((Ipv4Addr::LOCALHOST, 0), server).await?;
    let session = Session::builder(&registry(), name).transport(transport).spawn()?;
    let (local, mut remote) = (session.bind_local_stream(video())?, session.bind_remote_stream(video())?);
    session.send_raw(request(name).into()).await?;
    session.raw().read().await?;
    let mut heard = 0;
    for number in 0..PACKETS {
        let packet = RtpPacket::builder().ssrc(local.ssrc()).payload_type(96).sequence_number(number);
        local.write(packet.payload(name.as_bytes().to_vec()).build()?).await?;
        heard += usize::from(remote.read().await?.payload() == name.as_bytes());
    }
    session.close().await?;
    Ok(heard)
}

/// What each has heard of itself, and what the mux has counted.
async fn calls() -> Result<(Vec<usize>, MuxCounters)> {
    let mux = UdpMux::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?, MuxOptions::default(), name)?;
    let mut sessions = Vec::new();
    for name in NAMES {
        let transport = mux.transport(name.to_owned(), LatchOptions::default().with_told(true))?;
        let latch = transport.latch();
        let session = Session::builder(&registry(), name).transport(transport).spawn()?;
        tokio::spawn(serve(session.clone(), latch));
        sessions.push(session);
    }
    let server = mux.local_addr()?;
    let (alice, bob, carol) =
        tokio::try_join!(call(NAMES[0], server), call(NAMES[1], server), call(NAMES[2], server))?;
    for session in sessions {
        session.close().await?;
    }
    Ok((vec![alice, bob, carol], mux.counters()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let (heard, counters) = calls().await?;
    for (name, heard) in NAMES.iter().zip(heard) {
        println!("{name:<6} sent {PACKETS} packets and heard {heard} of its own");
    }
    println!("{} datagrams at one port, {} of them nobody's", counters.received, counters.unknown);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{NAMES, PACKETS, calls};

    #[tokio::test]
    async fn everybody_hears_what_they_have_sent() {
        let (heard, counters) =
            tokio::time::timeout(Duration::from_secs(60), calls()).await.unwrap().unwrap();
        assert_eq!(heard, [usize::from(PACKETS); NAMES.len()]);
        assert_eq!((counters.unknown, counters.sessions, counters.unaccounted()), (0, 0, 0), "{counters:?}");
    }
}
