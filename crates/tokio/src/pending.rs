//! SSRCs that nobody has bound yet, and their first packets.

use std::collections::VecDeque;

use interceptor_packet::RtpPacket;

/// SSRCs that the application does not want, at most. They cost twelve bytes each.
const MAX_IGNORED: usize = 256;

/// What is kept of unbound SSRCs until the application binds them. Bounded: a peer may make up as many as it likes.
#[derive(Debug)]
pub(crate) struct Pending {
    /// In order of appearance.
    entries: Vec<Entry>,
    /// SSRCs that are not wanted, the one silent longest first.
    ignored: VecDeque<u32>,
    max_streams: usize,
    max_packets: usize,
    /// Counts packets: the measure of who has been silent longest.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    ssrc: u32,
    /// The application holds its `IncomingStream`.
    offered: bool,
    packets: VecDeque<RtpPacket>,
    last: u64,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// There is a new SSRC to offer.
    pub(crate) new: bool,
    /// Packets that were dropped: this one, or older ones for it.
    pub(crate) dropped: usize,
}

impl Pending {
    pub(crate) const fn new(max_streams: usize, max_packets: usize) -> Self {
        Self { entries: Vec::new(), ignored: VecDeque::new(), max_streams, max_packets, clock: 0 }
    }

    /// Keeps a packet of an unbound SSRC.
    pub(crate) fn hold(&mut self, packet: RtpPacket) -> Held {
        let ssrc = packet.ssrc();
        if self.max_streams == 0 || self.is_ignored(ssrc) {
            return Held { new: false, dropped: 1 };
        }
        self.clock += 1;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.ssrc == ssrc) {
            entry.last = self.clock;
            let full = entry.packets.len() >= self.max_packets;
            if full {
                entry.packets.pop_front();
            }
            entry.packets.push_back(own(packet));
            return Held { new: false, dropped: usize::from(full) };
        }
        let dropped = self.make_room();
        let packets = VecDeque::from([own(packet)]);
        self.entries.push(Entry { ssrc, offered: false, packets, last: self.clock });
        Held { new: true, dropped }
    }

    /// The next SSRC to offer, with the first of its packets that is still there.
    pub(crate) fn offer(&mut self) -> Option<RtpPacket> {
        let entry = self.entries.iter_mut().find(|entry| !entry.offered)?;
        entry.offered = true;
        entry.packets.front().cloned()
    }

    pub(crate) fn has_offers(&self) -> bool {
        self.entries.iter().any(|entry| !entry.offered)
    }

    /// Takes the packets of these SSRCs, in order of arrival: they belong to a stream now.
    pub(crate) fn adopt(&mut self, ssrcs: &[u32]) -> Vec<RtpPacket> {
        self.ignored.retain(|ignored| !ssrcs.contains(ignored));
        let mut adopted = Vec::new();
        for entry in self.entries.extract_if(.., |entry| ssrcs.contains(&entry.ssrc)) {
            adopted.extend(entry.packets);
        }
        adopted.sort_by_key(|packet| packet.info().arrival);
        adopted
    }

    /// The application does not want this SSRC; it is not offered again while it goes on sending.
    pub(crate) fn ignore(&mut self, ssrc: u32) {
        if self.max_streams == 0 {
            return;
        }
        self.entries.retain(|entry| entry.ssrc != ssrc);
        if !self.is_ignored(ssrc) {
            self.ignored.push_back(ssrc);
        }
        if self.ignored.len() > MAX_IGNORED {
            self.ignored.pop_front();
        }
    }

    /// [`ignore`](Self::ignore), unless the SSRC has been bound or forgotten since it was offered.
    pub(crate) fn decline(&mut self, ssrc: u32) {
        if self.entries.iter().any(|entry| entry.ssrc == ssrc && entry.offered) {
            self.ignore(ssrc);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries = Vec::new();
        self.ignored = VecDeque::new();
    }

    /// Is this SSRC not wanted? It has just been heard of.
    fn is_ignored(&mut self, ssrc: u32) -> bool {
        let Some(at) = self.ignored.iter().position(|ignored| *ignored == ssrc) else { return false };
        if let Some(ssrc) = self.ignored.remove(at) {
            self.ignored.push_back(ssrc);
        }
        true
    }

    /// Forgets the SSRC that has been silent longest if there is no room; tells how many packets went with it.
    fn make_room(&mut self) -> usize {
        if self.entries.len() < self.max_streams {
            return 0;
        }
        let silent = (0..self.entries.len()).min_by_key(|at| self.entries.get(*at).map(|entry| entry.last));
        silent.map_or(0, |at| self.entries.remove(at).packets.len())
    }
}

