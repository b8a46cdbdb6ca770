//! Hosts that would be the source, and what they have sent until one has shown that it sends media.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use interceptor_packet::Kind;

/// Hosts that may try at a time.
const MAX_HOSTS: usize = 256;

/// How long a host may try before it makes room for others: media of two packets a second does.
const PROTECTED: Duration = Duration::from_millis(500);

/// Streams of a host that are looked at at a time.
const MAX_STREAMS: usize = 64;

/// Datagrams kept of all hosts, and their bytes: a key frame, or the first packets of as many streams.
const MAX_HELD: usize = 256;
const MAX_HELD_BYTES: usize = 512 << 10;

/// RTCP of a host that sends no media yet: only the newest is news.
const MAX_HELD_RTCP: usize = 2;

/// What a host has sent before it was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) from: SocketAddr,
    pub(super) kind: Kind,
    pub(super) datagram: Bytes,
}

/// Claims on the source's place. Two RTP packets of one stream in sequence make one good (RFC 3550 A.1); RTCP makes none,
/// which costs whoever is in the way eight bytes.
#[derive(Debug, Default)]
pub(super) struct Claims {
    hosts: Vec<Claim>,
    held: usize,
    bytes: usize,
    /// Hosts that found no room: who is looked at for the next.
    refused: usize,
}

#[derive(Debug)]
struct Claim {
    host: IpAddr,
    since: Instant,
    streams: Vec<Stream>,
    /// Streams that found no room: who is looked at for the next.
    refused: usize,
    held: Vec<Held>,
}

/// A stream that has not shown a second packet yet.
#[derive(Debug)]
struct Stream {
    ssrc: u32,
    since: Instant,
    next: u16,
}

/// What became of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ruling {
    /// It makes the host's claim good. All that was kept of it, in order; this one is not among it.
    Good(Vec<Held>),
    /// It is kept.
    Held,
    /// It is dropped.
    Refused,
}

impl Claims {
    /// Datagrams kept.
    pub(super) const fn held(&self) -> usize {
        self.held
    }

    /// A datagram of a host that is not believed yet. Whose datagrams are dropped for it is told to `dropped`.
    pub(super) fn hear(
        &mut self,
        from: SocketAddr,
        kind: Kind,
        datagram: &[u8],
        now: Instant,
        mut dropped: impl FnMut(IpAddr),
    ) -> Ruling {
        let host = from.ip().to_canonical();
        let place = match self.hosts.iter().position(|claim| claim.host == host) {
            Some(place) => place,
            None if self.make_room(now, &mut dropped) => {
                self.hosts.push(Claim::new(host, now));
                self.hosts.len() - 1
            }
            None => return Ruling::Refused,
        };
        let Some(claim) = self.hosts.get_mut(place) else { return Ruling::Refused };
        if kind == Kind::Rtp && claim.is_proven_by(datagram, now) {
            return Ruling::Good(self.remove(place).held);
        }
        if kind == Kind::Rtcp
            && let Some(oldest) = claim.superseded_rtcp()
        {
            dropped(host);
            let datagram = claim.held.remove(oldest).datagram;
            (self.held, self.bytes) = (self.held - 1, self.bytes - datagram.len());
        }
        if self.held >= MAX_HELD || self.bytes + datagram.len() > MAX_HELD_BYTES {
            return Ruling::Refused;
        }
        (self.held, self.bytes) = (self.held + 1, self.bytes + datagram.len());
        claim.held.push(Held { from, kind, datagram: Bytes::copy_from_slice(datagram) });
        Ruling::Held
    }

    /// Somebody's claim is good: forgets all others.
    pub(super) fn dismiss(&mut self, mut dropped: impl FnMut(IpAddr)) {
        for claim in std::mem::take(self).hosts {
            claim.held.iter().for_each(|_| dropped(claim.host));
        }
    }

    /// One of the hosts makes room if it has had its time. Not the oldest: then places would be free at the same moments again
    /// and again, and media, which comes at the same intervals, might never hit them.
    fn make_room(&mut self, now: Instant, dropped: &mut impl FnMut(IpAddr)) -> bool {
        if self.hosts.len() < MAX_HOSTS {
            return true;
        }
        self.refused = self.refused.wrapping_add(1);
        let place = by_chance(self.refused, MAX_HOSTS);
        let has_had = |claim: &Claim| has_had_its_time(claim.since, now);
        if !self.hosts.get(place).is_some_and(has_had) {
            return false;
        }
        let claim = self.remove(place);
        claim.held.iter().for_each(|_| dropped(claim.host));
        true
    }

    fn remove(&mut self, place: usize) -> Claim {
        let claim = self.hosts.swap_remove(place);
        self.held -= claim.held.len();
        self.bytes -= claim.held.iter().map(|held| held.datagram.len()).sum::<usize>();
        claim
    }
}

/// Multiplied by a large odd number (Fibonacci hashing) a count goes through all places as if by chance.
const fn by_chance(count: usize, places: usize) -> usize {
    (count.wrapping_mul(0x9e37_79b1) >> 16) % places
}

fn has_had_its_time(since: Instant, now: Instant) -> bool {
    now.saturating_duration_since(since) >= PROTECTED
}

impl Claim {
    const fn new(host: IpAddr, now: Instant) -> Self {
        Self { host, since: now, streams: Vec::new(), refused: 0, held: Vec::new() }
    }

    fn is_proven_by(&mut self, datagram: &[u8], now: Instant) -> bool {
        let [_, _, s0, s1, _, _, _, _, a, b, c, d, ..] = *datagram else { return false };
        let (ssrc, seq) = (u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([s0, s1]));
        let next = seq.wrapping_add(1);
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) {
            return std::mem::replace(&mut stream.next, next) == seq;
        }
        let stream = Stream { ssrc, since: now, next };
        if self.streams.len() < MAX_STREAMS {
            self.streams.push(stream);
            return false;
        }
        self.refused = self.refused.wrapping_add(1);
        let place = self.streams.get_mut(by_chance(self.refused, MAX_STREAMS));
        if let Some(place) = place.filter(|place| has_had_its_time(place.since, now)) {
            *place = stream;
        }
        false
    }

    /// The place of the RTCP that goes for a newer one.
    fn superseded_rtcp(&self) -> Option<usize> {
        let is_rtcp = |held: &&Held| held.kind == Kind::Rtcp;
        let full = self.held.iter().filter(is_rtcp).count() >= MAX_HELD_RTCP;
        full.then(|| self.held.iter().position(|held| held.kind == Kind::Rtcp)).flatten()
    }
}
