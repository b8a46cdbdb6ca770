//! What a peer allows a stream by TMMBR (RFC 5104 §3.5.4, §4.2.1), and the answer.

use interceptor_core::packet::rtcp::TmmbEntry;

/// The requests that hold for one local stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    /// The SSRC of an entry is that of who asks.
    held: Vec<TmmbEntry>,
    /// An answer is due.
    pub(crate) unanswered: bool,
}

impl Requests {
    /// `owner` asks; its last word counts. `false`: there are `most` owners already, and all ask for less.
    pub(crate) fn ask(&mut self, owner: u32, request: TmmbEntry, most: usize) -> bool {
        self.unanswered = true;
        let request = TmmbEntry { ssrc: owner, ..request };
        if let Some(held) = self.held.iter_mut().find(|held| held.ssrc == owner) {
            *held = request;
            return true;
        }
        if self.held.len() < most {
            self.held.push(request);
            return true;
        }
        let loosest = self.held.iter_mut().max_by_key(|held| held.bitrate);
        match loosest.filter(|loosest| loosest.bitrate > request.bitrate) {
            Some(loosest) => {
                *loosest = request;
                true
            }
            None => false,
        }
    }

    /// `owner` has left.
    pub(crate) fn forget(&mut self, owner: u32) {
        self.held.retain(|held| held.ssrc != owner);
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What the stream may send, in bits per second of RTP with `below` bytes of headers below it, at `packets` a second.
    pub(crate) fn limit(&self, packets: u64, below: u64) -> Option<u64> {
        let allowed = |held: &TmmbEntry| {
            let counted = packets.saturating_mul(8 * u64::from(held.overhead));
            held.bitrate.saturating_sub(counted).saturating_add(packets.saturating_mul(8 * below))
        };
        self.held.iter().map(allowed).min()
    }

    /// The requests of which each is the strictest at some packet rate (RFC 5104 §3.5.4.2).
    pub(crate) fn bounding_set(&self) -> impl Iterator<Item = TmmbEntry> + '_ {
        let places = 0..self.held.len();
        places.filter_map(|place| {
            let one = *self.held.get(place)?;
            let strictest = self.bounds(place, one);
            strictest.then_some(one)
        })
    }

    /// Is there a packet rate at which nobody asks for less than `one`?
    fn bounds(&self, place: usize, one: TmmbEntry) -> bool {
        let (mut low, mut high) = (0.0_f64, f64::INFINITY);
        for (other_place, other) in self.held.iter().enumerate().filter(|(other, _)| *other != place) {
            let rate = (other.bitrate as f64 - one.bitrate as f64) / 8.0;
            let overhead = f64::from(other.overhead) - f64::from(one.overhead);
            if overhead > 0.0 {
                high = high.min(rate / overhead);
            } else if overhead < 0.0 {
                low = low.max(rate / overhead);
            } else if rate < 0.0 || (rate == 0.0 && other_place < place) {
                return false;
            }
        }
        low <= high && low * f64::from(one.overhead) * 8.0 <= one.bitrate as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn entry(ssrc: u32, bitrate: u64, overhead: u16) -> TmmbEntry {
        TmmbEntry { ssrc, bitrate, overhead }
    }

    fn asked(entries: &[TmmbEntry]) -> Requests {
        let mut requests = Requests::default();
        for entry in entries {
            assert!(requests.ask(entry.ssrc, *entry, 8));
        }
        requests
    }

    #[test]
    fn the_strictest_at_the_present_packet_rate_holds() {
        let requests = asked(&[entry(1, 500_000, 0), entry(2, 520_000, 100)]);
        assert_eq!(requests.limit(0, 28), Some(500_000));
        assert_eq!(requests.limit(100, 28), Some(520_000 - 80_000 + 22_400));
        assert_eq!(requests.limit(u64::MAX, 28), Some(u64::MAX), "whatever the rate");
        assert_eq!(Requests::default().limit(1, 1), None);
    }

    #[test]
    fn the_bounding_set_has_those_that_are_the_strictest_somewhere() {
        let ssrcs =
            |entries: &[TmmbEntry]| asked(entries).bounding_set().map(|entry| entry.ssrc).collect::<Vec<_>>();
        assert_eq!(ssrcs(&[entry(1, 500, 0), entry(2, 520, 100)]), [1, 2]);
        assert_eq!(ssrcs(&[entry(1, 500, 50), entry(2, 520, 40), entry(3, 510, 50)]), [1]);
        assert_eq!(ssrcs(&[entry(1, 500, 40), entry(2, 500, 40)]), [1]);
        // The third is nowhere below both others.
        assert_eq!(ssrcs(&[entry(1, 100_000, 0), entry(2, 120_000, 100), entry(3, 118_000, 20)]), [1, 2]);
        assert_eq!(ssrcs(&[]), []);
    }

    #[test]
    fn an_owner_changes_its_mind_and_leaves() {
        let mut requests = asked(&[entry(1, 500, 0), entry(2, 400, 0)]);
        requests.ask(2, entry(9, 800, 0), 8);
        assert_eq!(requests.limit(0, 0), Some(500));
        requests.forget(1);
        assert_eq!(requests.limit(0, 0), Some(800));
    }

    #[test]
    fn no_more_owners_are_held_than_there_may_be_and_the_strictest_stay() {
        let mut requests = asked(&[entry(1, 500, 0), entry(2, 400, 0)]);
        assert!(!requests.ask(3, entry(0, 600, 0), 2));
        assert!(requests.ask(3, entry(0, 300, 0), 2));
        let held: Vec<u32> = requests.held.iter().map(|held| held.ssrc).collect();
        assert_eq!(held, [3, 2]);
    }
}
