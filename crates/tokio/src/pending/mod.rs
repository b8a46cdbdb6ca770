//! SSRCs that nobody has bound yet, and their first packets.

mod candidates;
mod entry;
mod ignored;
#[cfg(test)]
mod probation_tests;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;

use crate::options::SessionOptions;
use candidates::{CandidateLimits, Candidates, PROTECTED};
pub(crate) use entry::Ticket;
use entry::{Entry, Offer};
use ignored::Ignored;

/// What is kept of unbound SSRCs until the application binds them. Bounded in SSRCs, packets and bytes: a peer may make
/// up as many as it likes, of any size. An SSRC is a candidate first; proven by packets in sequence, it is offered.
#[derive(Debug)]
pub(crate) struct Pending {
    /// Those that are proven, in the order in which they were.
    entries: Vec<Entry>,
    candidates: Candidates,
    ignored: Ignored,
    limits: Limits,
    /// Of all entries.
    bytes: usize,
    /// Counts packets: the measure of who has been silent longest, and what tells entries of one SSRC apart.
    clock: u64,
    /// When the application last gave an SSRC back.
    given_back: Option<Instant>,
}

/// How long an SSRC must have gone on to be proven while the application gives SSRCs back. Made-up ones of a few packets at
/// once would be offered thousandfold, and a stream in want of a place would never have its turn.
const GOES_ON: Duration = Duration::from_millis(100);

/// While it does: five times what it takes to offer again whom it gave back.
const SCARCE: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug)]
struct Limits {
    streams: usize,
    packets: usize,
    bytes: usize,
    total_bytes: usize,
    offer_again_after: Duration,
    /// How long an entry is safe from younger ones after each of its packets.
    protected: Duration,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// There is an SSRC to offer, now or later, that was not known before.
    pub(crate) offer: bool,
    /// Packets that were dropped because they are more than is kept: this one, or older ones for it.
    pub(crate) dropped: usize,
    /// The same of SSRCs that have not proven to be a stream's.
    pub(crate) unproven: usize,
    /// Packets that were dropped because nobody wants their SSRC.
    pub(crate) rejected: usize,
}

/// What there is to offer.
#[derive(Debug)]
pub(crate) enum Next {
    /// An SSRC, with the first of its packets that is still there.
    Now(RtpPacket, Ticket),
    /// Nothing before this instant.
    Later(Instant),
    /// Nothing until a packet comes.
    None,
}

impl Pending {
    pub(crate) fn new(options: &SessionOptions, seed: u64) -> Self {
        let limits = Limits {
            streams: options.pending_streams,
            packets: options.pending_packets,
            bytes: options.pending_bytes,
            total_bytes: options.pending_total_bytes,
            offer_again_after: options.offer_again_after,
            protected: if options.probation_packets > 1 { PROTECTED } else { Duration::ZERO },
        };
        let candidates = CandidateLimits {
            in_sequence: options.probation_packets,
            streams: options.probation_streams,
            packets: options.pending_packets,
            bytes: options.pending_bytes,
        };
        let (candidates, ignored) = (Candidates::new(candidates, seed), Ignored::default());
        Self { entries: Vec::new(), candidates, ignored, limits, bytes: 0, clock: 0, given_back: None }
    }

    /// Packets kept.
    pub(crate) fn len(&self) -> usize {
        self.candidates.packets() + self.entries.iter().map(|entry| entry.packets.len()).sum::<usize>()
    }

    /// Keeps a packet of an unbound SSRC.
    pub(crate) fn hold(&mut self, packet: RtpPacket, now: Instant) -> Held {
        let ssrc = packet.ssrc();
        if self.ignored.hear(ssrc) {
            return Held { rejected: 1, ..Held::default() };
        }
        if self.limits.streams == 0 || packet.total_len() > self.limits.bytes {
            return Held { dropped: 1, ..Held::default() };
        }
        self.clock += 1;
        if let Some(place) = self.entries.iter().position(|entry| entry.ssrc == ssrc) {
            return self.hold_proven(place, packet, now);
        }
        let (least, room) = (self.least(now), self.limits.total_bytes - self.bytes);
        let heard = self.candidates.hear(packet, now, least, room);
        let mut held = Held { unproven: heard.dropped, ..Held::default() };
        if let (Some(kept), Some(packet)) = (heard.proven, heard.packet) {
            let Some(dropped) = self.make_room_for_stream(now) else {
                held.dropped = kept.len() + 1;
                return held;
            };
            let entry = Entry::new(ssrc, Ticket(self.clock), kept, now);
            self.bytes += entry.bytes;
            self.entries.push(entry);
            let first = self.hold_proven(self.entries.len() - 1, packet, now);
            held.dropped = dropped + first.dropped;
            held.unproven += first.unproven;
            held.offer = true;
        }
        held
    }

    /// How long an SSRC must have gone on to be proven; nothing where no SSRC is on probation.
    fn least(&self, now: Instant) -> Duration {
        let scarce = self.given_back.is_some_and(|at| now.saturating_duration_since(at) < SCARCE);
        if scarce && !self.limits.protected.is_zero() { GOES_ON } else { Duration::ZERO }
    }

