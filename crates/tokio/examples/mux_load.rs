//! What a packet costs with one socket for many sessions, beside a socket for each: processor time over loopback.
//!
//! `cargo run --release -p interceptor-tokio --example mux_load [SESSIONS] [PACKETS_PER_SECOND]`
//!
//! A session for each peer receives its packets and answers each with one. Another thread is the peers: one address each, all
//! packets a second spread over them in turn. Only the sessions' thread counts. Rounds of both kinds alternate, and the median
//! of each counts: what disturbs the machine disturbs both alike. `cargo xtask bench --scenario sessions` does it with more of both,
//! with interceptors, and tells the memory.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket as Peer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_core::{Registry, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{LatchOptions, MuxOptions, Session, Transport, UdpMux, UdpTransport};
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SSRC: u32 = 0x1122_3344;
const PACKET_BYTES: usize = 1200;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(1);
/// Half a second of 50 000 packets a second, as the kernel counts them: a machine that is shared may be elsewhere for long.
const RECEIVE_BUFFER: usize = 32 << 20;

#[derive(Clone, Copy)]
enum Kind {
    Own,
    Shared,
}

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (sessions, rate) = (number(0, 1000)?, number(1, 50_000)?);
    println!(
        "{sessions} sessions, {rate} packets of {PACKET_BYTES} bytes a second in and as many out, {ROUNDS} rounds of {ROUND:?}"
    );
    let mut rounds: [Vec<Figures>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (rounds, kind) in rounds.iter_mut().zip([Kind::Own, Kind::Shared]) {
            rounds.push(run(sessions, rate, kind)?);
        }
    }
    let mut costs = Vec::new();
    for (rounds, name) in rounds.into_iter().zip(["a socket each", "UdpMux"]) {
        let lost: u64 = rounds.iter().map(|round| round.lost).sum();
        let figures = median(rounds);
        println!(
            "{name:<14} {:>6.2} µs a packet   {:>5.1} % of a core   lost {lost}",
            figures.micros, figures.busy
        );
        costs.push(figures.micros);
    }
    if let [own, shared] = costs.as_slice() {
        println!("ratio {:.2}", shared / own);
    }
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Figures {
    micros: f64,
    busy: f64,
    lost: u64,
}

fn median(mut rounds: Vec<Figures>) -> Figures {
    rounds.sort_by(|a, b| a.micros.total_cmp(&b.micros));
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

fn run(sessions: usize, rate: usize, kind: Kind) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // In a task of its own: waking what is blocked on costs a system call.
    runtime.block_on(async { tokio::spawn(measure(sessions, rate, kind)).await? })
}

/// Sessions, each with a task that reads and answers.
struct Bench {
    _sessions: Vec<Session>,
    mux: Option<UdpMux<u16>>,
    /// Where each peer sends.
    targets: Vec<SocketAddr>,
    received: Arc<AtomicU64>,
}

impl Bench {
    fn new(peers: &[Arc<Peer>], kind: Kind) -> Result<Self> {
        let (registry, received) = (Registry::new(), Arc::new(AtomicU64::new(0)));
        let (mut sessions, mut targets, mut shared) = (Vec::new(), Vec::new(), None);
        match kind {
            Kind::Own => {
                for peer in peers {
                    let socket = socket()?;
                    targets.push(socket.local_addr()?);
                    socket.connect(peer.local_addr()?)?;
                    let transport = UdpTransport::connected(UdpSocket::from_std(socket)?)?;
                    sessions.push(answering(&registry, transport, &received)?);
                }
            }
            Kind::Shared => {
                let socket = socket()?;
                targets = vec![socket.local_addr()?; peers.len()];
                let mux = UdpMux::new(UdpSocket::from_std(socket)?, MuxOptions::default(), number)?;
                for n in 0..peers.len() as u16 {
                    sessions.push(answering(
                        &registry,
                        mux.transport(n, LatchOptions::default())?,
                        &received,
                    )?);
                }
                shared = Some(mux);
            }
        }
        Ok(Self { _sessions: sessions, mux: shared, targets, received })
    }
}

