//! SSRCs that nobody has bound yet, and their first packets.

mod ignored;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;

use crate::options::SessionOptions;
use ignored::Ignored;

/// What is kept of unbound SSRCs until the application binds them. Bounded in SSRCs, packets and bytes: a peer may make
/// up as many as it likes, of any size.
#[derive(Debug)]
pub(crate) struct Pending {
    /// In order of appearance.
    entries: Vec<Entry>,
    ignored: Ignored,
    limits: Limits,
    /// Of all entries.
    bytes: usize,
    /// Counts packets: the measure of who has been silent longest, and what tells entries of one SSRC apart.
    clock: u64,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    streams: usize,
    packets: usize,
    bytes: usize,
    total_bytes: usize,
    offer_again_after: Duration,
}

#[derive(Debug)]
struct Entry {
    ssrc: u32,
    ticket: Ticket,
    offer: Offer,
    packets: VecDeque<RtpPacket>,
    bytes: usize,
    last: u64,
}

/// How far the application is with an SSRC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    /// It does not know of it.
    Open,
    /// It holds its `IncomingStream`.
    Held,
    /// It has given that back without a decision.
    Back {
        /// It is not bothered with it again before.
        not_before: Instant,
        /// The SSRC goes on sending.
        heard: bool,
    },
}

/// Tells an SSRC that is offered from one that was forgotten and came again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

/// What became of a packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    /// There is an SSRC to offer, now or later, that was not known before.
    pub(crate) offer: bool,
    /// Packets that were dropped because they are more than is kept: this one, or older ones for it.
    pub(crate) dropped: usize,
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
    pub(crate) fn new(options: &SessionOptions) -> Self {
        let limits = Limits {
            streams: options.pending_streams,
            packets: options.pending_packets,
            bytes: options.pending_bytes,
            total_bytes: options.pending_total_bytes,
            offer_again_after: options.offer_again_after,
        };
        Self { entries: Vec::new(), ignored: Ignored::default(), limits, bytes: 0, clock: 0 }
    }

    /// Keeps a packet of an unbound SSRC.
    pub(crate) fn hold(&mut self, packet: RtpPacket) -> Held {
        let (ssrc, len) = (packet.ssrc(), packet.total_len());
        if self.ignored.hear(ssrc) {
            return Held { rejected: 1, ..Held::default() };
        }
        if self.limits.streams == 0 || len > self.limits.bytes {
            return Held { dropped: 1, ..Held::default() };
        }
        self.clock += 1;
        let (last, new) = (self.clock, !self.entries.iter().any(|entry| entry.ssrc == ssrc));
        let mut held = Held::default();
        if new {
            held.dropped += self.make_room_for_stream();
            self.entries.push(Entry::new(ssrc, Ticket(last)));
        }
        held.dropped += self.make_room_in(ssrc, len) + self.make_room_in_all(len);
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.ssrc == ssrc) {
            held.offer = entry.hear(last) || new;
            entry.bytes += len;
            entry.packets.push_back(own(packet));
            self.bytes += len;
        }
        self.forget_empty();
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
        adopted.sort_by_key(|packet| packet.info().arrival);
        adopted
    }

    /// The application does not want this SSRC: it is not offered again while it goes on sending. Tells how many packets
    /// were kept of it.
    pub(crate) fn ignore(&mut self, ssrc: u32) -> usize {
        if self.limits.streams > 0 {
            self.ignored.insert(ssrc);
        }
        self.forget(|entry| entry.ssrc == ssrc)
    }

    /// Forgets everything; tells how many packets were kept.
    pub(crate) fn clear(&mut self) -> usize {
        self.ignored.clear();
        self.bytes = 0;
        std::mem::take(&mut self.entries).iter().map(|entry| entry.packets.len()).sum()
    }

    /// Forgets the SSRC that has been silent longest if there is no room for another; tells how many packets went with it.
    fn make_room_for_stream(&mut self) -> usize {
        if self.entries.len() < self.limits.streams {
            return 0;
        }
        let silent = self.entries.iter().map(|entry| entry.last).min();
        self.forget(|entry| Some(entry.last) == silent)
    }

    /// Drops the oldest packets of an SSRC until there is room for one of `len` bytes; tells how many.
    fn make_room_in(&mut self, ssrc: u32, len: usize) -> usize {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.ssrc == ssrc) else { return 0 };
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
        while self.bytes + len > self.limits.total_bytes {
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

impl Entry {
    const fn new(ssrc: u32, ticket: Ticket) -> Self {
        Self { ssrc, ticket, offer: Offer::Open, packets: VecDeque::new(), bytes: 0, last: 0 }
    }

    /// A packet has come; `true`: it is to be offered again because of it.
    fn hear(&mut self, at: u64) -> bool {
        self.last = at;
        match &mut self.offer {
            Offer::Back { heard, .. } => !std::mem::replace(heard, true),
            Offer::Open | Offer::Held => false,
        }
    }

    /// Drops the oldest packet; returns its bytes.
    fn drop_oldest(&mut self) -> Option<usize> {
        let bytes = self.packets.pop_front()?.total_len();
        self.bytes -= bytes;
        Some(bytes)
    }
}

/// The packet in a buffer of its own: it may be kept for long, and must not keep that of a whole batch.
fn own(mut packet: RtpPacket) -> RtpPacket {
    let Ok(mut owned) = RtpPacket::parse(packet.to_bytes()) else { return packet };
    *owned.info_mut() = std::mem::take(packet.info_mut());
    owned
}
