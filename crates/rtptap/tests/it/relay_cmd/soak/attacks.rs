//! What strangers, and others on the hosts of source and target, send all the time.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use interceptor_packet::{RtcpBuilder, RtcpPacket};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{SOURCE_HOST, STRANGER, TARGET_HOST};
use crate::relay_cmd::media::SSRC;

/// The most that UDP over IPv4 carries.
const GIANT: usize = 65_507;

/// SSRCs of giants: the same again and again.
const GIANT_SSRCS: u32 = 16;

/// Where the relay is.
pub(super) struct Relay {
    pub(super) listen: SocketAddr,
    /// Where it sends from to the target.
    pub(super) from: SocketAddr,
    pub(super) http: SocketAddr,
}

impl Relay {
    fn rtcp(&self) -> SocketAddr {
        SocketAddr::new(self.listen.ip(), self.listen.port() + 1)
    }

    fn target_rtcp(&self) -> SocketAddr {
        SocketAddr::new(self.from.ip(), self.from.port() + 1)
    }
}

/// Who sends nothing but reports, and is there before anybody else. Goes on until it is dropped.
pub(super) async fn claimants(relay: &Relay) -> JoinSet<()> {
    floods(&[(STRANGER, relay.rtcp(), 10, claim), (STRANGER, relay.listen, 10, claim)]).await
}

/// All others at once until they are dropped. `heavy`: as much as a program built for release is to bear.
pub(super) async fn all(relay: &Relay, heavy: bool) -> JoinSet<()> {
    let scale = if heavy { 10 } else { 1 };
    let mut tasks = floods(&[
        (SOURCE_HOST, relay.listen, 300 * scale, new_ssrc),
        (SOURCE_HOST, relay.listen, 10, giant),
        (SOURCE_HOST, relay.listen, 50 * scale, noise),
        (SOURCE_HOST, relay.rtcp(), 1, forged_goodbye),
        (SOURCE_HOST, relay.rtcp(), 50 * scale, noise),
        (STRANGER, relay.listen, 100 * scale, media_of_a_stranger),
        (TARGET_HOST, relay.from, 10, giant),
        (TARGET_HOST, relay.from, 50 * scale, new_ssrc),
        (TARGET_HOST, relay.target_rtcp(), 50 * scale, ask_for_everything),
        (TARGET_HOST, relay.target_rtcp(), 50 * scale, key_frame),
    ])
    .await;
    let http = relay.http;
    tasks.spawn(half_open(http));
    tasks.spawn(garbage(http));
    tasks
}

/// From a host to a port, so many a second.
type Flood = (&'static str, SocketAddr, u32, Make);

async fn floods(floods: &[Flood]) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    for (at, (host, to, per_second, make)) in floods.iter().copied().enumerate() {
        let host: IpAddr = host.parse().unwrap();
        let socket = UdpSocket::bind((host, 0)).await.unwrap();
        tasks.spawn(flood(socket, to, per_second, ChaCha8Rng::seed_from_u64(at as u64), make));
    }
    tasks
}

type Make = fn(&mut ChaCha8Rng, u32) -> Vec<u8>;

/// So many a second, in steps of at least 10 ms.
async fn flood(socket: UdpSocket, to: SocketAddr, per_second: u32, mut dice: ChaCha8Rng, make: Make) {
    let at_once = (per_second / 100).max(1);
    let mut clock = tokio::time::interval(Duration::from_secs(1) * at_once / per_second);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for step in 0.. {
        clock.tick().await;
        for at in 0..at_once {
            // One that the system does not take was one less.
            let _ = socket.send_to(&make(&mut dice, step * at_once + at), to).await;
        }
    }
}

fn rtp(ssrc: u32, number: u32, len: usize) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend((number as u16).to_be_bytes());
    packet.extend((number * 450).to_be_bytes());
    packet.extend(ssrc.to_be_bytes());
    packet.resize(len, 0xaa);
    packet
}

fn new_ssrc(dice: &mut ChaCha8Rng, number: u32) -> Vec<u8> {
    rtp(dice.next_u32(), number, 100)
}

fn giant(_: &mut ChaCha8Rng, number: u32) -> Vec<u8> {
    rtp(0xaaaa_0000 + number % GIANT_SSRCS, number / GIANT_SSRCS, GIANT)
}

/// Half of it looks like RTP or RTCP at first.
fn noise(dice: &mut ChaCha8Rng, number: u32) -> Vec<u8> {
    let mut bytes = vec![0; (dice.next_u32() % 200) as usize];
    dice.fill_bytes(&mut bytes);
    if let Some(first) = bytes.first_mut().filter(|_| number.is_multiple_of(2)) {
        *first = 0x80 | *first & 0x3f;
    }
    bytes
}

fn forged_goodbye(_: &mut ChaCha8Rng, _: u32) -> Vec<u8> {
    bytes(RtcpPacket::builder().receiver_report(SSRC, &[]).bye(&[SSRC], ""))
}

fn bytes(packet: &mut RtcpBuilder) -> Vec<u8> {
    packet.build().unwrap().as_bytes().to_vec()
}

/// Eight bytes that say that a receiver is there.
fn claim(dice: &mut ChaCha8Rng, _: u32) -> Vec<u8> {
    bytes(RtcpPacket::builder().receiver_report(dice.next_u32(), &[]))
}

fn media_of_a_stranger(_: &mut ChaCha8Rng, number: u32) -> Vec<u8> {
    rtp(0x0bad_0bad, number, 200)
}

/// Every number that one message of 1 kB has room for.
fn ask_for_everything(dice: &mut ChaCha8Rng, _: u32) -> Vec<u8> {
    let first = dice.next_u32() as u16;
    let numbers: Vec<u16> = (0..4000).map(|at| first.wrapping_add(at)).collect();
    bytes(RtcpPacket::builder().receiver_report(5, &[]).nack(5, SSRC, &numbers))
}

fn key_frame(_: &mut ChaCha8Rng, number: u32) -> Vec<u8> {
    match number % 2 {
        0 => bytes(RtcpPacket::builder().pli(5, SSRC)),
        _ => bytes(RtcpPacket::builder().fir(5, &[(SSRC, number as u8)])),
    }
}

/// Connections that never finish their request, more than there are places.
async fn half_open(http: SocketAddr) {
    let mut open = std::collections::VecDeque::new();
    let mut clock = tokio::time::interval(Duration::from_millis(50));
    loop {
        clock.tick().await;
        if let Ok(mut stream) = TcpStream::connect(http).await {
            let _ = stream.write_all(b"GET /stats HTTP/1.1\r\nX-").await;
            open.push_back(stream);
        }
        if open.len() > 100 {
            open.pop_front();
        }
    }
}

/// Requests that are none.
async fn garbage(http: SocketAddr) {
    let long = [b"GET /".as_slice(), &[b'a'; 100_000], b" HTTP/1.1\r\n\r\n"].concat();
    let zeros = [0; 9000];
    let requests: [&[u8]; 5] = [
        &zeros,
        &long,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /stats HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n",
    ];
    let mut clock = tokio::time::interval(Duration::from_millis(100));
    for request in requests.iter().cycle() {
        clock.tick().await;
        let Ok(mut stream) = TcpStream::connect(http).await else { continue };
        let _ = stream.write_all(request).await;
        let _ = stream.shutdown().await;
        let _ = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut [0; 1024])).await;
    }
}