async fn measure(sessions: usize, rate: usize, kind: Kind) -> Result<Figures> {
    let peers = peers(sessions)?;
    let bench = Bench::new(&peers, kind)?;
    for (n, (peer, target)) in (0_u16..).zip(peers.iter().zip(&bench.targets)) {
        peer.connect(target)?;
        if bench.mux.is_some() {
            peer.send(&[&[0, 1][..], &n.to_be_bytes()].concat())?;
            tokio::task::yield_now().await;
        }
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    let (stop, before) = (Arc::new(AtomicBool::new(false)), processor_time());
    let load = load(peers, rate, Arc::clone(&stop));
    tokio::time::sleep(ROUND).await;
    stop.store(true, Relaxed);
    let sent = tokio::task::spawn_blocking(|| load.join()).await?.map_err(|_| "the load failed")?;
    let mut count = 0;
    // What is still on its way is not lost.
    while bench.received.load(Relaxed) < sent && bench.received.load(Relaxed) > count {
        count = bench.received.load(Relaxed);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (busy, count) = (processor_time() - before, bench.received.load(Relaxed));
    if let Some(counters) = bench.mux.map(|mux| mux.counters())
        && (counters.unaccounted() != 0 || counters.overrun > 0 || counters.unknown > 0)
    {
        println!("{counters:?}");
    }
    Ok(Figures {
        micros: busy.as_secs_f64() * 1e6 / count.max(1) as f64,
        busy: 100.0 * busy.as_secs_f64() / ROUND.as_secs_f64(),
        lost: sent.saturating_sub(count),
    })
}

/// Reads and answers, until its session ends.
fn answering(registry: &Registry, transport: impl Transport, received: &Arc<AtomicU64>) -> Result<Session> {
    let session = Session::builder(registry, "load").transport(transport).spawn()?;
    let info = StreamInfo::new(SSRC, 96, 90_000);
    let (local, mut remote) = (session.bind_local_stream(info.clone())?, session.bind_remote_stream(info)?);
    let received = Arc::clone(received);
    tokio::spawn(async move {
        let mut packets = Vec::new();
        while remote.read_many(&mut packets, 64).await.is_ok() {
            received.fetch_add(packets.len() as u64, Relaxed);
            // Nobody reads what is sent: what finds no room does not matter.
            let _ = local.try_write_all(&mut packets);
            packets.clear();
        }
    });
    Ok(session)
}

/// The peers, until they are stopped; returns how many packets they have sent.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn load(peers: Vec<Arc<Peer>>, rate: usize, stop: Arc<AtomicBool>) -> JoinHandle<u64> {
    std::thread::spawn(move || {
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).payload(vec![0; PACKET_BYTES - 12]);
        let Ok(packet) = packet.build().map(|packet| packet.to_bytes()) else { return 0 };
        let (start, mut sent) = (Instant::now(), 0);
        while !stop.load(Relaxed) {
            let due = (start.elapsed().as_secs_f64() * rate as f64) as u64;
            // Whoever was held up does not make up for it at once.
            for _ in 0..due.saturating_sub(sent).min(16) {
                let Some(peer) = peers.get(sent as usize % peers.len()) else { return sent };
                sent += u64::from(peer.send(&packet).is_ok());
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        sent
    })
}

/// The session's number in a datagram that says it.
fn number(datagram: &Bytes, _: SocketAddr) -> Option<u16> {
    Some(u16::from_be_bytes(*datagram.strip_prefix(&[0, 1])?.first_chunk()?))
}

/// Loopback has more addresses than one of them has ports.
fn peers(count: usize) -> Result<Vec<Arc<Peer>>> {
    let address = |n: usize| Ipv4Addr::new(127, 1, (n >> 8) as u8, n as u8);
    (0..count).map(|n| Ok(Arc::new(Peer::bind((address(n), 0))?))).collect()
}

fn socket() -> Result<Peer> {
    let socket = Peer::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_nonblocking(true)?;
    let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER);
    // Beyond what the system allows everybody, for who may.
    #[cfg(target_os = "linux")]
    let _ = nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::RcvBufForce, &RECEIVE_BUFFER);
    Ok(socket)
}

/// Processor time of this thread, the kernel's part included.
#[cfg(unix)]
fn processor_time() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    // Every unix has this clock.
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Time.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
