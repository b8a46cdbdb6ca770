//! What a session costs beside a bare socket loop that makes the same system calls: time a packet over loopback.
//!
//! `cargo run --release -p interceptor-tokio --example throughput [PACKETS]`; a line of JSON a row with `--json` in place of
//! the number.
//!
//! One thread sends bursts and receives them again, so that the kernel drops nothing; its processor time counts (on systems
//! that are no unix: time). Rounds of the two loops alternate, and the median of each counts: what disturbs the machine
//! disturbs both alike.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use interceptor_core::{Registry, StreamInfo};
use interceptor_packet::RtpPacket;
use interceptor_tokio::{LocalStream, RemoteStream, Session, UdpTransport};
#[cfg(unix)]
use nix::time::{ClockId, clock_gettime};
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

const SSRC: u32 = 0x1122_3344;
/// Packets in flight: less than what a socket's receive buffer holds.
const BURST: usize = 32;
const PACKET_BYTES: usize = 1200;
const ROUNDS: usize = 41;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    // In a task of its own: waking `main` costs a system call.
    tokio::spawn(measure()).await?
}

async fn measure() -> Result {
    let argument = std::env::args().nth(1);
    let json = argument.as_deref() == Some("--json");
    let packets = argument.filter(|_| !json).map_or(Ok(400_000), |count| count.parse())?;
    let bursts = (packets / BURST / ROUNDS).max(1);
    if !json {
        println!(
            "{PACKET_BYTES}-byte packets in bursts of {BURST}, {ROUNDS} rounds of {bursts} bursts, nanoseconds a packet"
        );
    }
    for batched in [false, true] {
        let (mut bare, mut session) = (Bare::new().await?, Sessions::new().await?);
        let (mut bare_times, mut session_times) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            bare_times.push(bare.round(bursts, batched).await?);
            session_times.push(session.round(bursts, batched).await?);
        }
        let (bare, session) = (nanos_a_packet(bare_times, bursts), nanos_a_packet(session_times, bursts));
        let name = if batched { "one system call a burst (GSO)" } else { "one system call a packet" };
        let overhead = 100.0 * (session / bare - 1.0);
        if json {
            println!(r#"{{"variant":"{name}","bare_ns":{bare:.1},"session_ns":{session:.1}}}"#);
        } else {
            println!("{name:<32} bare {bare:>7.0}   session {session:>7.0}   overhead {overhead:>+6.1} %");
        }
    }
    Ok(())
}

async fn sockets() -> io::Result<(UdpSocket, UdpSocket)> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let (a, b) = (UdpSocket::bind(any).await?, UdpSocket::bind(any).await?);
    a.connect(b.local_addr()?).await?;
    b.connect(a.local_addr()?).await?;
    Ok((a, b))
}

fn nanos_a_packet(mut times: Vec<Duration>, bursts: usize) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_nanos() as f64 / (bursts * BURST) as f64)
}

/// Processor time of this thread, the kernel's part included.
#[cfg(unix)]
fn processor_time() -> Duration {
    // Every unix has this clock.
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from).unwrap_or_default()
}

/// Time.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn processor_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

/// Two sockets and the calls that a session makes on them, nothing else.
struct Bare {
    sender: (UdpSocket, UdpSocketState),
    receiver: (UdpSocket, UdpSocketState),
    peer: SocketAddr,
    burst: Vec<u8>,
    buffer: Vec<u8>,
}

impl Bare {
    async fn new() -> io::Result<Self> {
        let (a, b) = sockets().await?;
        let (a_state, b_state) = (UdpSocketState::new((&a).into())?, UdpSocketState::new((&b).into())?);
        let peer = a.peer_addr()?;
        let (burst, buffer) = (vec![0x80; BURST * PACKET_BYTES], vec![0; 16 * 65_536]);
        Ok(Self { sender: (a, a_state), receiver: (b, b_state), peer, burst, buffer })
    }

