//! Tells a compound that the host gives to several readers from one that comes again.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

/// The host hands copies to its readers at once; they read them when they run.
const WINDOW: Duration = Duration::from_secs(2);

/// Compounds remembered: a full connection gets fewer in two seconds.
const MOST: usize = 256;

/// The last compounds, and who has read them.
///
/// A reader gets a compound once, so what one reader sees a second time has come a second time: each compound is as new as
/// it is to the reader that has seen it most often.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    /// Keyed by chance: no peer can make two compounds look alike.
    hasher: RandomState,
    recent: VecDeque<Recent>,
}

#[derive(Debug)]
struct Recent {
    hash: u64,
    last: Instant,
    /// Which reader has seen it how often.
    seen: Vec<(u64, u32)>,
    /// How often it has come.
    came: u32,
    /// Is the application to have it?
    forwarded: bool,
}

/// What a compound is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    New,
    /// The chain has seen it; did it forward it?
    Copy {
        forwarded: bool,
    },
}

impl Copies {
    /// A reader has got a compound of these bytes.
    pub(crate) fn look(&mut self, compound: &[u8], reader: u64, now: Instant) -> Sight {
        // All are looked at: one that keeps coming stays in front of others that do not.
        self.recent.retain(|recent| now.saturating_duration_since(recent.last) <= WINDOW);
        let hash = self.hasher.hash_one(compound);
        let Some(known) = self.recent.iter_mut().find(|recent| recent.hash == hash) else {
            if self.recent.len() >= MOST {
                self.recent.pop_front();
            }
            let seen = vec![(reader, 1)];
            self.recent.push_back(Recent { hash, last: now, seen, came: 1, forwarded: true });
            return Sight::New;
        };
        let times = match known.seen.iter_mut().find(|(who, _)| *who == reader) {
            Some((_, times)) => {
                *times += 1;
                *times
            }
            None => {
                known.seen.push((reader, 1));
                1
            }
        };
        if times <= known.came {
            return Sight::Copy { forwarded: known.forwarded };
        }
        // The chain may have kept the last one, and forward this one.
        (known.came, known.last, known.forwarded) = (times, now, true);
        Sight::New
    }

    /// The chain kept the newest compound of these bytes for itself.
    pub(crate) fn kept(&mut self, compound: &[u8]) {
        let hash = self.hasher.hash_one(compound);
        if let Some(known) = self.recent.iter_mut().find(|recent| recent.hash == hash) {
            known.forwarded = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    fn start() -> Instant {
        Instant::now()
    }

    const COPY: Sight = Sight::Copy { forwarded: true };

    #[test]
    fn the_second_reader_of_a_compound_has_a_copy() {
        let (mut copies, now) = (Copies::default(), start());
        assert_eq!([1, 2, 3].map(|reader| copies.look(b"a", reader, now)), [Sight::New, COPY, COPY]);
        assert_eq!(copies.look(b"b", 2, now), Sight::New);
    }

    #[test]
    fn what_one_reader_sees_twice_came_twice() {
        let (mut copies, now) = (Copies::default(), start());
        let sights = [1, 1, 2, 2, 2, 1].map(|reader| copies.look(b"a", reader, now));
        assert_eq!(sights, [Sight::New, Sight::New, COPY, COPY, Sight::New, COPY]);
    }

    #[test]
    fn what_is_older_than_two_seconds_is_forgotten() {
        let (mut copies, now) = (Copies::default(), start());
        assert_eq!(copies.look(b"a", 1, now), Sight::New);
        assert_eq!(copies.look(b"a", 2, now + WINDOW + Duration::from_nanos(1)), Sight::New);
    }

    #[test]
    fn what_keeps_coming_keeps_no_others_from_being_forgotten() {
        let (mut copies, now) = (Copies::default(), start());
        copies.look(b"often", 1, now);
        copies.look(b"once", 1, now);
        for second in 1..=3 {
            copies.look(b"often", 1, now + Duration::from_secs(second));
        }
        assert_eq!(copies.look(b"once", 2, now + Duration::from_secs(3)), Sight::New);
    }

    #[test]
    fn what_is_forwarded_after_it_was_kept_is_forwarded_to_all() {
        let (mut copies, now) = (Copies::default(), start());
        copies.look(b"a", 1, now);
        copies.kept(b"a");
        copies.look(b"a", 2, now);
        assert_eq!([1, 2].map(|reader| copies.look(b"a", reader, now)), [Sight::New, COPY]);
    }

    #[test]
    fn remembers_so_many_and_no_more() {
        let (mut copies, now) = (Copies::default(), start());
        for number in 0..10_000_u32 {
            copies.look(&number.to_be_bytes(), 1, now);
        }
        assert_eq!(copies.recent.len(), MOST);
    }

    #[test]
    fn copies_of_what_the_chain_kept_are_kept() {
        let (mut copies, now) = (Copies::default(), start());
        copies.look(b"a", 1, now);
        copies.kept(b"a");
        assert_eq!(copies.look(b"a", 2, now), Sight::Copy { forwarded: false });
    }
}
