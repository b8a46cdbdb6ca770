//! The same paths over sockets on loopback: links stand between two of them.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use interceptor_test::LinkOptions;
use interceptor_tokio::UdpTransport;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::call::cable::carry;
use crate::call::{Result, Wiring};

/// Four sockets a path: those of its ends, and those that these are connected to.
pub(crate) struct Loopback;

impl Wiring for Loopback {
    type End = UdpTransport;

    async fn connect(
        &self,
        there: LinkOptions,
        back: LinkOptions,
        seed: u64,
    ) -> Result<(UdpTransport, UdpTransport)> {
        let ((first, near), (second, far)) = (pair().await?, pair().await?);
        between(&near, &far, there, 2 * seed);
        between(&far, &near, back, 2 * seed + 1);
        Ok((UdpTransport::connected(first)?, UdpTransport::connected(second)?))
    }
}

async fn pair() -> Result<(UdpSocket, Arc<UdpSocket>)> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (end, link) = (UdpSocket::bind(any).await?, UdpSocket::bind(any).await?);
    end.connect(link.local_addr()?).await?;
    link.connect(end.local_addr()?).await?;
    Ok((end, Arc::new(link)))
}

fn between(from: &Arc<UdpSocket>, to: &Arc<UdpSocket>, options: LinkOptions, seed: u64) {
    let (came, coming) = unbounded_channel();
    let (goes, going) = unbounded_channel();
    tokio::spawn(receive(Arc::clone(from), came));
    tokio::spawn(carry(coming, goes, options, seed));
    tokio::spawn(send(going, Arc::clone(to)));
}

async fn receive(socket: Arc<UdpSocket>, to: UnboundedSender<Bytes>) {
    let mut buffer = [0; 2048];
    loop {
        // An ICMP answer: the other end is gone.
        let Ok(len) = socket.recv(&mut buffer).await else { return };
        let datagram = buffer.get(..len).unwrap_or_default();
        if to.send(Bytes::copy_from_slice(datagram)).is_err() {
            return;
        }
    }
}

async fn send(mut from: UnboundedReceiver<Bytes>, socket: Arc<UdpSocket>) {
    while let Some(datagram) = from.recv().await {
        if socket.send(&datagram).await.is_err() {
            return;
        }
    }
}
