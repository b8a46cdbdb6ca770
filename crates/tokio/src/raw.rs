//! Datagrams of other protocols on the port of media, with where they came from.

use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use interceptor_packet::Kind;

use crate::error::SessionError;
use crate::reader::Reader;
use crate::shared::Shared;

/// A datagram that is neither RTP nor RTCP (STUN, DTLS: RFC 7983), or malformed RTP or RTCP, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawDatagram {
    /// Its bytes.
    pub bytes: Bytes,
    /// Where it came from, if the transport knows: `UdpTransport` and `UdpMux` do, a `Conn` does not. An answer goes there with
    /// [`Session::send_raw_to`](crate::Session::send_raw_to). The address of a UDP datagram proves nothing: anybody can write any
    /// address on it.
    pub from: Option<SocketAddr>,
    /// Which of several networks it came over ([`SessionBuilder::path`](crate::SessionBuilder::path)); 0 if there is one.
    pub path: u8,
    /// What it looks like by its first two bytes: [`Kind::Other`], or RTP or RTCP that is malformed.
    pub kind: Kind,
    /// It came from somebody who is not the peer (yet): STUN before a pair is nominated or from another path, or anybody's.
    /// Media of such is rejected; this is delivered so that a handshake can show who the peer is.
    pub stranger: bool,
}

impl RawDatagram {
    /// What a queue counts it for.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Reads datagrams that are neither RTP nor RTCP, as they came: STUN or DTLS on the same port (RFC 7983), and malformed
/// RTP and RTCP; each reader gets all of them. Up to [`raw_queue`](crate::SessionOptions::raw_queue) datagrams of the peer wait,
/// and apart from them up to [`stranger_queue`](crate::SessionOptions::stranger_queue) of whoever else sent to a transport
/// that is to find out who its peer is; the peer's are read first. Does not keep the session alive.
pub struct RawReceiver {
    peers: Reader<RawDatagram>,
    strangers: Reader<RawDatagram>,
}

impl RawReceiver {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            peers: Reader::new(Arc::clone(shared), |exits| &exits.raw),
            strangers: Reader::new(Arc::clone(shared), |exits| &exits.strangers),
        }
    }

    /// The next one.
    ///
    /// Cancel-safe: it is taken out only when the future is ready.
    ///
    /// # Errors
    /// The session has ended and everything queued has been read.
    pub async fn read(&mut self) -> Result<RawDatagram, SessionError> {
        tokio::task::coop::consume_budget().await;
        poll_fn(|cx| self.poll_next(cx)).await.ok_or_else(|| self.peers.end_error())
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Option<RawDatagram>> {
        let peers = self.peers.poll_next(cx);
        if matches!(peers, Poll::Ready(Some(_))) {
            return peers;
        }
        // Both end together.
        match self.strangers.poll_next(cx) {
            Poll::Ready(None) => peers,
            strangers => strangers,
        }
    }

    /// The next one, if it is there.
    #[must_use]
    pub fn try_read(&mut self) -> Option<RawDatagram> {
        self.peers.try_read().or_else(|| self.strangers.try_read())
    }

    /// How many of the peer's were dropped because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.peers.dropped()
    }

    /// How many of strangers were.
    #[must_use]
    pub fn dropped_strangers(&self) -> u64 {
        self.strangers.dropped()
    }
}

impl fmt::Debug for RawReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawReceiver").field("dropped", &self.dropped()).finish_non_exhaustive()
    }
}
