//! One UDP socket for many sessions.

mod counters;
mod demux;
mod halves;
mod hub;
mod keys;
mod options;
mod table;

use std::fmt;
use std::hash::Hash;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use interceptor_core::OptionsError;
use interceptor_token_bucket::Rate;
use tokio::net::UdpSocket;
use tokio::runtime::Handle;

use super::latch::LatchOptions;
use super::udp::BatchSocket;
use crate::lock::Lock;
pub use counters::MuxCounters;
use demux::Demux;
pub use halves::{MuxReceiver, MuxSender, MuxTransport};
use hub::Hub;
use keys::Keys;
pub use options::MuxOptions;

/// One UDP socket for many sessions, told apart by the addresses of their peers.
///
/// A datagram of an address that belongs to a session goes to that session. For all others the callback is asked, with the datagram
/// and its source: it names the session, by the ufrag in a STUN `USERNAME` as a rule, and the address belongs to that session from
/// then on. Several may belong to one: the pairs that ICE checks, a phone that changes its network. For a STUN binding request of an
/// address that belongs to a session already the callback is asked as well, so that a peer may come back for another session
/// from the port that it had: only so does an address go from one session to another.
///
/// Among its addresses a session has one peer: media goes there and is taken from there alone. The peer is the first address that
/// is named, or who [`Latch::set_peer`](crate::Latch::set_peer) says ([`LatchOptions::told`], right for ICE). STUN and DTLS of the others
/// are given to [`RawReceiver`](crate::RawReceiver) as [strangers'](crate::RawDatagram::stranger).
///
/// # Security
/// The callback's word decides who may talk to a session. A ufrag is no secret: whoever has seen one STUN request can send others, with
/// any source address on them. Without [`LatchOptions::told`] the first address gets the session's media, so the callback must
/// verify the request (`MESSAGE-INTEGRITY`, RFC 8445 §7.3) before it names the session; and in any case before it names
/// one for an address that may belong to another, or that other loses its peer. What must be verified before a peer is named
/// stands at [`Latch::set_peer`](crate::Latch::set_peer).
///
/// A request that is verified shows who wrote it, not that it came from where it says: whoever has a session here can write the
/// address of another's peer on a request for its own, and that other loses its peer until it is named again. Where
/// addresses can be made up on the way here, a callback that knows who has an address must not name another session for it.
///
/// Dropped with all its transports it closes the socket; sessions go on without it.
pub struct UdpMux<K> {
    alive: Arc<Alive>,
    keys: Arc<Lock<Keys<K>>>,
}

/// Somebody may use the mux: its handle, or a session.
pub(super) struct Alive {
    hub: Arc<Hub>,
}

impl Drop for Alive {
    fn drop(&mut self) {
        // Relaxed: the notification orders it.
        self.hub.stopped.store(true, Relaxed);
        self.hub.notify.notify_one();
    }
}

/// Why a mux did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MuxError {
    /// An option lies outside its range.
    #[error(transparent)]
    Options(#[from] OptionsError),
    /// The socket cannot be used: an option that batching needs cannot be set, or no randomness for the table's seed.
    #[error("the socket cannot be shared: {0}")]
    Socket(#[from] io::Error),
    /// Not called from within a tokio runtime.
    #[error("a mux needs a tokio runtime around it")]
    NoRuntime,
}

/// A session of the mux has this key already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a session has this key already")]
pub struct KeyTaken;

impl<K: Clone + Eq + Hash + Send + 'static> UdpMux<K> {
    /// Shares a socket that is bound and not connected. `on_unknown` names the session that a datagram is for by its key; `None`: nobody's,
    /// it is dropped and counted. It runs on the mux's task, between datagrams of all sessions: it must be quick and not wait. One
    /// that panics has named nobody.
    ///
    /// # Errors
    /// An option outside its range, a socket that cannot be shared, no runtime.
    pub fn new(
        socket: UdpSocket,
        options: MuxOptions,
        mut on_unknown: impl FnMut(&Bytes, SocketAddr) -> Option<K> + Send + 'static,
    ) -> Result<Self, MuxError> {
        options.validate()?;
        let runtime = Handle::try_current().map_err(|_| MuxError::NoRuntime)?;
        let seed = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
        // In range, as the options are.
        let rate = Rate::per_second(options.unknown_per_second.into()).map_err(io::Error::other)?;
        let hub = Arc::new(Hub::new(BatchSocket::new(socket)?, options, seed));
        let keys = Arc::new(Lock::new(Keys::new()));
        let names = Arc::clone(&keys);
        let name = Box::new(move |bytes: &Bytes, from| {
            let key = on_unknown(bytes, from)?;
            names.lock().session(&key)
        });
        runtime.spawn(Demux::new(Arc::clone(&hub), name, rate).run());
        Ok(Self { alive: Arc::new(Alive { hub }), keys })
    }

    /// The transport of one more session, which the callback names by `key`. Of `peer` all options count, but one datagram of an
    /// address that the callback has named is enough to make it the peer, where the options let anybody become it by sending.
    ///
    /// # Errors
    /// A session has that key.
    pub fn transport(&self, key: K, peer: LatchOptions) -> Result<MuxTransport, KeyTaken> {
        let mut keys = self.keys.lock();
        if keys.session(&key).is_some() {
            return Err(KeyTaken);
        }
        let port = self.alive.hub.open(peer);
        let id = port.id;
        keys.insert(key, id);
        drop(keys);
        let keys = Arc::clone(&self.keys);
        let forget = Box::new(move || keys.lock().remove(id));
        Ok(MuxTransport::new(Arc::clone(&self.alive), port, forget))
    }

    /// Lets another key name the session as well: a new ufrag after an ICE restart (RFC 8445 §9). `false`: no session has `key`.
    ///
    /// # Errors
    /// A session has `other`.
    pub fn alias(&self, key: &K, other: K) -> Result<bool, KeyTaken> {
        let mut keys = self.keys.lock();
        let Some(session) = keys.session(key) else { return Ok(false) };
        if keys.session(&other).is_some() {
            return Err(KeyTaken);
        }
        keys.insert(other, session);
        Ok(true)
    }
}

impl<K> UdpMux<K> {
    /// Where the socket is bound.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.alive.hub.socket.local_addr()
    }

    /// What has been counted so far.
    #[must_use]
    pub fn counters(&self) -> MuxCounters {
        self.alive.hub.counters()
    }
}

impl<K> Clone for UdpMux<K> {
    fn clone(&self) -> Self {
        Self { alive: Arc::clone(&self.alive), keys: Arc::clone(&self.keys) }
    }
}

impl<K> fmt::Debug for UdpMux<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpMux").field("local_addr", &self.local_addr().ok()).finish_non_exhaustive()
    }
}