    async fn round(&mut self, bursts: usize, batched: bool) -> io::Result<Duration> {
        let start = processor_time();
        for _ in 0..bursts {
            self.send(batched).await?;
            let mut received = 0;
            while received < BURST {
                self.receiver.0.readable().await?;
                received += self.receive_all()?;
            }
        }
        Ok(processor_time() - start)
    }

    async fn send(&self, batched: bool) -> io::Result<()> {
        let (socket, state) = &self.sender;
        if !batched {
            for packet in self.burst.chunks(PACKET_BYTES) {
                while let Err(error) = socket.try_send(packet) {
                    wait(socket, error).await?;
                }
            }
            return Ok(());
        }
        let transmit = Transmit {
            destination: self.peer,
            ecn: None,
            contents: &self.burst,
            segment_size: Some(PACKET_BYTES),
            src_ip: None,
        };
        while let Err(error) = socket.try_io(Interest::WRITABLE, || state.try_send(socket.into(), &transmit))
        {
            wait(socket, error).await?;
        }
        Ok(())
    }

    /// Until the socket has nothing more.
    fn receive_all(&mut self) -> io::Result<usize> {
        let mut received = 0;
        loop {
            match self.receive() {
                Ok(count) => received += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(received),
                Err(error) => return Err(error),
            }
        }
    }

    fn receive(&mut self) -> io::Result<usize> {
        let (socket, state) = &self.receiver;
        let mut metas = [RecvMeta::default(); 16];
        let mut chunks = self.buffer.chunks_mut(65_536);
        let mut buffers = [(); 16].map(|()| IoSliceMut::new(chunks.next().unwrap_or_default()));
        let count =
            socket.try_io(Interest::READABLE, || state.recv(socket.into(), &mut buffers, &mut metas))?;
        Ok(metas.iter().take(count).map(|meta| meta.len.div_ceil(meta.stride)).sum())
    }
}

/// Until the socket takes something again, if that was the trouble.
async fn wait(socket: &UdpSocket, error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::WouldBlock { socket.writable().await } else { Err(error) }
}

/// Two sessions without interceptors.
struct Sessions {
    _sessions: (Session, Session),
    local: LocalStream,
    remote: RemoteStream,
    packet: RtpPacket,
    sequence: u16,
    out: Vec<RtpPacket>,
    received: Vec<RtpPacket>,
}

impl Sessions {
    async fn new() -> Result<Self> {
        let registry = Registry::new();
        let (a, b) = sockets().await?;
        let a = Session::builder(&registry, "a").transport(UdpTransport::connected(a)?).spawn()?;
        let b = Session::builder(&registry, "b").transport(UdpTransport::connected(b)?).spawn()?;
        let stream = StreamInfo::new(SSRC, 96, 90_000);
        let (local, remote) = (a.bind_local_stream(stream.clone())?, b.bind_remote_stream(stream)?);
        let packet =
            RtpPacket::builder().ssrc(SSRC).payload_type(96).payload(vec![0; PACKET_BYTES - 12]).build()?;
        Ok(Self {
            _sessions: (a, b),
            local,
            remote,
            packet,
            sequence: 0,
            out: Vec::new(),
            received: Vec::new(),
        })
    }

    async fn round(&mut self, bursts: usize, batched: bool) -> Result<Duration> {
        let start = processor_time();
        for _ in 0..bursts {
            for _ in 0..BURST {
                let mut packet = self.packet.clone();
                packet.set_sequence_number(self.sequence);
                self.sequence = self.sequence.wrapping_add(1);
                if batched {
                    self.out.push(packet);
                } else {
                    self.local.write(packet).await?;
                }
            }
            if batched {
                self.local.write_all(&mut self.out).await?;
            }
            self.received.clear();
            while self.received.len() < BURST {
                self.remote.read_many(&mut self.received, BURST).await?;
            }
        }
        Ok(processor_time() - start)
    }
}
