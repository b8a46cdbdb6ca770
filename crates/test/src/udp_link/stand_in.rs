//! Sockets that stand for the addresses of one end at the other.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::UdpSocket;
use tokio::task::AbortHandle;

use super::carrier::{Parcel, Shared};
use crate::Side;

/// The largest datagram that UDP can carry.
const MAX_DATAGRAM_BYTES: usize = 65_535;

/// A socket of the link. What comes in there is for `real`.
#[derive(Clone, Debug)]
pub(super) struct StandIn {
    pub(super) side: Side,
    pub(super) real: SocketAddr,
    pub(super) address: SocketAddr,
    pub(super) socket: Arc<UdpSocket>,
    pub(super) receiver: AbortHandle,
}

/// The one for this address of this side; made if there is none.
pub(super) fn of(shared: &Arc<Shared>, side: Side, real: SocketAddr) -> io::Result<StandIn> {
    let mut state = shared.lock();
    if let Some(known) = state.stand_ins.iter().find(|known| known.side == side && known.real == real) {
        return Ok(known.clone());
    }
    if state.closed || state.stand_ins.len() >= shared.max_addresses {
        return Err(io::Error::other("there are as many addresses as a link may have, or it has ended"));
    }
    // The same interface, so that the other end reaches it as it would reach the real one.
    let socket = std::net::UdpSocket::bind((real.ip(), 0))?;
    socket.set_nonblocking(true)?;
    let socket = Arc::new(UdpSocket::from_std(socket)?);
    let address = socket.local_addr()?;
    let receiver = tokio::spawn(receive(Arc::clone(shared), Arc::clone(&socket), side, real)).abort_handle();
    let made = StandIn { side, real, address, socket, receiver };
    state.stand_ins.push(made.clone());
    Ok(made)
}

/// Puts what the other end sends to this stand-in into the link.
async fn receive(shared: Arc<Shared>, socket: Arc<UdpSocket>, side: Side, real: SocketAddr) {
    let mut buffer = vec![0; MAX_DATAGRAM_BYTES];
    loop {
        // An ICMP answer to something that was sent from here: nobody listens there, which is not the link's business.
        let Ok((len, from)) = socket.recv_from(&mut buffer).await else { continue };
        let bytes = Bytes::copy_from_slice(buffer.get(..len).unwrap_or_default());
        let sender = side.other();
        match of(&shared, sender, from) {
            Ok(stand_in) => shared.offer(sender, Parcel { bytes, to: real, by: stand_in.socket }),
            Err(_) => shared.refuse(),
        }
    }
}
