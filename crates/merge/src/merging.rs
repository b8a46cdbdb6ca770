//! The numbers of one SSRC: which copy is the first.

use interceptor_core::packet::SequenceNumber;

use crate::log::{CopyLog, Reach};
use crate::path::Path;

/// A packet as it came over a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) path: u8,
    pub(crate) seq: u16,
    pub(crate) fingerprint: u32,
    /// In nanoseconds since the chain began.
    pub(crate) now: u64,
}

/// What a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The first copy of a number.
    First(i64),
    /// Far from all others, and the first: it shows by what follows whether the sender counts anew.
    Stray,
    /// The first copy of a number of a sender that has begun to count anew.
    Restart(i64),
    /// A later copy.
    Copy {
        /// The path whose payload was another than that of the path with the lower number.
        blamed: Option<u8>,
    },
    /// So far behind that nothing is known of it any more.
    TooOld,
}

/// What is known of an SSRC's numbers.
#[derive(Debug)]
pub(crate) struct Merging {
    log: CopyLog,
    paths: Vec<Path>,
    /// The last number far from all others.
    stray: Option<Arrival>,
    /// Where the sender's present count begins.
    began: i64,
    /// When the last first copy came.
    latest_first: u64,
}

impl Default for Merging {
    fn default() -> Self {
        let (log, paths) = (CopyLog::default(), Vec::new());
        Self { log, paths, stray: None, began: i64::MIN, latest_first: 0 }
    }
}

impl Merging {
    /// Takes a packet, over one of at most eight paths.
    #[inline]
    pub(crate) fn take(&mut self, arrival: Arrival, reach: Reach) -> Taken {
        let Arrival { path, fingerprint, now, .. } = arrival;
        let Some(number) = self.place(arrival, reach) else { return self.take_stray(arrival, reach) };
        if self.log.is_behind(number) {
            return self.take_old(arrival, number, reach);
        }
        let micros = micros(now);
        if let Some(entry) = self.log.get_mut(number) {
            let (first, only, new) = (entry.first, entry.paths, entry.paths & (1 << path) == 0);
            let lag = micros.wrapping_sub(entry.at).cast_signed().max(0).unsigned_abs();
            if !new && entry.fingerprint != fingerprint && lag >= reach.micros {
                // The path has brought another packet of this number long ago.
                return self.take_stray(arrival, reach);
            }
            entry.paths |= 1 << path;
            let lag = u64::from(lag) * 1000;
            let differs = entry.fingerprint != fingerprint && first != path;
            self.note(path, number, new);
            if new {
                self.pair(path, first, only == 1 << first, lag);
            }
            return Taken::Copy { blamed: differs.then_some(path.max(first)) };
        }
        self.log.insert(number, path, fingerprint, micros, reach);
        self.note_first(path, number);
        self.latest_first = now;
        Taken::First(number)
    }

    /// Where a number stands: near the newest of all or, when a path lags far behind the others, near its own newest. `None`: neither.
    #[inline]
    fn place(&self, arrival: Arrival, reach: Reach) -> Option<i64> {
        let Some(newest) = self.log.newest() else { return Some(arrival.seq.into()) };
        let number = from(newest, arrival.seq);
        if number.abs_diff(newest) <= reach.most as u64 {
            Some(number)
        } else {
            self.place_far(number, arrival, reach)
        }
    }

    #[cold]
    fn place_far(&self, number: i64, Arrival { path, seq, now, .. }: Arrival, reach: Reach) -> Option<i64> {
        let newest = self.log.newest().unwrap_or_default();
        match self.paths.get(usize::from(path)).and_then(|path| path.numbers.highest()) {
            Some(own) => Some(from(own, seq)).filter(|number| number.abs_diff(own) <= reach.most as u64),
            // A path that begins, far behind others that go on: no sender would count anew over it alone.
            None => {
                let others_live = now.saturating_sub(self.latest_first) <= u64::from(reach.micros) * 1000;
                Some(number).filter(|number| *number < newest && others_live)
            }
        }
    }

