//! What is forwarded: packets that leave at a rate, and who counts those that arrive.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use interceptor_core::packet::RtpPacket;
use nix::sys::socket::{setsockopt, sockopt};

use super::Case;
use super::messages::Inbox;

const PAYLOAD: [u8; 1200] = [0xa5; 1200];

/// What no other stream here has.
const FIRST_SSRC: u32 = 0x1122_3344;

/// Nothing has come for so long: nothing comes any more.
const QUIET: Duration = Duration::from_millis(300);

/// How long a process may take until it forwards.
const PATIENCE: Duration = Duration::from_secs(10);

/// All targets in one socket: they differ in address.
pub(super) struct Sink {
    address: SocketAddrV4,
    arrived: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Sink {
    pub(super) fn open() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        // More than other processes get: what is measured is not this one. Root may have it.
        if setsockopt(&socket, sockopt::RcvBufForce, &(64 << 20)).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &(4 << 20))?;
        }
        socket.set_nonblocking(true)?;
        let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, socket.local_addr()?.port());
        let (arrived, ended) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (count, end) = (Arc::clone(&arrived), Arc::clone(&ended));
        let thread = thread::spawn(move || count_all(&socket, &count, &end));
        Ok(Self { address, arrived, ended, thread: Some(thread) })
    }

    /// So many targets; one is at 127.0.0.1.
    pub(super) fn targets(&self, count: u32) -> Vec<SocketAddrV4> {
        let first = u32::from(*self.address.ip());
        (0..count).map(|at| SocketAddrV4::new(Ipv4Addr::from(first + at), self.address.port())).collect()
    }

    pub(super) fn arrived(&self) -> u64 {
        self.arrived.load(Relaxed)
    }

    /// Waits until as many have come, or none for a while.
    #[expect(clippy::disallowed_methods, reason = "packets arrive in real time")]
    pub(super) fn settle(&self, expected: u64) {
        let (mut last, mut quiet) = (self.arrived(), Duration::ZERO);
        while last < expected && quiet < QUIET {
            let step = Duration::from_millis(5);
            thread::sleep(step);
            let now = self.arrived();
            quiet = if now == last { quiet + step } else { Duration::ZERO };
            last = now;
        }
    }
}

/// Looks every now and then: who sends does not pay for waking a receiver, which tells how busy that is and nothing else.
#[expect(clippy::disallowed_methods, reason = "packets arrive in real time")]
fn count_all(socket: &UdpSocket, arrived: &AtomicU64, ended: &AtomicBool) -> io::Result<()> {
    let mut inbox = Inbox::new();
    while !ended.load(Relaxed) {
        match inbox.receive(socket) {
            // RTCP goes elsewhere: to the port above.
            Ok(count) => drop(arrived.fetch_add(count as u64, Relaxed)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(2))
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.ended.store(true, Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has counted what it could.
            let _ = thread.join();
        }
    }
}

/// Sends the packets of a case.
pub(super) struct Source {
    socket: UdpSocket,
    case: Case,
    /// Packets that have been sent.
    sent: u32,
}

impl Source {
    pub(super) fn new(case: Case) -> io::Result<Self> {
        Ok(Self { socket: UdpSocket::bind("127.0.0.1:0")?, case, sent: 0 })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Sends one packet a time until one has arrived: the process has begun to forward.
    #[expect(clippy::disallowed_methods, reason = "processes begin in real time")]
    pub(super) fn knock(&mut self, to: SocketAddr, sink: &Sink) -> anyhow::Result<()> {
        let (start, before) = (Instant::now(), sink.arrived());
        while sink.arrived() == before {
            ensure!(start.elapsed() < PATIENCE, "nothing arrives");
            self.send_one(to)?;
            thread::sleep(Duration::from_millis(10));
        }
        sink.settle(u64::MAX);
        Ok(())
    }

    /// Sends so many at the rate, those of a millisecond at once.
    #[expect(clippy::disallowed_methods, reason = "packets leave in real time")]
    pub(super) fn send(&mut self, to: SocketAddr, count: u32) -> anyhow::Result<()> {
        let start = Instant::now();
        for at in 0..count {
            let due = start + Duration::from_millis(u64::from(at) * 1000 / u64::from(self.case.rate));
            thread::sleep(due.saturating_duration_since(Instant::now()));
            self.send_one(to)?;
        }
        Ok(())
    }

    fn send_one(&mut self, to: SocketAddr) -> anyhow::Result<()> {
        let Case { streams, rate, .. } = self.case;
        let at = self.sent;
        self.sent += 1;
        let ticks = u64::from(at) * 90_000 / u64::from(rate);
        let packet = RtpPacket::builder()
            .ssrc(FIRST_SSRC + at % streams)
            .payload_type(96)
            .sequence_number((at / streams) as u16)
            .timestamp(ticks as u32)
            .payload(&PAYLOAD[..])
            .build()?;
        match self.socket.send_to(&packet.to_bytes(), to) {
            // Nobody listens there yet.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            sent => sent.map(drop).context("sending a packet"),
        }
    }
}
