//! Which streams repair which: retransmissions (RFC 4588) and FlexFEC (RFC 8627 and its draft 03), found by content.

/// Sequence numbers of a stream whose timestamps are kept.
const RECENT: usize = 512;
/// How far from a number to look for neighbours.
const NEAR: u16 = 16;
/// Packets of each stream that are compared with the others.
const MAX_TRIED: u32 = 512;
/// The streams of one flow that packets are compared with.
pub(super) const MAX_COMPARED: usize = 32;

/// The timestamps of a stream's newest packets, by sequence number.
#[derive(Debug)]
pub(super) struct Recent {
    entries: Box<[Entry; RECENT]>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    timestamp: u32,
    seq: u16,
    came: bool,
}

impl Default for Recent {
    fn default() -> Self {
        Self { entries: Box::new([Entry::default(); RECENT]) }
    }
}

impl Recent {
    #[inline]
    pub(super) fn add(&mut self, seq: u16, timestamp: u32) {
        if let Some(entry) = self.entries.get_mut(usize::from(seq) % RECENT) {
            *entry = Entry { timestamp, seq, came: true };
        }
    }

    fn timestamp(&self, seq: u16) -> Option<u32> {
        let entry = self.entries.get(usize::from(seq) % RECENT)?;
        (entry.came && entry.seq == seq).then_some(entry.timestamp)
    }

    /// Whether this stream has, or has lost, a packet of this number and timestamp: its neighbours tell.
    fn may_have(&self, seq: u16, timestamp: u32) -> bool {
        if let Some(known) = self.timestamp(seq) {
            return known == timestamp;
        }
        let before = (1..=NEAR).find_map(|step| self.timestamp(seq.wrapping_sub(step)));
        let after = (1..=NEAR).find_map(|step| self.timestamp(seq.wrapping_add(step)));
        let (Some(before), Some(after)) = (before, after) else { return false };
        // Between the two on the circle; video sends frames out of order, but then the numbers are next to each other.
        timestamp.wrapping_sub(before) <= after.wrapping_sub(before)
    }
}

/// What the packets of one stream say of the others.
#[derive(Debug, Default)]
pub(super) struct Clues {
    tried: u32,
    /// SSRC of the other stream, and how many packets looked like retransmissions of it.
    retransmits: Vec<(u32, u32)>,
    repairs: Vec<(u32, u32)>,
}

/// What clues need of a packet.
pub(super) struct Clue<'a> {
    pub(super) timestamp: u32,
    pub(super) csrc: Option<u32>,
    pub(super) payload: &'a [u8],
}

impl Clues {
    /// Whether more packets are worth comparing.
    #[inline]
    pub(super) const fn is_open(&self) -> bool {
        self.tried < MAX_TRIED
    }

    /// Compares a packet with the other streams of its flow.
    pub(super) fn compare<'a>(&mut self, clue: &Clue<'_>, others: impl Iterator<Item = (u32, &'a Recent)>) {
        // RFC 4588 §4: without an original number it is padding.
        let &[high, low, ..] = clue.payload else { return };
        self.tried += 1;
        let original = u16::from_be_bytes([high, low]);
        let protected = protected(clue);
        for (ssrc, recent) in others {
            if recent.may_have(original, clue.timestamp) {
                count(&mut self.retransmits, ssrc);
            }
            if protected == Some(ssrc) {
                count(&mut self.repairs, ssrc);
            }
        }
    }

    /// The stream that this one retransmits, if most packets say so.
    pub(super) fn retransmitted(&self) -> Option<u32> {
        self.most(&self.retransmits)
    }

    /// The stream that this one repairs, if most packets say so.
    pub(super) fn repaired(&self) -> Option<u32> {
        self.most(&self.repairs)
    }

    fn most(&self, counts: &[(u32, u32)]) -> Option<u32> {
        let best = counts.iter().max_by_key(|(_, count)| *count)?;
        (best.1 * 2 > self.tried).then_some(best.0)
    }
}

/// RFC 8627 §4.2.2: the only contributing source. Draft 03 §4.2.2: one SSRC behind the fixed part of the FEC header.
fn protected(clue: &Clue<'_>) -> Option<u32> {
    if clue.csrc.is_some() {
        return clue.csrc;
    }
    let fields: &[u8; 16] = clue.payload.first_chunk()?;
    let [.., 1, 0, 0, 0, s0, s1, s2, s3] = *fields else { return None };
    Some(u32::from_be_bytes([s0, s1, s2, s3]))
}

fn count(counts: &mut Vec<(u32, u32)>, ssrc: u32) {
    match counts.iter_mut().find(|(other, _)| *other == ssrc) {
        Some((_, count)) => *count += 1,
        None => counts.push((ssrc, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media() -> Recent {
        let mut recent = Recent::default();
        for seq in 0..100u16 {
            if seq % 10 != 3 {
                recent.add(seq.wrapping_sub(50), u32::from(seq) * 3000);
            }
        }
        recent
    }

    fn tell(packets: &[(u32, Option<u32>, &[u8])]) -> Clues {
        let media = media();
        let mut clues = Clues::default();
        for (timestamp, csrc, payload) in packets {
            let clue = Clue { timestamp: *timestamp, csrc: *csrc, payload };
            clues.compare(&clue, [(7, &media)].into_iter());
        }
        clues
    }

    #[test]
    fn a_retransmission_has_number_and_time_of_what_it_repeats() {
        // The 13th packet was lost: number 13 − 50, its time lies between its neighbours'.
        let lost = (13u16).wrapping_sub(50).to_be_bytes();
        assert_eq!(tell(&[(39_000, None, &lost)]).retransmitted(), Some(7));
        assert_eq!(tell(&[(90_000, None, &lost)]).retransmitted(), None);
        let known = 0u16.to_be_bytes();
        assert_eq!(tell(&[(150_000, None, &known), (150_000, None, &[])]).retransmitted(), Some(7));
        assert_eq!(tell(&[(150_001, None, &known)]).retransmitted(), None);
        let two_of_four =
            [(150_000, None, &known[..]), (1, None, &known), (1, None, &known), (1, None, &known)];
        assert_eq!(tell(&two_of_four).retransmitted(), None);
    }

    #[test]
    fn a_repair_packet_names_what_it_protects() {
        let draft_03 = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7, 0, 1];
        assert_eq!(tell(&[(0, None, &draft_03)]).repaired(), Some(7));
        assert_eq!(tell(&[(0, Some(7), &[0xff; 20])]).repaired(), Some(7));
        assert_eq!(tell(&[(0, Some(8), &[0xff; 20])]).repaired(), None);
    }
}
