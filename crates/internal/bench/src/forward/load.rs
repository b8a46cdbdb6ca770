//! What is forwarded: packets that leave at a rate.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use interceptor_core::packet::RtpPacket;

use super::Case;
use crate::loopback::Sink;

const PAYLOAD: [u8; 1200] = [0xa5; 1200];

/// What no other stream here has.
const FIRST_SSRC: u32 = 0x1122_3344;

/// How long a process may take until it forwards.
const PATIENCE: Duration = Duration::from_secs(10);

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
