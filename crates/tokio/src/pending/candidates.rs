//! SSRCs on probation (RFC 3550 A.1): not yet shown to be a stream's by packets in sequence.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use foldhash::fast::FixedState;
use interceptor_packet::RtpPacket;

/// How long an SSRC may take to prove itself before it makes room for others: media of two packets a second does.
pub(super) const PROTECTED: Duration = Duration::from_millis(500);

/// A bounded number of candidates. When there is no room, one picked by chance goes if it has had its time, else whoever comes
/// is refused. Under a flood of made-up SSRCs that leaves everybody the same chance of a place, and who has one keeps it for
/// long enough to be proven. If the newest always got a place none would have it when its second packet comes; if the oldest
/// went, places would be free at the same moments again and again, and media, which comes at the same intervals, might never hit them.
#[derive(Debug)]
pub(super) struct Candidates {
    /// Places in `all`, by SSRC.
    places: HashMap<u32, usize, FixedState>,
    all: Vec<Candidate>,
    /// Of all that is kept.
    bytes: usize,
    packets: usize,
    limits: CandidateLimits,
    chance: Chance,
    /// Whose packets go next when there are too many.
    hand: usize,
}

/// A linear congruential generator (Knuth's): it need not be hard to guess.
#[derive(Debug)]
struct Chance(u64);

impl Chance {
    const fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct CandidateLimits {
    /// Packets in sequence that prove an SSRC.
    pub(super) in_sequence: u16,
    pub(super) streams: usize,
    /// Packets kept of each.
    pub(super) packets: usize,
    /// Bytes kept of all.
    pub(super) bytes: usize,
}

#[derive(Debug)]
struct Candidate {
    ssrc: u32,
    since: Instant,
    next: u16,
    /// Packets in sequence so far.
    run: u16,
    packets: VecDeque<RtpPacket>,
}

/// What became of a packet.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// It proves its SSRC, of which this was kept; the packet itself is not among them.
    pub(super) proven: Option<VecDeque<RtpPacket>>,
    /// Packets that had to go: older ones, or this one.
    pub(super) dropped: usize,
    /// The packet, if it was neither kept nor dropped.
    pub(super) packet: Option<RtpPacket>,
}

impl Candidates {
    /// SSRCs come off the wire: a peer that knew the hash's seed could make them collide.
    pub(super) fn new(limits: CandidateLimits, seed: u64) -> Self {
        let places = HashMap::with_hasher(FixedState::with_seed(seed));
        Self { places, all: Vec::new(), bytes: 0, packets: 0, limits, chance: Chance(seed), hand: 0 }
    }

    /// Bytes kept.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets kept.
    pub(super) const fn packets(&self) -> usize {
        self.packets
    }

    /// A packet of an SSRC that is not proven, and is not before it has gone on for `least`. At most `bytes` may be kept of all.
    pub(super) fn hear(&mut self, packet: RtpPacket, now: Instant, least: Duration, bytes: usize) -> Heard {
        let (ssrc, seq) = (packet.ssrc(), packet.sequence_number());
        let known = self.places.get(&ssrc).copied();
        let (run, age) = match known.and_then(|place| self.all.get_mut(place)) {
            Some(candidate) => (candidate.hear(seq), now.saturating_duration_since(candidate.since)),
            None => (1, Duration::ZERO),
        };
        if run >= self.limits.in_sequence && age >= least {
            return Heard { proven: Some(self.remove(ssrc)), packet: Some(packet), dropped: 0 };
        }
        let mut dropped = 0;
        if known.is_none() {
            match self.make_room(now) {
                Some(packets) => dropped += packets,
                None => return Heard { dropped: 1, ..Heard::default() },
            }
            let next = seq.wrapping_add(1);
            self.places.insert(ssrc, self.all.len());
            self.all.push(Candidate { ssrc, since: now, next, run, packets: VecDeque::new() });
        }
        dropped += self.keep(packet, bytes.min(self.limits.bytes));
        Heard { dropped, ..Heard::default() }
    }

    /// Takes what is kept of an SSRC.
    pub(super) fn remove(&mut self, ssrc: u32) -> VecDeque<RtpPacket> {
        let Some(place) = self.places.remove(&ssrc) else { return VecDeque::new() };
        let packets = self.all.swap_remove(place).packets;
        if let Some(moved) = self.all.get(place) {
            self.places.insert(moved.ssrc, place);
        }
        if self.all.is_empty() {
            // What a flood has taken is given back.
            (self.all, self.hand) = (Vec::new(), 0);
            self.places.shrink_to_fit();
        }
        self.packets -= packets.len();
        self.bytes -= packets.iter().map(RtpPacket::total_len).sum::<usize>();
        packets
    }

    /// Forgets everything; tells how many packets were kept.
    pub(super) fn clear(&mut self) -> usize {
        let packets = self.packets;
        self.places.clear();
        self.places.shrink_to_fit();
        (self.all, self.bytes, self.packets, self.hand) = (Vec::new(), 0, 0, 0);
        packets
    }

    /// Lets go of packets, of one SSRC after the other, until at most `bytes` are kept; tells how many. The SSRCs may still be
    /// proven.
    pub(super) fn cut_to(&mut self, bytes: usize) -> usize {
        let before = self.packets;
        while self.bytes > bytes && !self.all.is_empty() {
            self.hand = (self.hand + 1) % self.all.len();
            let Some(candidate) = self.all.get_mut(self.hand) else { break };
            for packet in candidate.packets.drain(..) {
                self.packets -= 1;
                self.bytes -= packet.total_len();
            }
        }
        before - self.packets
    }

    /// Keeps a packet of a candidate; tells how many had to go for it.
    fn keep(&mut self, packet: RtpPacket, most: usize) -> usize {
        let len = packet.total_len();
        if len > most {
            return 1;
        }
        let mut dropped = self.cut_to(most - len);
        let place = self.places.get(&packet.ssrc()).copied();
        let Some(candidate) = place.and_then(|place| self.all.get_mut(place)) else { return dropped + 1 };
        if candidate.packets.len() >= self.limits.packets
            && let Some(oldest) = candidate.packets.pop_front()
        {
            dropped += 1;
            self.packets -= 1;
            self.bytes -= oldest.total_len();
        }
        self.bytes += len;
        self.packets += 1;
        candidate.packets.push_back(super::own(packet));
        dropped
    }

    /// Tells how many packets went with one that made room; `None`: none is to go yet.
    fn make_room(&mut self, now: Instant) -> Option<usize> {
        if self.all.len() < self.limits.streams {
            return Some(0);
        }
        let picked = self.all.get(self.chance.below(self.all.len()))?;
        if now.saturating_duration_since(picked.since) < PROTECTED {
            return None;
        }
        let ssrc = picked.ssrc;
        Some(self.remove(ssrc).len())
    }
}

impl Candidate {
    /// A packet of this number has come; tells how many are in sequence. Copies of the newest one, which networks make, prove
    /// nothing and spoil nothing.
    fn hear(&mut self, seq: u16) -> u16 {
        if seq.wrapping_add(1) != self.next {
            self.run = if seq == self.next { self.run.saturating_add(1) } else { 1 };
            self.next = seq.wrapping_add(1);
        }
        self.run
    }
}
