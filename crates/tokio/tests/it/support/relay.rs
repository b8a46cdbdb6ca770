//! A relay that carries datagrams both ways over seeded links, between sockets or in memory.

use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use interceptor_test::{Link, LinkOptions};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use super::wire::Lane;

/// Where a relay takes datagrams from and puts them.
pub(crate) trait Port: Send + Sync + 'static {
    fn receive(&self) -> impl Future<Output = Bytes> + Send;
    fn send(&self, datagram: Bytes);
}

impl Port for (Arc<Lane>, Arc<Lane>) {
    fn receive(&self) -> impl Future<Output = Bytes> + Send {
        self.0.next()
    }

    fn send(&self, datagram: Bytes) {
        self.1.push(datagram);
    }
}

impl Port for UdpSocket {
    async fn receive(&self) -> Bytes {
        let mut buffer = [0; 2048];
        loop {
            // An end that has closed already answers by ICMP.
            if let Ok(len) = self.recv(&mut buffer).await {
                return Bytes::copy_from_slice(&buffer[..len]);
            }
        }
    }

    fn send(&self, datagram: Bytes) {
        // What the socket does not take is one loss more.
        let _ = self.try_send(&datagram);
    }
}

/// Carries what comes in at `a` to `b` and back, each way over a link of its own.
pub(crate) fn relay<P: Port>(a: P, b: P, options: LinkOptions, seed: u64) -> Relay {
    let (a, b) = (Arc::new(a), Arc::new(b));
    Relay {
        there: tokio::spawn(carry(Arc::clone(&a), Arc::clone(&b), options.clone(), seed)),
        back: tokio::spawn(carry(b, a, options, seed + 1)),
    }
}

/// Stops when it is dropped.
pub(crate) struct Relay {
    there: JoinHandle<()>,
    back: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.there.abort();
        self.back.abort();
    }
}

async fn carry<P: Port>(from: Arc<P>, to: Arc<P>, options: LinkOptions, seed: u64) {
    let mut link = Link::new(now(), seed, options).unwrap();
    loop {
        let next = link.next_delivery();
        tokio::select! {
            datagram = from.receive() => {
                link.push(now(), datagram);
            }
            () = sleep_until(next.map_or_else(Instant::now, Instant::from)), if next.is_some() => {}
        }
        while let Some((_, datagram)) = link.pop(now()) {
            to.send(datagram);
        }
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
