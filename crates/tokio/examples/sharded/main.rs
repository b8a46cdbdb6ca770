//! One camera and many viewers on all cores: a runtime a core, where sessions never move and the camera's packets cross to each other
//! core once, beside the same on one runtime of as many threads.
//!
//! `cargo run --release -p interceptor-tokio --example sharded [WORKERS] [VIEWERS] [SECONDS]`
//!
//! What is written of it, and when it is worth it, stands in `docs/scaling.md`. Rounds of both kinds alternate, and the median of each
//! counts: what disturbs the machine disturbs both alike. Nobody reads what viewers are sent: what the kernel has no room for then
//! costs the same in both.

mod camera;
mod crossing;
mod shard;
mod times;
mod viewers;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket as Peer};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use interceptor_core::{Registry, StreamInfo};
use interceptor_nack::NackFactory;
use interceptor_report::ReportFactory;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

use crossing::Crossing;
use shard::Shard;
use viewers::{Sent, Viewers};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T = ()> = std::result::Result<T, Error>;

const CAMERA: u32 = 0xca;
const ROUNDS: usize = 5;

/// Who does the work.
enum Workers {
    /// A runtime a core.
    Shards(Vec<Shard>),
    /// One runtime whose threads take each other's tasks.
    Pool(Runtime, usize),
}

impl Workers {
    fn shards(count: usize) -> io::Result<Self> {
        (0..count).map(Shard::start).collect::<io::Result<_>>().map(Self::Shards)
    }

    fn pool(threads: usize) -> io::Result<Self> {
        Ok(Self::Pool(Builder::new_multi_thread().worker_threads(threads).enable_all().build()?, threads))
    }

    /// Where each worker's part is spawned.
    fn handles(&self) -> Vec<Handle> {
        match self {
            Self::Shards(shards) => shards.iter().map(Shard::handle).collect(),
            Self::Pool(runtime, threads) => vec![runtime.handle().clone(); *threads],
        }
    }
}

/// What a round came to, in packets.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    filmed: u64,
    sent: u64,
    /// A core was too far behind.
    left_out: u64,
    /// A viewer was.
    no_room: u64,
    /// Of all but the camera.
    busy: Duration,
}

impl Figures {
    fn micros(&self) -> f64 {
        self.busy.as_secs_f64() * 1e6 / self.sent.max(1) as f64
    }
}

/// What every connection has.
fn registry() -> Registry {
    Registry::new().with(ReportFactory::default()).with(NackFactory::default())
}

/// Films so many frames for these viewers.
fn round(workers: &Workers, peers: &[Peer], frames: u64) -> Result<Figures> {
    let info = StreamInfo::new(CAMERA, 96, 90_000).with_feedback("nack", "");
    let peers = peers.iter().map(Peer::local_addr).collect::<io::Result<Vec<SocketAddr>>>()?;
    let (handles, sent, mut crossing) = (workers.handles(), Arc::new(Sent::default()), Crossing::default());
    let mut serving = Vec::new();
    for (handle, peers) in handles.iter().zip(peers.chunks(peers.len().div_ceil(handles.len()).max(1))) {
        let (info, peers) = (info.clone(), peers.to_vec());
        let viewers = handle.spawn(async move { Viewers::join(&info, &peers).await });
        let viewers = handle.block_on(viewers)??;
        serving.push((handle, handle.spawn(viewers.serve(crossing.join(), Arc::clone(&sent)))));
    }
    let first = handles.first().ok_or("no workers")?;
    let (socket, left_out) = (Peer::bind((Ipv4Addr::LOCALHOST, 0))?, crossing.left_out());
    let ((at, heard_at), (over, is_over)) = (oneshot::channel(), oneshot::channel());
    let hearing = first.spawn(camera::hear(info, socket.local_addr()?, crossing, at, is_over));
    socket.connect(heard_at.blocking_recv()?)?;

    let before = times::process();
    let (filmed, filming) = camera::film(&socket, CAMERA, frames)?;
    let busy = times::process().saturating_sub(before + filming);
    over.send(filmed).map_err(|_| "nobody hears the camera")?;
    first.block_on(hearing)??;
    for (handle, serving) in serving {
        handle.block_on(serving)??;
    }
    Ok(Figures {
        filmed,
        sent: sent.packets.load(Relaxed),
        left_out: left_out.load(Relaxed),
        no_room: sent.no_room.load(Relaxed),
        busy,
    })
}

/// An address each, as they would have: loopback has more addresses than one of them has ports.
fn peers(count: usize) -> Result<Vec<Peer>> {
    let address = |n: usize| Ipv4Addr::new(127, 1, (n >> 8) as u8, n as u8);
    (0..count).map(|n| Ok(Peer::bind((address(n), 0))?)).collect()
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (count, viewers, seconds) = (number(0, cores)?, number(1, 1000)?, number(2, 3)?);
    let peers = peers(viewers)?;
    println!("{viewers} viewers on {count} of {cores} cores, {ROUNDS} rounds of {seconds} s");
    let mut rounds: [Vec<Figures>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (rounds, shards) in rounds.iter_mut().zip([false, true]) {
            let workers = if shards { Workers::shards(count)? } else { Workers::pool(count)? };
            rounds.push(round(&workers, &peers, camera::frames(seconds as u64))?);
        }
    }
    for (mut rounds, name) in rounds.into_iter().zip(["one runtime", "a runtime a core"]) {
        let lost: u64 = rounds.iter().map(|round| round.left_out + round.no_room).sum();
        rounds.sort_by(|a, b| a.micros().total_cmp(&b.micros()));
        let median = rounds.get(rounds.len() / 2).copied().unwrap_or_default();
        println!(
            "{name:<18} {:>6.2} µs a packet to a viewer   {} filmed a round, {lost} found no room",
            median.micros(),
            median.filmed
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Figures, Peer, Workers, peers, round};

    /// Packets that have come to a viewer's socket.
    fn heard(peer: &Peer) -> usize {
        peer.set_nonblocking(true).unwrap();
        let mut datagram = [0; 1500];
        // Reports come as well.
        let media = |byte: u8| !(192..224).contains(&byte);
        std::iter::from_fn(|| peer.recv(&mut datagram).ok().map(|_| media(datagram[1])))
            .filter(|media| *media)
            .count()
    }

    #[test]
    fn every_viewer_of_every_core_is_sent_everything() {
        let (peers, workers) = (peers(7).unwrap(), Workers::shards(2).unwrap());
        let figures: Figures = round(&workers, &peers, 5).unwrap();
        assert_eq!((figures.filmed, figures.sent), (40, 40 * 7), "{figures:?}");
        assert_eq!((figures.left_out, figures.no_room), (0, 0), "{figures:?}");
        assert_eq!(peers.iter().map(heard).collect::<Vec<_>>(), [40; 7]);
    }
}
