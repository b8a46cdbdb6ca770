//! Sequence numbers of the FEC SSRCs, of which several streams may share one.

use rand::Rng;
use smallvec::SmallVec;

/// SSRCs that nobody uses any more, and whose numbers are remembered, at the most.
const MOST_IDLE: usize = 16;

/// The next number of each FEC SSRC in use, and of those used last: one that is used again goes on where it was, as SRTP takes numbers
/// that it has seen for repeats (RFC 3711 §3.3.2), and must not encrypt two packets under one.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    /// As many as there are protected streams at most, and sixteen.
    all: SmallVec<[Entry; 2]>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    ssrc: u32,
    next: u16,
    streams: u32,
}

impl Numbers {
    /// One more stream uses this SSRC. Its first one begins with `first`, or at random.
    pub(crate) fn share(&mut self, ssrc: u32, first: Option<u16>, rng: &mut impl Rng) {
        match self.entry(ssrc) {
            Some(entry) => entry.streams += 1,
            None => {
                let next = first.unwrap_or_else(|| rng.next_u32() as u16);
                self.all.push(Entry { ssrc, next, streams: 1 });
            }
        }
    }

    /// One stream fewer does.
    pub(crate) fn release(&mut self, ssrc: u32) {
        if let Some(entry) = self.entry(ssrc) {
            entry.streams = entry.streams.saturating_sub(1);
        }
        let mut idle = self.all.iter().filter(|entry| entry.streams == 0).count();
        self.all.retain(|entry| {
            let goes = entry.streams == 0 && idle > MOST_IDLE;
            idle -= usize::from(goes);
            !goes
        });
    }

    /// The next number.
    pub(crate) fn next(&mut self, ssrc: u32) -> u16 {
        let Some(entry) = self.entry(ssrc) else { return 0 };
        let number = entry.next;
        entry.next = number.wrapping_add(1);
        number
    }

    fn entry(&mut self, ssrc: u32) -> Option<&mut Entry> {
        self.all.iter_mut().find(|entry| entry.ssrc == ssrc)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    #[test]
    fn streams_of_one_ssrc_share_its_numbers() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut numbers = Numbers::default();
        numbers.share(7, Some(65_535), &mut rng);
        numbers.share(7, Some(1), &mut rng);
        numbers.share(8, None, &mut rng);
        assert_eq!([numbers.next(7), numbers.next(7)], [65_535, 0]);
        let other = numbers.next(8);
        numbers.release(7);
        assert_eq!((numbers.next(7), numbers.next(8)), (1, other.wrapping_add(1)));
        numbers.release(7);
        numbers.share(7, Some(5), &mut rng);
        assert_eq!(numbers.next(7), 2, "it goes on where it was");
        assert_eq!(numbers.next(9), 0, "nobody's");
    }

    #[test]
    fn of_those_that_nobody_uses_only_so_many_are_remembered() {
        let mut rng = SmallRng::seed_from_u64(1);
        let mut numbers = Numbers::default();
        numbers.share(7, Some(1), &mut rng);
        for ssrc in 100..200 {
            numbers.share(ssrc, Some(1), &mut rng);
            numbers.release(ssrc);
        }
        assert_eq!((numbers.next(7), numbers.all.len()), (1, 1 + MOST_IDLE));
    }
}
