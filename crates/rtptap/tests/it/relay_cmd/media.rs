//! A source and a sink of plain sockets: nothing of what is tested is used to test it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use socket2::SockRef;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

pub(crate) const SSRC: u32 = 0x1122_3344;
pub(crate) const FIRST: u16 = 65_400;
pub(crate) const NTP: u64 = 0xe8a1_b2c3_0000_0000;
pub(crate) const RTP_TIME: u32 = 0xffff_0000;

/// A packet with everything that a header can have: a contributing source, an extension of an unknown profile, padding.
pub(crate) fn packet(ssrc: u32, number: u32) -> Vec<u8> {
    let seq = FIRST.wrapping_add(number as u16);
    let mut packet = vec![0xb1, 96 | if number.is_multiple_of(7) { 0x80 } else { 0 }];
    packet.extend(seq.to_be_bytes());
    packet.extend(RTP_TIME.wrapping_add(number * 450).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.extend(0xcafe_u32.to_be_bytes());
    packet.extend([0x12, 0x34, 0, 1]);
    packet.extend(number.to_be_bytes());
    packet.extend((0..200 + number % 900).map(|at| (at ^ number) as u8));
    packet.extend([0, 0, 0, 4]);
    packet
}

/// What came in on one port, in order of arrival.
#[derive(Clone, Default)]
pub(crate) struct Received(Arc<Mutex<Vec<Vec<u8>>>>);

impl Received {
    pub(crate) fn all(&self) -> Vec<Vec<u8>> {
        self.0.lock().unwrap().clone()
    }

    /// RTP by sequence number, counted from the first that was sent.
    pub(crate) fn media(&self, ssrc: u32) -> BTreeMap<u16, Vec<u8>> {
        let all = self.all().into_iter();
        all.filter(|packet| is_media(packet, ssrc)).map(|packet| (number(&packet), packet)).collect()
    }

    /// How many RTP packets of those numbered below `end` are here.
    pub(crate) fn count(&self, ssrc: u32, end: u32) -> u32 {
        let all = self.0.lock().unwrap();
        let numbers = all.iter().filter(|packet| is_media(packet, ssrc)).map(|packet| number(packet));
        numbers.filter(|number| u32::from(*number) < end).collect::<BTreeSet<u16>>().len() as u32
    }

    pub(crate) fn rtcp(&self) -> Vec<interceptor_packet::RtcpPacket> {
        let rtcp = self.all().into_iter().filter(|packet| is_rtcp(packet));
        rtcp.map(|packet| interceptor_packet::RtcpPacket::parse(packet.into()).unwrap()).collect()
    }
}

fn number(packet: &[u8]) -> u16 {
    u16::from_be_bytes([packet[2], packet[3]]).wrapping_sub(FIRST)
}

fn is_media(packet: &[u8], ssrc: u32) -> bool {
    packet.len() >= 12 && packet[8..12] == ssrc.to_be_bytes() && !is_rtcp(packet)
}

fn is_rtcp(packet: &[u8]) -> bool {
    (192..=223).contains(&packet[1])
}

/// A socket that keeps what it gets; gone with the value.
pub(crate) struct Port {
    pub(crate) socket: Arc<UdpSocket>,
    pub(crate) received: Received,
    reader: JoinHandle<()>,
}

impl Port {
    pub(crate) async fn bind() -> Self {
        Self::of(bind("127.0.0.1:0".parse().unwrap()).await.unwrap())
    }

    /// Two neighbouring ports: RTP's and RTCP's.
    pub(crate) async fn pair() -> (Self, Self) {
        loop {
            let low = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
            let address = low.local_addr().unwrap();
            let above = SocketAddr::new(address.ip(), address.port().saturating_add(1));
            if let Ok(high) = bind(above).await {
                return (Self::of(low), Self::of(high));
            }
        }
    }

    fn of(socket: UdpSocket) -> Self {
        let (socket, received) = (Arc::new(socket), Received::default());
        let (from, to) = (Arc::clone(&socket), received.clone());
        let reader = tokio::spawn(async move {
            let mut buffer = vec![0; 65_536];
            loop {
                let (len, _) = from.recv_from(&mut buffer).await.unwrap();
                to.0.lock().unwrap().push(buffer[..len].to_vec());
            }
        });
        Self { socket, received, reader }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// With as much room as the system gives: who reads may have to wait for a processor.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address).await?;
    SockRef::from(&socket).set_recv_buffer_size(1 << 20)?;
    Ok(socket)
}

/// The lower of two neighbouring ports for a program that is yet to start. Below those that systems hand out to whoever
/// asks for any: nobody takes them until it has started.
pub(crate) fn ports_for_a_program() -> SocketAddr {
    const LOWEST: u16 = 10_000;
    const PAIRS: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = (std::process::id() % u32::from(PAIRS)) as u16;
    let is_free = |port: u16| std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    loop {
        let pair = first.wrapping_add(NEXT.fetch_add(1, Relaxed)) % PAIRS;
        let port = LOWEST + 2 * pair;
        if is_free(port) && is_free(port + 1) {
            return (Ipv4Addr::LOCALHOST, port).into();
        }
    }
}
