//! The packets of one flow that wait until it is known to be RTP, and what tells: a steady SSRC and a plausible sequence.

use std::collections::BTreeMap;
use std::time::Duration;

use super::header::Header;
use super::sequence::Sequence;

/// Bytes of payload that a waiting packet keeps: as much as is compared to find out what repairs what.
const KEPT_PAYLOAD: usize = 64;
/// Doubtful packets of one flow that wait: hostile traffic could make them wait for ever.
const MAX_DOUBTFUL: usize = 1024;

/// A packet that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Its place among all packets of the capture that had to wait.
    pub(super) order: u64,
    pub(super) since: Duration,
    pub(super) header: Header,
    /// The packet up to the first bytes of its payload.
    pub(super) head: Box<[u8]>,
    /// Its second byte is one of RTCP's (RFC 5761 §4): by itself it makes no stream.
    pub(super) doubtful: bool,
}

impl Waiting {
    pub(super) fn new(order: u64, since: Duration, header: Header, data: &[u8], doubtful: bool) -> Self {
        let head = data.get(..header.len() + KEPT_PAYLOAD).unwrap_or(data).into();
        Self { order, since, header, head, doubtful }
    }

    /// What it costs to keep it, with what is kept of its SSRC.
    const fn bytes(&self) -> usize {
        size_of::<Self>() + size_of::<(u32, Track)>() + self.head.len()
    }
}

/// The packets of one flow that wait, and what is known of their SSRCs.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// In order of arrival.
    waiting: Vec<Waiting>,
    tracks: BTreeMap<u32, Track>,
    /// SSRCs of which not all packets are doubtful.
    plain: usize,
    doubtful: usize,
    bytes: usize,
    forgotten: u64,
}

/// One SSRC of those that wait.
#[derive(Debug, Default)]
struct Track {
    sequence: Sequence,
    packets: u32,
    /// One of its packets is no doubtful one.
    plain: bool,
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) packets: usize,
    pub(super) bytes: usize,
}

impl Candidates {
    /// Takes in a packet of which it is not known whether it is RTP. When its SSRC turns out to be a stream: all that waited
    /// for that.
    pub(super) fn add(&mut self, packet: Waiting) -> Vec<Waiting> {
        let ssrc = packet.header.ssrc();
        let track = self.tracks.entry(ssrc).or_default();
        track.sequence.add(packet.header.seq());
        track.packets += 1;
        if !packet.doubtful && !track.plain {
            track.plain = true;
            self.plain += 1;
        }
        let recognised = track.sequence.is_recognised();
        self.doubtful += usize::from(packet.doubtful);
        self.bytes += packet.bytes();
        if self.waiting.is_empty() {
            // Most flows that are no RTP have no other.
            self.waiting.reserve_exact(1);
        }
        self.waiting.push(packet);
        if recognised {
            return self.release(ssrc);
        }
        if self.doubtful > MAX_DOUBTFUL {
            let mut left = MAX_DOUBTFUL / 2;
            self.forget(|packet| {
                packet.doubtful
                    && left.checked_sub(1).is_some_and(|less| {
                        left = less;
                        true
                    })
            });
        }
        Vec::new()
    }

    /// Takes in a packet that is RTP for sure. Gives it, and before it all that waited for that.
    pub(super) fn add_known(&mut self, packet: Waiting) -> Vec<Waiting> {
        let ssrc = packet.header.ssrc();
        let is_waited_for = self.plain > 0 || self.tracks.contains_key(&ssrc);
        let mut released = if is_waited_for { self.release(ssrc) } else { Vec::new() };
        released.push(packet);
        released
    }

    /// This SSRC is a stream, so the flow is RTP: gives all packets that waited, in order of arrival, but those of other SSRCs
    /// that are nothing but doubtful.
    fn release(&mut self, ssrc: u32) -> Vec<Waiting> {
        let tracks = &self.tracks;
        let is_rtp = |other: u32| other == ssrc || tracks.get(&other).is_some_and(|track| track.plain);
        let all = std::mem::take(&mut self.waiting);
        let (released, waiting) = all.into_iter().partition(|packet| is_rtp(packet.header.ssrc()));
        self.waiting = waiting;
        self.tracks.retain(|other, track| *other != ssrc && !track.plain);
        self.plain = 0;
        self.doubtful = self.waiting.len();
        self.bytes = self.waiting.iter().map(Waiting::bytes).sum();
        released
    }

    /// Forgets what began to wait before the packet with this place.
    pub(super) fn forget_before(&mut self, order: u64) {
        if self.waiting.first().is_some_and(|packet| packet.order < order) {
            self.forget(|packet| packet.order < order);
            self.waiting.shrink_to_fit();
        }
    }

