//! Packets of many peers to as many sessions, in real time: all peers are one socket, and differ in address.

use std::io::{self, IoSlice};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::thread;
use std::time::{Duration, Instant};

use nix::libc::{in_addr, in_pktinfo};
use nix::sys::socket::{ControlMessage, MsgFlags, SockaddrIn, sendmsg};

use crate::traffic::{CLOCK_RATE, place, sent, start};

/// Whoever was held up does not make up for it at once.
const AT_ONCE: u64 = 16;

/// Who has sent so much so far.
pub(super) struct Load<'a> {
    socket: &'a UdpSocket,
    /// From where, and to where.
    peers: Vec<(Ipv4Addr, SockaddrIn)>,
    /// The same in all packets but for the numbers.
    packet: Vec<u8>,
    pub(super) sent: u64,
}

impl<'a> Load<'a> {
    /// `targets[n]` is where the peer with address `from[n]` sends to.
    pub(super) fn new(socket: &'a UdpSocket, from: &[SocketAddrV4], targets: &[SocketAddrV4]) -> Self {
        let peers = from.iter().zip(targets).map(|(from, to)| (*from.ip(), SockaddrIn::from(*to))).collect();
        let packet = sent(&place(0, 0, start())).to_bytes().to_vec();
        Self { socket, peers, packet, sent: 0 }
    }

    /// Sends for so long, so many a second, the peers in turn.
    #[expect(clippy::disallowed_methods, reason = "packets leave in real time")]
    pub(super) fn run(&mut self, rate: u32, time: Duration) -> anyhow::Result<()> {
        let (start, before) = (Instant::now(), self.sent);
        let all = (f64::from(rate) * time.as_secs_f64()) as u64;
        while self.sent - before < all {
            let due = ((start.elapsed().as_secs_f64() * f64::from(rate)) as u64).min(all);
            for _ in 0..due.saturating_sub(self.sent - before).min(AT_ONCE) {
                self.send_one(rate)?;
            }
            thread::sleep(Duration::from_micros(100));
        }
        Ok(())
    }

    fn send_one(&mut self, rate: u32) -> anyhow::Result<()> {
        let count = self.peers.len() as u64;
        let (peer, number) = (self.sent % count, self.sent / count);
        let Some((from, to)) = self.peers.get(peer as usize) else { return Ok(()) };
        let timestamp = self.sent * u64::from(CLOCK_RATE) / u64::from(rate);
        number_packet(&mut self.packet, number as u16, timestamp as u32);
        let from = in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: in_addr { s_addr: u32::from_ne_bytes(from.octets()) },
            ipi_addr: in_addr { s_addr: 0 },
        };
        let (fd, slices) = (self.socket.as_raw_fd(), [IoSlice::new(&self.packet)]);
        let from = [ControlMessage::Ipv4PacketInfo(&from)];
        sendmsg(fd, &slices, &from, MsgFlags::empty(), Some(to)).map_err(io::Error::from)?;
        self.sent += 1;
        Ok(())
    }
}

/// Where RFC 3550 §5.1 has them.
fn number_packet(packet: &mut [u8], sequence_number: u16, timestamp: u32) {
    let (number, clock) = (sequence_number.to_be_bytes(), timestamp.to_be_bytes());
    let fields = packet.iter_mut().skip(2).zip(number.into_iter().chain(clock));
    fields.for_each(|(byte, value)| *byte = value);
}

#[cfg(test)]
mod tests {
    use interceptor_core::packet::RtpPacket;

    use super::*;

    #[test]
    fn numbers_stand_where_receivers_look_for_them() {
        let mut packet = sent(&place(0, 0, start())).to_bytes().to_vec();
        number_packet(&mut packet, 0x1234, 0x5678_9abc);
        let packet = RtpPacket::parse(packet.into()).unwrap();
        assert_eq!((packet.sequence_number(), packet.timestamp()), (0x1234, 0x5678_9abc));
        assert_eq!(packet.payload().len(), crate::traffic::PAYLOAD_LEN);
    }

    #[test]
    fn each_peer_sends_to_its_own_target() {
        let (load, receivers) = (UdpSocket::bind("0.0.0.0:0").unwrap(), ["127.0.0.1:0"; 2]);
        let receivers = receivers.map(|at| UdpSocket::bind(at).unwrap());
        let from = crate::loopback::targets(load.local_addr().unwrap().port(), 2);
        let to: Vec<_> =
            receivers.iter().map(|to| to.local_addr().unwrap().to_string().parse().unwrap()).collect();
        let mut load = Load::new(&load, &from, &to);
        (0..4).for_each(|_| load.send_one(50).unwrap());
        for (receiver, from) in receivers.iter().zip(from) {
            let mut buffer = [0; 2000];
            for number in [0, 1] {
                let (len, at) = receiver.recv_from(&mut buffer).unwrap();
                assert_eq!(at, std::net::SocketAddr::V4(from));
                let packet = RtpPacket::parse(buffer[..len].to_vec().into()).unwrap();
                assert_eq!(packet.sequence_number(), number);
            }
        }
    }
}