/// The packet in a buffer of its own: it may be kept for long, and must not keep that of a whole batch.
fn own(mut packet: RtpPacket) -> RtpPacket {
    let Ok(mut owned) = RtpPacket::parse(packet.to_bytes()) else { return packet };
    *owned.info_mut() = std::mem::take(packet.info_mut());
    owned
}

#[cfg(test)]
mod tests {
    use interceptor_packet::RtpPacket;

    use super::{Held, Pending};

    fn packet(ssrc: u32, seq: u16) -> RtpPacket {
        RtpPacket::builder().ssrc(ssrc).sequence_number(seq).build().unwrap()
    }

    fn seqs(packets: &[RtpPacket]) -> Vec<u16> {
        packets.iter().map(RtpPacket::sequence_number).collect()
    }

    #[test]
    fn offers_each_ssrc_once_and_keeps_its_newest_packets() {
        let mut pending = Pending::new(4, 2);
        assert_eq!(pending.hold(packet(1, 10)), Held { new: true, dropped: 0 });
        assert_eq!(pending.hold(packet(1, 11)), Held { new: false, dropped: 0 });
        assert_eq!(pending.offer().map(|packet| packet.sequence_number()), Some(10));
        assert!(pending.offer().is_none());
        assert_eq!(pending.hold(packet(1, 12)), Held { new: false, dropped: 1 });
        assert_eq!(seqs(&pending.adopt(&[1])), [11, 12]);
        assert!(pending.adopt(&[1]).is_empty());
    }

    #[test]
    fn an_ignored_ssrc_is_not_offered_again() {
        let mut pending = Pending::new(4, 2);
        pending.hold(packet(1, 10));
        pending.ignore(1);
        pending.ignore(2);
        assert_eq!(pending.hold(packet(1, 11)), Held { new: false, dropped: 1 });
        assert_eq!(pending.hold(packet(2, 1)), Held { new: false, dropped: 1 });
        assert!(pending.offer().is_none());
    }

    #[test]
    fn the_one_silent_longest_makes_room() {
        let mut pending = Pending::new(2, 8);
        pending.hold(packet(1, 10));
        pending.hold(packet(2, 20));
        pending.hold(packet(1, 11));
        assert_eq!(pending.hold(packet(3, 30)), Held { new: true, dropped: 1 });
        assert!(pending.adopt(&[2]).is_empty());
        assert_eq!(seqs(&pending.adopt(&[1])), [10, 11]);
    }

    #[test]
    fn ten_thousand_ssrcs_take_no_more_than_the_limit() {
        let mut pending = Pending::new(16, 8);
        for ssrc in 0..10_000 {
            pending.hold(packet(ssrc, 0));
            pending.ignore(20_000 + ssrc);
        }
        assert_eq!((pending.entries.len(), pending.ignored.len()), (16, super::MAX_IGNORED));
    }

    #[test]
    fn ignoring_many_makes_no_kept_packet_go() {
        let mut pending = Pending::new(2, 8);
        pending.hold(packet(1, 10));
        (100..200).for_each(|ssrc| pending.ignore(ssrc));
        assert_eq!(seqs(&pending.adopt(&[1])), [10]);
        // Bound and unbound again, it is wanted as before.
        pending.ignore(1);
        pending.adopt(&[1]);
        assert_eq!(pending.hold(packet(1, 11)), Held { new: true, dropped: 0 });
    }

    #[test]
    fn none_are_kept_when_switched_off() {
        let mut pending = Pending::new(0, 8);
        assert_eq!(pending.hold(packet(1, 0)), Held { new: false, dropped: 1 });
        pending.ignore(1);
        assert!(pending.entries.is_empty() && pending.ignored.is_empty());
    }
}