    fn forget(&mut self, mut is_meant: impl FnMut(&Waiting) -> bool) {
        for packet in self.waiting.extract_if(.., |packet| is_meant(packet)) {
            self.forgotten += 1;
            self.bytes -= packet.bytes();
            self.doubtful -= usize::from(packet.doubtful);
            let ssrc = packet.header.ssrc();
            if let Some(track) = self.tracks.get_mut(&ssrc) {
                track.packets -= 1;
                if track.packets == 0 {
                    self.plain -= usize::from(track.plain);
                    self.tracks.remove(&ssrc);
                }
            }
        }
    }

    /// Packets that were forgotten before it was known what they are.
    pub(super) const fn forgotten(&self) -> u64 {
        self.forgotten
    }

    pub(super) const fn held(&self) -> Held {
        Held { packets: self.waiting.len(), bytes: self.bytes }
    }

    /// The place of the newest packet.
    pub(super) fn newest(&self) -> Option<u64> {
        self.waiting.last().map(|packet| packet.order)
    }

    /// Packets of SSRCs that came more than once and in sequence, but too seldom to be sure.
    pub(super) fn likely(&self) -> u64 {
        let likely = self.tracks.values().filter(|track| track.sequence.is_likely());
        likely.map(|track| u64::from(track.packets)).sum()
    }

    /// Packets that are nothing but doubtful.
    pub(super) fn doubtful(&self) -> u64 {
        self.doubtful as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(order: u64, ssrc: u32, seq: u16, doubtful: bool) -> Waiting {
        let mut bytes = [0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3];
        bytes[2..4].copy_from_slice(&seq.to_be_bytes());
        bytes[8..12].copy_from_slice(&ssrc.to_be_bytes());
        Waiting::new(order, Duration::ZERO, Header::parse(&bytes, 15).unwrap(), &bytes, doubtful)
    }

    fn orders(released: &[Waiting]) -> Vec<u64> {
        released.iter().map(|packet| packet.order).collect()
    }

    #[test]
    fn a_stream_brings_all_that_waited_with_it() {
        let mut candidates = Candidates::default();
        // Two SSRCs in turn, and one that comes once.
        for (order, (ssrc, seq)) in [(1, 7), (2, 70), (3, 9), (1, 8), (2, 71), (1, 9)].into_iter().enumerate()
        {
            assert!(candidates.add(packet(order as u64, ssrc, seq, false)).is_empty());
        }
        assert_eq!((candidates.held().packets, candidates.likely()), (6, 5));
        assert_eq!(orders(&candidates.add(packet(6, 2, 72, false))), [] as [u64; 0]);
        assert_eq!(orders(&candidates.add(packet(7, 1, 10, false))), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(candidates.held(), Held::default());
        assert!(candidates.tracks.is_empty());
    }

    #[test]
    fn the_doubtful_wait_for_more_of_their_own() {
        let mut candidates = Candidates::default();
        for (order, (ssrc, doubtful)) in [(1, true), (2, true), (1, false)].into_iter().enumerate() {
            assert!(candidates.add(packet(order as u64, ssrc, order as u16, doubtful)).is_empty());
        }
        assert_eq!(orders(&candidates.add_known(packet(3, 9, 1, false))), [0, 2, 3]);
        assert_eq!((candidates.held().packets, candidates.doubtful()), (1, 1));
        assert_eq!(orders(&candidates.add_known(packet(4, 2, 4, false))), [1, 4]);
    }

    #[test]
    fn what_is_forgotten_is_counted() {
        let mut candidates = Candidates::default();
        for order in 0..1000 {
            candidates.add(packet(order, order as u32 % 500, 1, false));
        }
        candidates.forget_before(900);
        assert_eq!((candidates.tracks.len(), candidates.plain, candidates.forgotten()), (100, 100, 900));
        assert_eq!(candidates.bytes, candidates.waiting.iter().map(Waiting::bytes).sum::<usize>());
        candidates.forget_before(5000);
        assert_eq!((candidates.held(), candidates.forgotten()), (Held::default(), 1000));
    }

    #[test]
    fn a_bounded_number_of_doubtful_packets_waits() {
        let mut candidates = Candidates::default();
        for order in 0..10_000 {
            assert!(candidates.add(packet(order, order as u32, 1, order != 5)).is_empty());
            assert!(candidates.doubtful() <= MAX_DOUBTFUL as u64);
        }
        assert_eq!(candidates.held().packets as u64 + candidates.forgotten(), 10_000);
        assert!(candidates.tracks.contains_key(&5), "not a doubtful one");
    }
}
