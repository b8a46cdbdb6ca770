//! Datagrams received and sent many in a system call, by a socket that waits.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::{SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd as _;

use nix::sys::socket::{ControlMessage, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmmsg};

/// Datagrams of a system call.
const MESSAGES: usize = 64;

/// The largest datagram that is forwarded here.
const LARGEST: usize = 2048;

/// Segments of a datagram: together they must not be larger than UDP carries.
const SEGMENTS: usize = 48;

/// Where datagrams land.
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    lens: Vec<usize>,
}

impl Inbox {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; MESSAGES * LARGEST], lens: Vec::with_capacity(MESSAGES) }
    }

    /// Takes all that there are, once there is one; returns how many.
    pub(crate) fn receive(&mut self, socket: &UdpSocket) -> io::Result<usize> {
        let mut slices: Vec<_> = self.bytes.chunks_mut(LARGEST).map(|slot| [IoSliceMut::new(slot)]).collect();
        let mut headers = MultiHeaders::<()>::preallocate(MESSAGES, None);
        let flags = MsgFlags::MSG_WAITFORONE;
        self.lens.clear();
        let received = recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), flags, None)?;
        self.lens.extend(received.map(|message| message.bytes));
        Ok(self.lens.len())
    }

    pub(crate) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        let slots = self.bytes.chunks(LARGEST).zip(&self.lens);
        slots.map(|(slot, len)| slot.get(..*len).unwrap_or_default())
    }
}

/// Sends datagrams to everybody: those of one length as one, to all in one call.
pub(crate) fn send(socket: &UdpSocket, inbox: &Inbox, to: &[SocketAddrV4]) -> io::Result<()> {
    let datagrams: Vec<IoSlice<'_>> = inbox.datagrams().map(IoSlice::new).collect();
    for run in datagrams.chunk_by(|a, b| a.len() == b.len()) {
        for run in run.chunks(SEGMENTS) {
            send_run(socket, run, to)?;
        }
    }
    Ok(())
}

fn send_run(socket: &UdpSocket, run: &[IoSlice<'_>], to: &[SocketAddrV4]) -> io::Result<()> {
    let segment = run.first().and_then(|first| u16::try_from(first.len()).ok()).unwrap_or(0);
    let segments = [ControlMessage::UdpGsoSegments(&segment)];
    let (messages, space): (&[ControlMessage<'_>], _) = match run {
        [_] => (&[], None),
        _ => (&segments, Some(nix::cmsg_space!(u16))),
    };
    let (flags, fd) = (MsgFlags::empty(), socket.as_raw_fd());
    // A system call takes 1024 at most.
    for to in to.chunks(1024) {
        let to: Vec<_> = to.iter().map(|to| Some(SockaddrIn::from(*to))).collect();
        let mut headers = MultiHeaders::preallocate(to.len(), space.clone());
        sendmmsg(fd, &mut headers, std::iter::repeat_n(&run, to.len()), &to, messages, flags)?;
    }
    Ok(())
}
