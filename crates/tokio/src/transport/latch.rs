//! Whom a socket talks to that learns its peer from what comes.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_packet::{Kind, classify};

use crate::lock::Lock;

/// Streams that may become the peer's, with the first packet of each.
const MAX_CLAIMS: usize = 64;

/// Bytes of these packets.
const MAX_HELD_BYTES: usize = 256 << 10;

/// How long a claim stands before it makes room for others: media of two packets a second makes it good by then.
const PROTECTED: Duration = Duration::from_millis(500);

/// Whom a [latching](crate::UdpTransport::latching) transport takes for its peer.
///
/// ```
/// use std::time::Duration;
/// use interceptor_tokio::LatchOptions;
/// // One host, on whatever port its NAT gives it, and again after a pause of ten seconds.
/// let options = LatchOptions::default()
///     .with_host("192.0.2.7".parse()?)
///     .with_relatch_after(Duration::from_secs(10));
/// # assert_eq!(options.relatch_after, Some(Duration::from_secs(10)));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LatchOptions {
    /// The only host that is believed, on any port: what signalling says of the peer. Default `None`: any host.
    pub host: Option<IpAddr>,
    /// How long the peer must be silent before another address may take its place. Default `None`: for ever, but for
    /// [`Latch::relatch`]. A peer that moves to another port or network is heard again only so.
    pub relatch_after: Option<Duration>,
}

impl LatchOptions {
    /// The only host that is believed.
    #[must_use]
    pub const fn with_host(mut self, host: IpAddr) -> Self {
        self.host = Some(host);
        self
    }

    /// How long the peer must be silent before another address may take its place.
    #[must_use]
    pub const fn with_relatch_after(mut self, silence: Duration) -> Self {
        self.relatch_after = Some(silence);
        self
    }
}

/// The peer of a [latching](crate::UdpTransport::latching) transport, to look at and to let go of while a session has the
/// transport. Cheap to clone.
#[derive(Clone)]
pub struct Latch {
    options: LatchOptions,
    state: Arc<Lock<State>>,
}

#[derive(Debug, Default)]
struct State {
    peer: Option<SocketAddr>,
    heard: Option<Instant>,
    claims: Vec<Claim>,
    held_bytes: usize,
    /// Claims that found no room: which one is looked at for the next.
    refused: usize,
}

/// A stream of which one packet has come. The next in sequence makes its sender the peer (RFC 3550 A.1).
#[derive(Debug)]
struct Claim {
    from: SocketAddr,
    ssrc: u32,
    next: u16,
    since: Instant,
    first: Bytes,
}

/// What becomes of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is the peer's.
    Taken,
    /// It is the peer's, or makes its sender the peer: this packet, unless it is empty, was kept of it and goes before. So many of
    /// others are dropped.
    TakenAfter(Bytes, usize),
    /// It is kept until the next one comes. So many older ones are dropped.
    Kept(usize),
    /// It is somebody else's.
    Rejected,
}

impl Latch {
    pub(super) fn new(options: LatchOptions) -> Self {
        Self { options, state: Arc::new(Lock::new(State::default())) }
    }

    /// The peer; `None` while nobody has shown to be it.
    #[must_use]
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        self.state.lock().peer
    }

    /// Lets go of the peer: whoever sends RTP in sequence next, from the host that is believed, is the new one. For a peer that
    /// signalling says has moved.
    pub fn relatch(&self) {
        self.state.lock().peer = None;
    }

    pub(super) fn hear(&self, from: SocketAddr, datagram: &[u8], now: Instant) -> Verdict {
        let mut state = self.state.lock();
        if state.peer.is_some_and(|peer| same(peer, from)) {
            state.heard = Some(now);
            if !state.claims.is_empty() {
                // It was silent, and is back: nobody takes its place.
                return Verdict::TakenAfter(Bytes::new(), state.drop_claims());
            }
            return Verdict::Taken;
        }
        let believed = self.options.host.is_none_or(|host| host.to_canonical() == from.ip().to_canonical());
        if !believed || !state.may_latch(self.options.relatch_after, now) {
            return Verdict::Rejected;
        }
        // RTCP takes eight bytes to make up, and would claim a place for whoever does.
        let [_, _, s0, s1, _, _, _, _, a, b, c, d, ..] = *datagram else { return Verdict::Rejected };
        if classify(datagram) != Kind::Rtp {
            return Verdict::Rejected;
        }
        let (ssrc, seq) = (u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([s0, s1]));
        state
            .claim(Claim { from, ssrc, next: seq.wrapping_add(1), since: now, first: Bytes::new() }, datagram)
    }
}

impl State {
    fn may_latch(&self, relatch_after: Option<Duration>, now: Instant) -> bool {
        let silent = |at| relatch_after.is_some_and(|limit| now.saturating_duration_since(at) >= limit);
        self.peer.is_none() || self.heard.is_none_or(silent)
    }

    fn claim(&mut self, mut new: Claim, datagram: &[u8]) -> Verdict {
        let known = self.claims.iter().position(|claim| same(claim.from, new.from) && claim.ssrc == new.ssrc);
        if let Some(place) = known {
            let seq = new.next.wrapping_sub(1);
            if self.claims.get(place).is_some_and(|claim| claim.next == seq) {
                (self.peer, self.heard) = (Some(new.from), Some(new.since));
                let first = self.claims.swap_remove(place).first;
                return Verdict::TakenAfter(first, self.drop_claims());
            }
            if let Some(claim) = self.claims.get_mut(place) {
                // Only the newest packet can be the first of two in sequence.
                claim.next = new.next;
                self.held_bytes -= claim.first.len();
                let dropped = usize::from(!std::mem::take(&mut claim.first).is_empty());
                return self.keep(place, datagram, dropped);
            }
        }
        if self.claims.len() < MAX_CLAIMS {
            self.claims.push(new);
            return self.keep(self.claims.len() - 1, datagram, 0);
        }
        self.refused = self.refused.wrapping_add(1);
        // Multiplied by a large odd number (Fibonacci hashing) a count goes through all places as if by chance: those that were
        // free at the same moments again and again might never be hit by media, which comes at the same intervals.
        let place = (self.refused.wrapping_mul(0x9e37_79b1) >> 16) % MAX_CLAIMS;
        let Some(old) = self.claims.get_mut(place) else { return Verdict::Rejected };
        if new.since.saturating_duration_since(old.since) < PROTECTED {
            return Verdict::Rejected;
        }
        std::mem::swap(old, &mut new);
        self.held_bytes -= new.first.len();
        self.keep(place, datagram, usize::from(!new.first.is_empty()))
    }

    /// Tells how many packets that were.
    fn drop_claims(&mut self) -> usize {
        self.held_bytes = 0;
        std::mem::take(&mut self.claims).iter().filter(|claim| !claim.first.is_empty()).count()
    }

    /// Keeps a packet if there is room; its sender may be the peer in any case.
    fn keep(&mut self, place: usize, datagram: &[u8], dropped: usize) -> Verdict {
        match self.claims.get_mut(place) {
            Some(claim) if self.held_bytes + datagram.len() <= MAX_HELD_BYTES => {
                self.held_bytes += datagram.len();
                claim.first = Bytes::copy_from_slice(datagram);
                Verdict::Kept(dropped)
            }
            // It is the one that is dropped.
            _ => Verdict::Kept(dropped + 1),
        }
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch").field("options", &self.options).field("peer", &self.peer_addr()).finish()
    }
}

/// Scope and flow label of an IPv6 address differ from datagram to datagram.
pub(super) fn same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical()
}

#[cfg(test)]
#[path = "latch_tests.rs"]
mod tests;
