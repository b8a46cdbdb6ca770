//! Whom a socket talks to that learns its peer from what comes.

mod options;

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_packet::{Kind, classify};

use crate::lock::Lock;
use crate::shared::now;
pub use options::LatchOptions;

/// Streams that may become the peer's, with the first packet of each.
const MAX_CLAIMS: usize = 64;

/// Bytes of these packets.
const MAX_HELD_BYTES: usize = 256 << 10;

/// How long a claim stands before it makes room for others: media of two packets a second makes it good by then.
const PROTECTED: Duration = Duration::from_millis(500);

/// The peer of a [latching](crate::UdpTransport::latching) transport, to look at and to let go of while a session has the
/// transport. Cheap to clone.
#[derive(Clone)]
pub struct Latch {
    options: LatchOptions,
    state: Arc<Lock<State>>,
    /// Must agree before a peer is named; `None`: nobody has to.
    gate: Option<Gate>,
}

/// Says whether an address may be the peer, and has it named before anybody else can take it.
pub(super) type Gate = Arc<dyn Fn(SocketAddr, &dyn Fn()) -> Result<(), PeerError> + Send + Sync>;

/// Why an address was not made the peer. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// It belongs to another session of the same `UdpMux`.
    #[error("the address is another session's")]
    Taken,
    /// The session has ended, or has not begun.
    #[error("the session has ended")]
    Ended,
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
    /// It is somebody else's, but of a protocol that may show who the peer is.
    Stranger,
    /// It is somebody else's.
    Rejected,
}

impl Latch {
    pub(super) fn new(options: LatchOptions) -> Self {
        Self { options, state: Arc::default(), gate: None }
    }

    /// One whose every named peer `gate` must agree to.
    pub(super) fn gated(options: LatchOptions, gate: Gate) -> Self {
        Self { gate: Some(gate), ..Self::new(options) }
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

    /// Lets go of the peer if it is at this address.
    pub(super) fn let_go_of(&self, address: SocketAddr) {
        let mut state = self.state.lock();
        state.peer = state.peer.filter(|peer| !same(*peer, address));
    }

    /// Names the peer, now and whenever it moves to another address: what is sent goes there from the next datagram on, and media
    /// of no other address is taken. Nobody else takes its place by what it sends, unless
    /// [`relatch_after`](LatchOptions::relatch_after) lets one after a silence. [`LatchOptions::host`] does not bind this.
    ///
    /// # Security
    /// Whoever is named gets the media, and what it sends is believed to be the peer's. An address that a datagram
    /// [came from](crate::RawDatagram::from) proves nothing: anybody can write any address on it, also a victim's, who would then
    /// be flooded by this end. Before this is called, all of this must have been verified:
    /// - a STUN binding request (RFC 8489) that came from that address has a `USERNAME` with this end's ufrag and a
    ///   `MESSAGE-INTEGRITY` that is right for this end's password (RFC 8445 §7.3), and its `FINGERPRINT` is right;
    /// - the pair is nominated: the request has `USE-CANDIDATE`, if the peer is the controlling end (RFC 8445 §7.3.1.5); an end that
    ///   checks pairs itself has had the answer to a request of its own with that transaction id from that address;
    /// - for a later change of address, the same of the new one: a request with right `MESSAGE-INTEGRITY`, nominated again
    ///   (RFC 8445 §9, RFC 7675 for consent: without answers for 30 s sending should stop). Media or RTCP from a new address
    ///   is no reason, even when SRTP decrypts it: a datagram of the peer that was held back can be sent again from anywhere.
    ///
    /// That shows who wrote the request, not that it was sent from there, nor that it is new. A peer that is itself hostile can have
    /// its media sent to a victim whose address it writes on a request of its own, and whoever has recorded a request that nominates
    /// can send it again from elsewhere and take the peer's place. An end that only answers (ICE lite) cannot know better: where peers
    /// or the network are not trusted, a request of one's own to that address, with a transaction id that nobody can guess, must have
    /// been answered from there first (RFC 7675).
    ///
    /// Without ICE the address has to come from signalling that is authenticated.
    ///
    /// # Errors
    /// Only of a `UdpMux`: the address is another session's, or the session has ended; nothing has changed then.
    pub fn set_peer(&self, peer: SocketAddr) -> Result<(), PeerError> {
        let name = || {
            let mut state = self.state.lock();
            (state.peer, state.heard) = (Some(peer), Some(now()));
        };
        if let Some(gate) = &self.gate {
            return gate(peer, &name);
        }
        name();
        Ok(())
    }

    /// [`hear`](Self::hear), of an address that has been said to be the session's: no proof by two packets is wanted.
    pub(super) fn hear_member(&self, from: SocketAddr, datagram: &[u8], now: Instant) -> Verdict {
        let mut state = self.state.lock();
        if state.peer.is_some_and(|peer| same(peer, from)) {
            state.heard = Some(now);
            return Verdict::Taken;
        }
        if !self.believes(from) {
            return Verdict::Rejected;
        }
        if !self.options.told && state.may_latch(self.options.relatch_after, now) {
            (state.peer, state.heard) = (Some(from), Some(now));
            return Verdict::Taken;
        }
        if is_handshake(datagram) { Verdict::Stranger } else { Verdict::Rejected }
    }

    fn believes(&self, from: SocketAddr) -> bool {
        self.options.host.is_none_or(|host| host.to_canonical() == from.ip().to_canonical())
    }

    pub(super) fn hear(&self, from: SocketAddr, datagram: &[u8], now: Instant) -> Verdict {
        let mut state = self.state.lock();
        if state.peer.is_some_and(|peer| same(peer, from)) {
            state.heard = Some(now);
            if !state.claims.is_empty() {
                // It was silent, and is back: nobody takes its place. Or it was named while a packet of it was kept.
                let mine = state.claims.iter().position(|claim| same(claim.from, from));
                let first = mine.map(|place| state.claims.swap_remove(place).first).unwrap_or_default();
                return Verdict::TakenAfter(first, state.drop_claims());
            }
            return Verdict::Taken;
        }
        let believed = self.believes(from);
        if believed && is_handshake(datagram) {
            return Verdict::Stranger;
        }
        if !believed || self.options.told || !state.may_latch(self.options.relatch_after, now) {
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

/// Is it STUN, ZRTP, DTLS or TURN channel data, by its first byte (RFC 7983 §7)?
pub(super) const fn is_handshake(datagram: &[u8]) -> bool {
    matches!(datagram, [0..=3 | 16..=79, ..])
}

/// Scope and flow label of an IPv6 address differ from datagram to datagram.
pub(super) fn same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical()
}

#[cfg(test)]
mod tests;