    /// Keeps a packet of the SSRC at this place.
    fn hold_proven(&mut self, place: usize, packet: RtpPacket, now: Instant) -> Held {
        let (last, len) = (self.clock, packet.total_len());
        let dropped = self.make_room_in(place, len);
        // What nobody has proven goes first.
        let unproven = self.candidates.cut_to(self.limits.total_bytes.saturating_sub(self.bytes + len));
        let mut held = Held { dropped: dropped + self.make_room_in_all(len), unproven, ..Held::default() };
        if let Some(entry) = self.entries.get_mut(place) {
            held.offer = entry.hear(last, now);
            entry.bytes += len;
            entry.packets.push_back(own(packet));
            self.bytes += len;
        }
        if held.dropped > 0 {
            self.forget_empty();
        }
        held
    }

    /// The next SSRC to offer; it is held from now on.
    pub(crate) fn offer(&mut self, now: Instant) -> Next {
        let mut later: Option<Instant> = None;
        for entry in &mut self.entries {
            let due = match entry.offer {
                Offer::Open => now,
                Offer::Back { not_before, heard: true } => not_before,
                Offer::Back { heard: false, .. } | Offer::Held => continue,
            };
            if due > now {
                later = Some(later.map_or(due, |later| later.min(due)));
            } else if let Some(packet) = entry.packets.front() {
                entry.offer = Offer::Held;
                return Next::Now(packet.clone(), entry.ticket);
            }
        }
        later.map_or(Next::None, Next::Later)
    }

    /// The application gives an SSRC back without a decision. What is kept of it stays; it is offered again when it goes on
    /// sending, but not at once.
    pub(crate) fn give_back(&mut self, ticket: Ticket, now: Instant) {
        let not_before = now + self.limits.offer_again_after;
        let held = self.entries.iter_mut().find(|entry| entry.ticket == ticket);
        if let Some(entry) = held.filter(|entry| entry.offer == Offer::Held) {
            entry.offer = Offer::Back { not_before, heard: false };
            self.given_back = Some(now);
        }
        self.forget_empty();
    }

    /// Takes the packets of these SSRCs, in order of arrival: they belong to a stream now.
    pub(crate) fn adopt(&mut self, ssrcs: &[u32]) -> Vec<RtpPacket> {
        self.ignored.remove(ssrcs);
        let mut adopted = Vec::new();
        for entry in self.entries.extract_if(.., |entry| ssrcs.contains(&entry.ssrc)) {
            self.bytes -= entry.bytes;
            adopted.extend(entry.packets);
        }
        ssrcs.iter().for_each(|ssrc| adopted.extend(self.candidates.remove(*ssrc)));
        adopted.sort_by_key(|packet| packet.info().arrival);
        adopted
    }

    /// The application does not want this SSRC: it is not offered again while it goes on sending. Tells how many packets
    /// were kept of it.
    pub(crate) fn ignore(&mut self, ssrc: u32) -> usize {
        if self.limits.streams > 0 {
            self.ignored.insert(ssrc);
        }
        self.candidates.remove(ssrc).len() + self.forget(|entry| entry.ssrc == ssrc)
    }

    /// Forgets everything; tells how many packets were kept.
    pub(crate) fn clear(&mut self) -> usize {
        let kept = self.len();
        self.ignored.clear();
        self.candidates.clear();
        (self.entries, self.bytes) = (Vec::new(), 0);
        kept
    }

    /// Forgets the SSRC that has been silent longest if there is no room for another; tells how many packets went with it.
    /// `None`: it is not to go yet.
    fn make_room_for_stream(&mut self, now: Instant) -> Option<usize> {
        if self.entries.len() < self.limits.streams {
            return Some(0);
        }
        let protected = |entry: &Entry| entry.is_protected(now, self.limits.protected);
        let silent = self.entries.iter().min_by_key(|entry| (protected(entry), entry.last))?;
        if protected(silent) {
            return None;
        }
        let last = silent.last;
        Some(self.forget(|entry| entry.last == last))
    }

    /// Drops the oldest packets of an SSRC until there is room for one of `len` bytes; tells how many.
    fn make_room_in(&mut self, place: usize, len: usize) -> usize {
        let Some(entry) = self.entries.get_mut(place) else { return 0 };
        let mut dropped = 0;
        while entry.packets.len() >= self.limits.packets || entry.bytes + len > self.limits.bytes {
            let Some(bytes) = entry.drop_oldest() else { break };
            self.bytes -= bytes;
            dropped += 1;
        }
        dropped
    }

    /// The same for all SSRCs together: the oldest of whoever holds most go, so that large packets push out large ones.
    fn make_room_in_all(&mut self, len: usize) -> usize {
        let mut dropped = 0;
        while self.bytes + self.candidates.bytes() + len > self.limits.total_bytes {
            let largest = self.entries.iter_mut().max_by_key(|entry| entry.bytes);
            let Some(bytes) = largest.and_then(Entry::drop_oldest) else { break };
            self.bytes -= bytes;
            dropped += 1;
        }
        dropped
    }

    /// Forgets entries of which nothing is left, unless the application holds them.
    fn forget_empty(&mut self) {
        self.forget(|entry| entry.packets.is_empty() && entry.offer != Offer::Held);
    }

    /// Forgets SSRCs; tells how many packets were kept of them.
    fn forget(&mut self, which: impl Fn(&Entry) -> bool) -> usize {
        let mut packets = 0;
        for entry in self.entries.extract_if(.., |entry| which(entry)) {
            self.bytes -= entry.bytes;
            packets += entry.packets.len();
        }
        packets
    }
}

/// The packet in a buffer of its own: it may be kept for long, and must not keep that of a whole batch.
fn own(mut packet: RtpPacket) -> RtpPacket {
    let Ok(mut owned) = RtpPacket::parse(packet.to_bytes()) else { return packet };
    *owned.info_mut() = std::mem::take(packet.info_mut());
    owned
}
