//! SSRCs that may be streams: RTP is recognised by a steady SSRC and a plausible sequence.

use std::time::Duration;

use super::header::Header;

/// SSRCs of one flow under observation.
const MAX_CANDIDATES: usize = 4;
/// Packets ahead in sequence that make a stream.
const STEPS: usize = 3;
/// Packets kept while a candidate is observed.
const MAX_KEPT: usize = 8;
/// A step this far ahead is one; behind, a late packet.
const MAX_AHEAD: u16 = 100;

/// A packet that waits for its stream to be recognised.
pub(super) type Waiting = (Duration, Header);

/// The SSRCs of one flow that are under observation.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    list: Vec<Candidate>,
}

#[derive(Debug)]
struct Candidate {
    ssrc: u32,
    highest: u16,
    steps: usize,
    kept: Vec<Waiting>,
}

impl Candidates {
    /// Takes in a packet. Gives all packets of its SSRC so far once they are recognised as a stream.
    pub(super) fn add(&mut self, at: Duration, header: Header) -> Option<Vec<Waiting>> {
        let ssrc = header.ssrc();
        let Some(place) = self.list.iter().position(|candidate| candidate.ssrc == ssrc) else {
            if self.list.len() == MAX_CANDIDATES {
                self.list.remove(0);
            }
            let kept = vec![(at, header)];
            self.list.push(Candidate { ssrc, highest: header.seq(), steps: 0, kept });
            return None;
        };
        let candidate = self.list.get_mut(place)?;
        candidate.add(at, header);
        (candidate.steps >= STEPS).then(|| self.list.swap_remove(place).kept)
    }

    /// The packets of all SSRCs under observation.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = Waiting> + '_ {
        self.list.drain(..).flat_map(|candidate| candidate.kept)
    }

    /// Packets of SSRCs that came more than once and in sequence, but too seldom to be sure.
    pub(super) fn undecided(&self) -> u64 {
        let likely = self.list.iter().filter(|candidate| candidate.steps > 0);
        likely.map(|candidate| candidate.kept.len() as u64).sum()
    }
}

impl Candidate {
    fn add(&mut self, at: Duration, header: Header) {
        let ahead = header.seq().wrapping_sub(self.highest);
        if (1..=MAX_AHEAD).contains(&ahead) {
            self.steps += 1;
            self.highest = header.seq();
        } else if ahead != 0 && ahead < MAX_AHEAD.wrapping_neg() {
            // Not this stream's sequence: observe from here on.
            self.steps = 0;
            self.highest = header.seq();
            self.kept.clear();
        }
        if self.kept.len() == MAX_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((at, header));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ssrc: u32, seq: u16) -> Header {
        let mut bytes = [0x80, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[2..4].copy_from_slice(&seq.to_be_bytes());
        bytes[8..].copy_from_slice(&ssrc.to_be_bytes());
        Header::parse(&bytes, 12).unwrap()
    }

    fn recognised(seqs: &[u16]) -> Option<usize> {
        let mut candidates = Candidates::default();
        seqs.iter().find_map(|seq| candidates.add(Duration::ZERO, header(1, *seq))).map(|kept| kept.len())
    }

    #[test]
    fn streams_are_recognised_with_all_their_packets() {
        assert_eq!(recognised(&[65_534, 65_535, 1, 0, 2]), Some(5));
        assert_eq!(recognised(&[1, 2, 3]), None);
        assert_eq!(recognised(&[7; 100]), None, "a constant is no sequence");
        assert_eq!(recognised(&[1, 30_000, 2, 50_000, 9, 20_000, 40_000]), None, "noise is no sequence");
        assert_eq!(recognised(&[1, 30_000, 30_001, 30_002, 30_003]), Some(4));
    }

    #[test]
    fn observes_a_bounded_number() {
        let mut candidates = Candidates::default();
        for ssrc in 0..1000 {
            assert!(candidates.add(Duration::ZERO, header(ssrc, 1)).is_none());
        }
        assert_eq!((candidates.list.len(), candidates.undecided()), (MAX_CANDIDATES, 0));
        assert_eq!(candidates.take_all().count(), MAX_CANDIDATES);
        assert_eq!(candidates.take_all().count(), 0);
    }
}
