//! Which streams repair which: retransmissions (RFC 4588) and FlexFEC (RFC 8627 and its draft 03), found by content.

use super::summary::FecFormat;

/// Sequence numbers of a stream whose timestamps are kept.
const RECENT: usize = 512;
/// Packets of each stream that are compared with the others.
const MAX_TRIED: u32 = 512;
/// The streams of one flow that packets are compared with.
pub(super) const MAX_COMPARED: usize = 32;
/// Different numbers that fit, and so many times the packets that do not, make a stream a retransmission even if most of
/// its packets tell nothing.
const DISTINCT: usize = 4;
const OUTWEIGHS: u32 = 4;

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

    pub(super) fn timestamp(&self, seq: u16) -> Option<u32> {
        let entry = self.entries.get(usize::from(seq) % RECENT)?;
        (entry.came && entry.seq == seq).then_some(entry.timestamp)
    }
}

/// What one packet says of its being a retransmission of a certain stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// That stream has, or has lost, a packet of this number, and it has this timestamp.
    For,
    /// It has a packet of this number, of another time.
    Against,
    /// It has no packet of this number that anything is known of.
    None,
}

/// What the packets of one stream say of the others.
#[derive(Debug, Default)]
pub(super) struct Clues {
    tried: u32,
    retransmits: Vec<Candidate>,
    /// SSRC of the other stream, and how many packets protect packets of it.
    repairs: Vec<(u32, u32)>,
    /// How the first of these was written.
    format: Option<FecFormat>,
}

/// A stream that another may retransmit.
#[derive(Debug)]
struct Candidate {
    ssrc: u32,
    fits: u32,
    misfits: u32,
    /// The first different numbers that fit. Streams that share their timestamps fit by chance, but always with the same.
    distinct: Vec<u16>,
}

impl Clues {
    /// Whether more packets are worth comparing.
    #[inline]
    pub(super) const fn is_open(&self) -> bool {
        self.tried < MAX_TRIED
    }

    /// Whether any packet protected packets of another stream.
    pub(super) const fn has_repairs(&self) -> bool {
        !self.repairs.is_empty()
    }

    /// Whether packets may have something to say of others: of most streams nothing is known, and soon nothing is asked.
    #[inline]
    pub(super) const fn is_telling(&self) -> bool {
        self.is_open() || !self.retransmits.is_empty() || !self.repairs.is_empty()
    }

    /// One more packet is compared.
    pub(super) const fn tried(&mut self) {
        self.tried = self.tried.saturating_add(1);
    }

    /// What it says of its being a retransmission of stream `ssrc`, number `original`.
    pub(super) fn retransmission(&mut self, ssrc: u32, original: u16, evidence: Evidence) {
        let known = self.retransmits.iter_mut().find(|candidate| candidate.ssrc == ssrc);
        match (known, evidence) {
            (_, Evidence::None) | (None, Evidence::Against) => {}
            (Some(candidate), Evidence::Against) => candidate.misfits += 1,
            (Some(candidate), Evidence::For) => {
                candidate.fits += 1;
                if candidate.distinct.len() < DISTINCT && !candidate.distinct.contains(&original) {
                    candidate.distinct.push(original);
                }
            }
            (None, Evidence::For) => {
                self.retransmits.push(Candidate { ssrc, fits: 1, misfits: 0, distinct: vec![original] });
            }
        }
    }

    /// It protects packets of stream `ssrc`.
    pub(super) fn repair(&mut self, ssrc: u32, format: FecFormat) {
        self.format.get_or_insert(format);
        match self.repairs.iter_mut().find(|(other, _)| *other == ssrc) {
            Some((_, count)) => *count += 1,
            None => self.repairs.push((ssrc, 1)),
        }
    }

    /// The stream that this one retransmits, if most packets say so, or several do and hardly any speaks against it.
    pub(super) fn retransmitted(&self) -> Option<u32> {
        let best = self.retransmits.iter().max_by_key(|candidate| candidate.fits)?;
        let most = best.fits * 2 > self.tried;
        let several = best.distinct.len() == DISTINCT && best.fits > OUTWEIGHS * best.misfits;
        (most || several).then_some(best.ssrc)
    }

    /// How repair packets are written.
    pub(super) const fn format(&self) -> Option<FecFormat> {
        self.format
    }

    /// The streams that this one repairs, if most packets say so; those that most packets protect first.
    pub(super) fn repaired(&self) -> Vec<u32> {
        let mut repaired: Vec<_> = self.repairs.iter().filter(|(_, count)| count * 2 > self.tried).collect();
        repaired.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        repaired.into_iter().map(|(ssrc, _)| *ssrc).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clues(evidence: &[(u16, Evidence)]) -> Option<u32> {
        let mut clues = Clues::default();
        for (original, evidence) in evidence {
            clues.tried();
            clues.retransmission(7, *original, *evidence);
        }
        clues.retransmitted()
    }

    #[test]
    fn most_packets_or_several_that_nothing_speaks_against() {
        use Evidence::{Against, For, None as Silent};
        assert_eq!(clues(&[(1, For)]), Some(7));
        assert_eq!(clues(&[(1, For), (2, Silent)]), None);
        assert_eq!(clues(&[(1, For), (2, For), (9, Silent)]), Some(7));
        let mut few: Vec<_> = (0..100).map(|original| (original, Silent)).collect();
        few.extend((0..4).map(|original| (original, For)));
        assert_eq!(clues(&few), Some(7));
        few.push((200, Against));
        assert_eq!(clues(&few), None);
        let same: Vec<_> = (0..100).map(|_| (1, For)).chain((0..101).map(|n| (n, Silent))).collect();
        assert_eq!(clues(&same), None, "always the same number");
    }

    #[test]
    fn a_repair_stream_may_protect_several() {
        let mut clues = Clues::default();
        for protects in [&[1, 2][..], &[2], &[2, 3], &[2, 1]] {
            clues.tried();
            protects.iter().for_each(|ssrc| clues.repair(*ssrc, FecFormat::FlexFec03));
        }
        assert_eq!(clues.repaired(), [2]);
        clues.tried();
        clues.repair(1, FecFormat::FlexFec03);
        assert_eq!(clues.repaired(), [2, 1]);
    }
}
