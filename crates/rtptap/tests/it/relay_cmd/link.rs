//! A lossy link of two UDP ports: RTP and RTCP travel multiplexed both ways, and some of it is lost.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::media;

/// Between a near end, which sends to [`near`](Self::near), and a far end.
pub(crate) struct LossyLink {
    near: Arc<UdpSocket>,
    far: Arc<UdpSocket>,
    pub(crate) lost: Arc<AtomicU64>,
    tasks: JoinSet<()>,
}

impl LossyLink {
    pub(crate) async fn bind() -> Self {
        let bind = async || Arc::new(media::bind("127.0.0.1:0".parse().unwrap()).await.unwrap());
        Self { near: bind().await, far: bind().await, lost: Arc::default(), tasks: JoinSet::new() }
    }

    /// Where the near end sends to.
    pub(crate) fn near(&self) -> SocketAddr {
        self.near.local_addr().unwrap()
    }

    /// Carries datagrams to `far` and back to whoever sends from the near end, in order, `loss` of 256 lost each way, after
    /// a delay.
    pub(crate) fn start(&mut self, far: SocketAddr, loss: u8, delay: Duration) {
        let back = Arc::new(Mutex::new(None::<SocketAddr>));
        for (direction, from, out) in [(0, &self.near, &self.far), (1, &self.far, &self.near)] {
            let (from, out, lost, back) =
                (Arc::clone(from), Arc::clone(out), Arc::clone(&self.lost), Arc::clone(&back));
            let (queue, mut queued) = mpsc::unbounded_channel::<(Instant, SocketAddr, Vec<u8>)>();
            self.tasks.spawn(async move {
                while let Some((due, to, datagram)) = queued.recv().await {
                    tokio::time::sleep_until(due).await;
                    out.send_to(&datagram, to).await.unwrap();
                }
            });
            self.tasks.spawn(async move {
                let mut dice = ChaCha8Rng::seed_from_u64(direction);
                let mut buffer = vec![0; 65_536];
                loop {
                    let (len, source) = from.recv_from(&mut buffer).await.unwrap();
                    if direction == 0 {
                        *back.lock().unwrap() = Some(source);
                    }
                    let to = if direction == 0 { Some(far) } else { *back.lock().unwrap() };
                    let Some(to) = to else { continue };
                    if (dice.next_u32() as u8) < loss {
                        lost.fetch_add(1, Relaxed);
                        continue;
                    }
                    queue.send((Instant::now() + delay, to, buffer[..len].to_vec())).unwrap();
                }
            });
        }
    }
}
