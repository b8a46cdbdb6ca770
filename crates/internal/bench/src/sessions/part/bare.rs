//! What stands beside sessions: sockets, and the same system calls.

use std::io::{self, BufRead as _, IoSlice};
use std::net::UdpSocket;
use std::os::fd::AsRawFd as _;
use std::thread;
use std::time::Instant;

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};

use super::frames::{INTERVAL, frame};
use super::set_up::connected;
use super::{Order, Ready, Teller};
use crate::loopback::targets;
use crate::process::resident_bytes;

/// Gives a frame to each socket.
#[expect(clippy::disallowed_methods, reason = "frames leave in real time")]
pub(super) fn fan_out(
    order: Order,
    send: impl Fn(&UdpSocket, &[Bytes]) -> io::Result<()>,
) -> anyhow::Result<()> {
    let sockets = targets(order.port, order.sessions).into_iter().map(connected);
    let sockets: Vec<_> = sockets.collect::<anyhow::Result<_>>()?;
    let mut teller = Teller::begin(&ready(Vec::new())?)?;
    let (mut frames, mut made, mut due) = (0, 0, Instant::now());
    for asked in io::stdin().lock().lines() {
        for _ in 0..asked?.parse::<u32>()? {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            due = Instant::now() + INTERVAL;
            let frame: Vec<Bytes> = frame(frames).iter().map(RtpPacket::to_bytes).collect();
            sockets.iter().try_for_each(|socket| send(socket, &frame))?;
            made += (frame.len() * sockets.len()) as u64;
            frames += 1;
        }
        teller.tell(|| (made, 0))?;
    }
    Ok(())
}

/// All packets, which have one length, in one system call.
pub(super) fn send_segmented(socket: &UdpSocket, frame: &[Bytes]) -> io::Result<()> {
    let slices: Vec<_> = frame.iter().map(|packet| IoSlice::new(packet)).collect();
    let segment = frame.first().and_then(|packet| u16::try_from(packet.len()).ok()).unwrap_or(0);
    let segments = [ControlMessage::UdpGsoSegments(&segment)];
    sendmsg::<()>(socket.as_raw_fd(), &slices, &segments, MsgFlags::empty(), None)?;
    Ok(())
}

/// A system call a packet.
pub(super) fn send_each(socket: &UdpSocket, frame: &[Bytes]) -> io::Result<()> {
    frame.iter().try_for_each(|packet| socket.send(packet).map(drop))
}

/// What who asks is known by, in the place of a socket.
const ASKED: u64 = u64::MAX;

/// Receives a packet from a socket that has one, and sends it by another, a system call each.
pub(super) fn forward(order: Order) -> anyhow::Result<()> {
    let pair = |to| anyhow::Ok((connected(to)?, connected(to)?));
    let pairs: Vec<_> =
        targets(order.port, order.sessions).into_iter().map(pair).collect::<Result<_, _>>()?;
    let (epoll, asked) = (Epoll::new(EpollCreateFlags::empty())?, io::stdin());
    epoll.add(&asked, EpollEvent::new(EpollFlags::EPOLLIN, ASKED))?;
    for (at, (from, _)) in (0..).zip(&pairs) {
        epoll.add(from, EpollEvent::new(EpollFlags::EPOLLIN, at))?;
    }
    let ports = pairs.iter().map(|(from, _)| from.local_addr().map(|at| at.port()));
    let mut teller = Teller::begin(&ready(ports.collect::<Result<_, _>>()?)?)?;
    let (mut events, mut buffer, mut line) = ([EpollEvent::empty(); 256], vec![0; 2048], String::new());
    loop {
        let count = epoll.wait(&mut events, EpollTimeout::NONE)?;
        for event in events.iter().take(count) {
            let Some((from, to)) = pairs.get(event.data() as usize) else {
                line.clear();
                if asked.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                teller.tell(|| (0, 0))?;
                continue;
            };
            let len = from.recv(&mut buffer)?;
            to.send(buffer.get(..len).unwrap_or_default())?;
        }
    }
}

fn ready(ports: Vec<u16>) -> anyhow::Result<Ready> {
    Ok(Ready { ports, resident_bytes: resident_bytes("self")?, heap_bytes: 0 })
}
