//! The call that must not suffer: a source that answers requests, and a sink that counts.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use interceptor_packet::{Rtcp, RtcpPacket};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::relay_cmd::media::{SSRC, bind, packet};

/// Packets a second.
pub(super) const RATE: u32 = 200;

/// Where the source's packets are kept for those who ask: ten seconds.
const KEPT: u32 = 10 * RATE;

/// A source and a sink of plain sockets.
pub(super) struct Call {
    sent: Arc<Mutex<u32>>,
    pub(super) sink: SocketAddr,
    received: Arc<Mutex<Received>>,
    source: Arc<UdpSocket>,
    tasks: JoinSet<()>,
}

#[derive(Default)]
struct Received {
    /// How often each number came.
    numbers: Vec<u8>,
    goodbyes: u64,
}

impl Call {
    pub(super) async fn bind(source: SocketAddr, sink: SocketAddr) -> Self {
        let source = bind(source).await.unwrap();
        let (sink, reports) = pair(sink).await;
        let mut call = Self {
            sent: Arc::default(),
            sink: sink.local_addr().unwrap(),
            received: Arc::default(),
            source: Arc::new(source),
            tasks: JoinSet::new(),
        };
        for socket in [sink, reports] {
            call.tasks.spawn(count(socket, Arc::clone(&call.received)));
        }
        call
    }

    /// Sends until [`hang_up`](Self::hang_up).
    pub(super) fn start(&mut self, relay: SocketAddr) {
        self.tasks.spawn(send(Arc::clone(&self.source), relay, Arc::clone(&self.sent)));
    }

    /// Sends nothing new.
    pub(super) fn hang_up(&mut self) {
        self.tasks.abort_all();
    }

    pub(super) fn sent(&self) -> u32 {
        *self.sent.lock().unwrap()
    }

    /// Of the first `sent` packets, those that arrived.
    pub(super) fn arrived(&self, sent: u32) -> u32 {
        let received = self.received.lock().unwrap();
        received.numbers.iter().take(sent as usize).filter(|times| **times > 0).count() as u32
    }

    /// How often the relay said goodbye of the stream.
    pub(super) fn goodbyes(&self) -> u64 {
        self.received.lock().unwrap().goodbyes
    }
}

/// RTP's port and RTCP's above.
async fn pair(address: SocketAddr) -> (UdpSocket, UdpSocket) {
    loop {
        let low = bind(address).await.unwrap();
        let port = low.local_addr().unwrap().port();
        if let Ok(high) = bind(SocketAddr::new(address.ip(), port.saturating_add(1))).await {
            return (low, high);
        }
    }
}

/// Sends on time, and again what is asked for.
async fn send(socket: Arc<UdpSocket>, relay: SocketAddr, sent: Arc<Mutex<u32>>) {
    let mut clock = tokio::time::interval(Duration::from_secs(1) / RATE);
    let mut buffer = vec![0; 2048];
    let mut by_seq = HashMap::new();
    let mut number = 0;
    loop {
        tokio::select! {
            _ = clock.tick() => {
                let datagram = packet(SSRC, number);
                by_seq.insert([datagram[2], datagram[3]], number);
                socket.send_to(&datagram, relay).await.unwrap();
                number += 1;
                *sent.lock().unwrap() = number;
            }
            received = socket.recv_from(&mut buffer) => {
                let (len, _) = received.unwrap();
                for seq in asked(&buffer[..len]) {
                    let kept = by_seq.get(&seq.to_be_bytes()).filter(|kept| **kept + KEPT > number);
                    if let Some(kept) = kept {
                        socket.send_to(&packet(SSRC, *kept), relay).await.unwrap();
                    }
                }
            }
        }
    }
}

fn asked(datagram: &[u8]) -> Vec<u16> {
    let Ok(packet) = RtcpPacket::parse(datagram.to_vec().into()) else { return Vec::new() };
    let mut asked = Vec::new();
    for message in packet.packets() {
        if let Rtcp::Nack(nack) = message {
            asked.extend(nack.sequence_numbers());
        }
    }
    asked
}

async fn count(socket: UdpSocket, received: Arc<Mutex<Received>>) {
    let mut buffer = vec![0; 65_536];
    loop {
        let (len, _) = socket.recv_from(&mut buffer).await.unwrap();
        let datagram = &buffer[..len];
        let mut received = received.lock().unwrap();
        if let Some(number) = number(datagram) {
            if received.numbers.len() <= number {
                received.numbers.resize(number + 1, 0);
            }
            received.numbers[number] = received.numbers[number].saturating_add(1);
        } else if says_goodbye(datagram) {
            received.goodbyes += 1;
        }
    }
}

/// The number in a packet of the call that is exactly what the source sent.
fn number(datagram: &[u8]) -> Option<usize> {
    let number = u32::from_be_bytes(*datagram.get(20..)?.first_chunk()?);
    (number < u32::MAX / 450 && datagram == packet(SSRC, number)).then_some(number as usize)
}

fn says_goodbye(datagram: &[u8]) -> bool {
    let Ok(packet) = RtcpPacket::parse(datagram.to_vec().into()) else { return false };
    packet.packets().any(|message| matches!(message, Rtcp::Bye(bye) if bye.ssrcs().any(|ssrc| ssrc == SSRC)))
}
