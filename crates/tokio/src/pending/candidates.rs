//! SSRCs on probation (RFC 3550 A.1): not yet shown to be a stream's by packets in sequence.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use foldhash::fast::FixedState;
use interceptor_packet::RtpPacket;

/// How long an SSRC may take to prove itself before it makes room for others: media of two packets a second does.
pub(super) const PROTECTED: Duration = Duration::from_millis(500);

/// A bounded number of candidates. When there is no room, the oldest goes if it has had its time, else whoever comes is
/// refused: under a flood of made-up SSRCs that leaves everybody the same chance of a place, and who has one keeps it for
/// long enough to be proven. A table in which the newest always got a place would have none of them wait for its second packet.
#[derive(Debug)]
pub(super) struct Candidates {
    by_ssrc: HashMap<u32, Candidate, FixedState>,
    /// In order of appearance. Those that are gone may still stand here, under their old tickets.
    queue: VecDeque<(u32, u64)>,
    /// Of all that is kept.
    bytes: usize,
    packets: usize,
    limits: CandidateLimits,
    last_ticket: u64,
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
    ticket: u64,
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
        let by_ssrc = HashMap::with_hasher(FixedState::with_seed(seed));
        Self { by_ssrc, queue: VecDeque::new(), bytes: 0, packets: 0, limits, last_ticket: 0 }
    }

    /// Bytes kept.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets kept.
    pub(super) const fn packets(&self) -> usize {
        self.packets
    }

    /// A packet of an SSRC that is not proven. At most `bytes` may be kept of all.
    pub(super) fn hear(&mut self, packet: RtpPacket, now: Instant, bytes: usize) -> Heard {
        let (ssrc, seq) = (packet.ssrc(), packet.sequence_number());
        let mut heard = Heard::default();
        if let Some(candidate) = self.by_ssrc.get_mut(&ssrc) {
            candidate.hear(seq);
            if candidate.run >= self.limits.in_sequence {
                heard.proven = Some(self.remove(ssrc));
                heard.packet = Some(packet);
                return heard;
            }
        } else if self.limits.in_sequence <= 1 {
            (heard.proven, heard.packet) = (Some(VecDeque::new()), Some(packet));
            return heard;
        } else {
            match self.make_room(now) {
                Some(dropped) => heard.dropped += dropped,
                None => return Heard { dropped: 1, ..heard },
            }
            self.last_ticket += 1;
            let ticket = self.last_ticket;
            let next = seq.wrapping_add(1);
            let candidate = Candidate { ticket, since: now, next, run: 1, packets: VecDeque::new() };
            self.by_ssrc.insert(ssrc, candidate);
            self.queue.push_back((ssrc, ticket));
        }
        heard.dropped += self.keep(packet, bytes.min(self.limits.bytes));
        heard
    }

    /// Takes what is kept of an SSRC.
    pub(super) fn remove(&mut self, ssrc: u32) -> VecDeque<RtpPacket> {
        let packets = self.by_ssrc.remove(&ssrc).map(|candidate| candidate.packets).unwrap_or_default();
        self.packets -= packets.len();
        self.bytes -= packets.iter().map(RtpPacket::total_len).sum::<usize>();
        self.compact();
        packets
    }

    /// Forgets everything; tells how many packets were kept.
    pub(super) fn clear(&mut self) -> usize {
        let packets = self.packets;
        self.by_ssrc.clear();
        self.by_ssrc.shrink_to_fit();
        (self.queue, self.bytes, self.packets) = (VecDeque::new(), 0, 0);
        packets
    }

    /// Lets go of the oldest packets until at most `bytes` are kept; tells how many. Their SSRCs may still be proven.
    pub(super) fn cut_to(&mut self, bytes: usize) -> usize {
        let mut dropped = 0;
        let (mut over, by_ssrc) = (self.bytes.saturating_sub(bytes), &mut self.by_ssrc);
        for (ssrc, ticket) in &self.queue {
            if over == 0 {
                break;
            }
            let Some(candidate) = by_ssrc.get_mut(ssrc).filter(|candidate| candidate.ticket == *ticket)
            else {
                continue;
            };
            for packet in candidate.packets.drain(..) {
                dropped += 1;
                self.bytes -= packet.total_len();
                over = over.saturating_sub(packet.total_len());
            }
        }
        self.packets -= dropped;
        dropped
    }

    /// Keeps a packet of a candidate; tells how many had to go for it.
    fn keep(&mut self, packet: RtpPacket, most: usize) -> usize {
        let len = packet.total_len();
        if len > most {
            return 1;
        }
        let mut dropped = self.cut_to(most - len);
        let Some(candidate) = self.by_ssrc.get_mut(&packet.ssrc()) else { return dropped + 1 };
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

    /// Tells how many packets went with the oldest candidate; `None`: it has not had its time.
    fn make_room(&mut self, now: Instant) -> Option<usize> {
        if self.by_ssrc.len() < self.limits.streams {
            return Some(0);
        }
        while let Some((ssrc, ticket)) = self.queue.front().copied() {
            if let Some(oldest) = self.by_ssrc.get(&ssrc).filter(|candidate| candidate.ticket == ticket) {
                if now.saturating_duration_since(oldest.since) < PROTECTED {
                    return None;
                }
                self.queue.pop_front();
                return Some(self.remove(ssrc).len());
            }
            self.queue.pop_front();
        }
        None
    }

    /// Forgets the places of those that are gone once they are the most, and gives back what a flood has taken.
    fn compact(&mut self) {
        if self.by_ssrc.is_empty() {
            self.clear();
        } else if self.queue.len() > 2 * self.by_ssrc.len() + 16 {
            let by_ssrc = &self.by_ssrc;
            let stands = |(ssrc, ticket): &(u32, u64)| {
                by_ssrc.get(ssrc).is_some_and(|candidate| candidate.ticket == *ticket)
            };
            self.queue.retain(stands);
        }
    }
}

impl Candidate {
    /// A packet of this number has come. Copies of the newest one, which networks make, prove nothing and spoil nothing.
    fn hear(&mut self, seq: u16) {
        if seq.wrapping_add(1) == self.next {
            return;
        }
        self.run = if seq == self.next { self.run.saturating_add(1) } else { 1 };
        self.next = seq.wrapping_add(1);
    }
}
