//! Where packets go, and who counts them.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::socket::{setsockopt, sockopt};

use super::messages::Inbox;

/// Nothing has come for so long: nothing comes any more.
const QUIET: Duration = Duration::from_millis(300);

/// All targets in one socket: they differ in address.
pub(crate) struct Sink {
    socket: Arc<UdpSocket>,
    port: u16,
    arrived: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Sink {
    pub(crate) fn open() -> anyhow::Result<Self> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        // More than other processes get: what is measured is not this one. Root may have it.
        if setsockopt(&socket, sockopt::RcvBufForce, &(64 << 20)).is_err() {
            setsockopt(&socket, sockopt::RcvBuf, &(4 << 20))?;
        }
        socket.set_nonblocking(true)?;
        let port = socket.local_addr()?.port();
        let (arrived, ended) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let socket = Arc::new(socket);
        let (count, end, from) = (Arc::clone(&arrived), Arc::clone(&ended), Arc::clone(&socket));
        let thread = thread::spawn(move || count_all(&from, &count, &end));
        Ok(Self { socket, port, arrived, ended, thread: Some(thread) })
    }

    /// So many targets; one is at 127.0.0.1.
    pub(crate) fn targets(&self, count: u32) -> Vec<SocketAddrV4> {
        targets(self.port, count)
    }

    /// Targets may send as well.
    pub(crate) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// RTP packets so far.
    pub(crate) fn arrived(&self) -> u64 {
        self.arrived.load(Relaxed)
    }

    /// Waits until as many have come, or none for a while.
    #[expect(clippy::disallowed_methods, reason = "packets arrive in real time")]
    pub(crate) fn settle(&self, expected: u64) {
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

/// The addresses of so many targets with this port: each host's own on loopback.
pub(crate) fn targets(port: u16, count: u32) -> Vec<SocketAddrV4> {
    let first = u32::from(Ipv4Addr::LOCALHOST);
    (0..count).map(|at| SocketAddrV4::new(Ipv4Addr::from(first + at), port)).collect()
}

/// Looks every now and then: who sends does not pay for waking a receiver, which tells how busy that is and nothing else.
#[expect(clippy::disallowed_methods, reason = "packets arrive in real time")]
fn count_all(socket: &UdpSocket, arrived: &AtomicU64, ended: &AtomicBool) -> io::Result<()> {
    let mut inbox = Inbox::new();
    while !ended.load(Relaxed) {
        match inbox.receive(socket) {
            Ok(_) => {
                let count = inbox.datagrams().filter(|datagram| is_rtp(datagram)).count();
                arrived.fetch_add(count as u64, Relaxed);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                thread::sleep(Duration::from_millis(2))
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// RTCP on the same port (RFC 5761 §4) is no packet that was lost or found.
fn is_rtp(datagram: &[u8]) -> bool {
    !matches!(datagram, [_, 192..=223, ..])
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_no_packets() {
        assert!(is_rtp(&[0x80, 96, 0, 1]) && is_rtp(&[0x80, 0x80 | 97, 0, 1]));
        assert!(!is_rtp(&[0x81, 200, 0, 6]) && !is_rtp(&[0x81, 205, 0, 3]));
    }

    #[test]
    fn targets_are_neighbours() {
        let targets = targets(7, 300);
        assert_eq!(targets[0], "127.0.0.1:7".parse::<SocketAddrV4>().unwrap());
        assert_eq!(targets[299], "127.0.1.44:7".parse::<SocketAddrV4>().unwrap());
    }
}