    /// Nothing is known of the number any more. A path that lags brings what the others have brought. But one that had brought newer ones, when
    /// nobody has brought anything new for as long as copies may take, is a sender that counts anew, from not far behind, if two come in
    /// a row.
    #[cold]
    fn take_old(&mut self, arrival: Arrival, number: i64, reach: Reach) -> Taken {
        let own = self.paths.get(usize::from(arrival.path)).and_then(|path| path.numbers.highest());
        let is_ahead = own.is_some_and(|own| !self.log.is_behind(own));
        let is_quiet = arrival.now.saturating_sub(self.latest_first) > u64::from(reach.micros) * 1000;
        if is_ahead && is_quiet {
            return match self.take_stray(arrival, reach) {
                Taken::Stray => Taken::TooOld,
                other => other,
            };
        }
        // Of what the path brings in order it has brought nothing twice.
        self.note(arrival.path, number, own.is_none_or(|own| number > own));
        Taken::TooOld
    }

    /// Two in a row are a sender that counts anew (RFC 3550 A.1); one alone moves nothing, and goes on, since it is no copy of anything.
    #[cold]
    fn take_stray(&mut self, arrival: Arrival, reach: Reach) -> Taken {
        let young = |stray: &Arrival| arrival.now.saturating_sub(stray.now) < u64::from(reach.micros) * 1000;
        let before = self.stray.replace(arrival).filter(young);
        let Some(before) = before.filter(|before| arrival.seq.wrapping_sub(before.seq) <= 1) else {
            return Taken::Stray;
        };
        if before.seq == arrival.seq {
            self.stray = Some(before);
            return Taken::Copy { blamed: None };
        }
        self.stray = None;
        // Put ahead of all, so that what still comes of the last count is behind.
        let next = self.log.newest().unwrap_or_default() + 1;
        let first = next + i64::from(before.seq.wrapping_sub(next as u16));
        self.began = first;
        for (number, Arrival { path, fingerprint, now, .. }) in [(first, before), (first + 1, arrival)] {
            self.log.insert(number, path, fingerprint, micros(now), reach);
            self.note_first(path, number);
        }
        Taken::Restart(first + 1)
    }

    #[inline]
    fn note(&mut self, path: u8, number: i64, new: bool) {
        let began = self.began;
        if let Some(path) = self.begun(path) {
            path.numbers.note(number, new, began);
        }
    }

    #[inline]
    fn note_first(&mut self, path: u8, number: i64) {
        self.note(path, number, true);
        if let Some(path) = self.begun(path) {
            path.first += 1;
            path.unique += 1;
        }
    }

    /// A path has brought a copy of what another had brought so much earlier.
    #[inline]
    fn pair(&mut self, later: u8, first: u8, was_unique: bool, lag: u64) {
        if let Some(path) = self.begun(later) {
            path.lag(lag);
        }
        if let Some(path) = self.begun(first) {
            path.lag(0);
            path.unique = path.unique.saturating_sub(u64::from(was_unique));
        }
    }

    /// The path, whether anything has come over it or not.
    #[inline]
    pub(crate) fn begun(&mut self, path: u8) -> Option<&mut Path> {
        let at = usize::from(path);
        if at >= self.paths.len() {
            self.paths.resize(at + 1, Path::default());
        }
        self.paths.get_mut(at)
    }

    /// All paths up to the highest number over which anything has come.
    pub(crate) fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// [`paths`](Self::paths), to change.
    #[inline]
    pub(crate) fn paths_mut(&mut self) -> &mut [Path] {
        &mut self.paths
    }
}

/// The number of 16 bits that is nearest to another.
#[inline]
fn from(number: i64, seq: u16) -> i64 {
    number + i64::from(SequenceNumber(seq).distance(SequenceNumber(number as u16)))
}

/// Microseconds that wrap every 71 minutes: only short distances matter.
#[inline]
const fn micros(nanos: u64) -> u32 {
    (nanos / 1000) as u32
}
