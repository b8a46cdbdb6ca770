//! Batches through the sockets of a leg.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::UdpSocket;

use super::*;
use crate::relay::{RtcpMode, TargetRules};

const RTP: u8 = 96;
/// RTCP of any length (RFC 3550 §6.7).
const APP: u8 = 204;

async fn socket() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.unwrap()
}

async fn batches() -> (SocketAddr, Arc<BatchSocket>) {
    let socket = socket().await;
    // Nobody waits for room before the first is sent: the event loop has to have said that there is some.
    socket.writable().await.unwrap();
    (socket.local_addr().unwrap(), Arc::new(BatchSocket::new(socket).unwrap()))
}

fn datagram(payload_type: u8, number: u8, len: usize) -> Vec<u8> {
    let mut bytes = vec![number; len];
    bytes[..2].copy_from_slice(&[0x80, payload_type]);
    if payload_type == APP {
        // It is one from end to end: without that it would be media where RTCP has a port of its own.
        let words = u16::try_from(len / 4 - 1).unwrap();
        bytes[2..4].copy_from_slice(&words.to_be_bytes());
        bytes[8..12].copy_from_slice(b"test");
    }
    bytes
}

fn queue(datagrams: &[Vec<u8>]) -> SendQueue {
    let mut queue = SendQueue::new();
    datagrams.iter().for_each(|datagram| queue.push(&[datagram], None));
    queue
}

async fn send(sender: &mut LegSender, queue: &mut SendQueue) -> io::Result<()> {
    std::future::poll_fn(|cx| sender.poll_send(cx, queue)).await
}

async fn receive(socket: &UdpSocket, count: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for _ in 0..count {
        let mut buffer = vec![0; 2000];
        let len = tokio::time::timeout(Duration::from_secs(60), socket.recv(&mut buffer)).await;
        buffer.truncate(len.expect("nothing comes").unwrap());
        all.push(buffer);
    }
    all
}

/// A target's leg with ports of their own for RTP and RTCP.
async fn target() -> (LegSender, Arc<Link>, UdpSocket, UdpSocket) {
    let (media, control) = (socket().await, socket().await);
    let (to, rtcp_to) = (media.local_addr().unwrap(), control.local_addr().unwrap());
    let peers = Arc::new(Peers::fixed(to, RtcpMode::Ports, Some(rtcp_to)));
    let link = Arc::<Link>::default();
    let transport = LegTransport::new(batches().await.1, Some(batches().await.1), peers, Arc::clone(&link));
    (transport.split().0, link, media, control)
}

/// Of both kinds, of several lengths.
fn mixture() -> Vec<Vec<u8>> {
    let shapes = [(RTP, 900), (RTP, 900), (RTP, 900), (APP, 900), (RTP, 900), (RTP, 40), (RTP, 900)];
    shapes.iter().zip(0..).map(|((kind, len), number)| datagram(*kind, number, *len)).collect()
}

#[tokio::test]
async fn each_leaves_whole_and_in_order_through_the_socket_of_its_kind() {
    for rules in
        [TargetRules::default(), TargetRules { delay: Duration::from_nanos(1), ..TargetRules::default() }]
    {
        let (mut sender, link, media, control) = target().await;
        link.set(rules);
        let all = mixture();
        let mut queue = queue(&all);
        send(&mut sender, &mut queue).await.unwrap();
        assert!(queue.is_empty());
        link.finish();
        let (rtcp, rtp): (Vec<_>, Vec<_>) = all.into_iter().partition(|datagram| datagram[1] == APP);
        assert_eq!(receive(&media, rtp.len()).await, rtp);
        assert_eq!(receive(&control, rtcp.len()).await, rtcp);
    }
}

#[tokio::test]
async fn one_that_does_not_fit_is_discarded_alone() {
    let (mut sender, _, media, _) = target().await;
    let all = [datagram(RTP, 0, 900), datagram(RTP, 1, 65_530), datagram(RTP, 2, 900)];
    let mut queue = queue(&all);
    assert!(send(&mut sender, &mut queue).await.is_err());
    send(&mut sender, &mut queue).await.unwrap();
    assert_eq!(receive(&media, 2).await, [all[0].clone(), all[2].clone()]);
}

#[tokio::test]
async fn what_comes_is_read_in_order_empty_datagrams_too() {
    let ((address, media), peer) = (batches().await, socket().await);
    let peers = Arc::new(Peers::fixed(peer.local_addr().unwrap(), RtcpMode::Mux, None));
    let (_sender, mut receiver) = LegTransport::new(media, None, peers, Arc::default()).split();
    let sent: Vec<_> = (0..200_u8)
        .map(
            |number| {
                if number % 3 == 0 { Vec::new() } else { datagram(RTP, number, 20 + usize::from(number)) }
            },
        )
        .collect();
    for datagram in &sent {
        peer.send_to(datagram, address).await.unwrap();
    }
    let (mut read, mut datagrams) = (Vec::new(), Datagrams::new());
    while read.len() < sent.len() {
        let received = std::future::poll_fn(|cx| receiver.poll_recv(cx, &mut datagrams));
        tokio::time::timeout(Duration::from_secs(60), received).await.expect("nothing comes").unwrap();
        assert!(datagrams.len() < 2 * MAX_BATCH, "no more than a batch, and a system call");
        read.extend(datagrams.drain().map(|(bytes, _)| bytes.to_vec()));
    }
    assert_eq!(read, sent);
}
