//! Key frame requests of all targets, made few: at most one a stream in an interval.

use std::time::{Duration, Instant};

/// Streams that requests are remembered of; the one asked for longest ago makes room.
const MAX_STREAMS: usize = 256;

/// How a key frame is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// Picture loss indication (RFC 4585 §6.3.1).
    Pli {
        /// The stream.
        ssrc: u32,
    },
    /// Full intra request (RFC 5104 §4.3.1).
    Fir {
        /// The stream.
        ssrc: u32,
        /// Of this end's requests for the stream.
        sequence_number: u8,
    },
}

/// How targets ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Pli,
    /// The stronger one: it is sent if anybody has asked so.
    Fir,
}

/// The first request leaves at once. What comes within the interval after it is one request at its end: the key frame
/// that was under way may have been too early for who asked last.
#[derive(Debug)]
pub(super) struct KeyframeRequests {
    interval: Duration,
    streams: Vec<Stream>,
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    last: Instant,
    waiting: Option<Kind>,
    firs: u8,
}

impl Stream {
    fn send(&mut self, kind: Kind, now: Instant) -> Request {
        self.last = now;
        self.waiting = None;
        if kind == Kind::Pli {
            return Request::Pli { ssrc: self.ssrc };
        }
        self.firs = self.firs.wrapping_add(1);
        Request::Fir { ssrc: self.ssrc, sequence_number: self.firs }
    }
}

impl KeyframeRequests {
    pub(super) const fn new(interval: Duration) -> Self {
        Self { interval, streams: Vec::new() }
    }

    /// A target asks; gives what is to be sent now.
    pub(super) fn ask(&mut self, ssrc: u32, kind: Kind, now: Instant) -> Option<Request> {
        let interval = self.interval;
        if let Some(stream) = self.streams.iter_mut().find(|stream| stream.ssrc == ssrc) {
            if now.saturating_duration_since(stream.last) >= interval {
                return Some(stream.send(kind, now));
            }
            stream.waiting = stream.waiting.max(Some(kind));
            return None;
        }
        if self.streams.len() >= MAX_STREAMS
            && let Some(oldest) =
                (0..self.streams.len()).min_by_key(|at| self.streams.get(*at).map(|s| s.last))
        {
            self.streams.swap_remove(oldest);
        }
        let mut stream = Stream { ssrc, last: now, waiting: None, firs: 0 };
        let request = stream.send(kind, now);
        self.streams.push(stream);
        Some(request)
    }

    /// When the next request that waits is due.
    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let waiting = self.streams.iter().filter(|stream| stream.waiting.is_some());
        waiting.map(|stream| stream.last + self.interval).min()
    }

    /// Requests that are due.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Request> {
        let interval = self.interval;
        let due =
            self.streams.iter_mut().filter(|stream| now.saturating_duration_since(stream.last) >= interval);
        due.filter_map(|stream| stream.waiting.map(|kind| stream.send(kind, now))).collect()
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any instant will do")]
mod tests {
    use super::*;

    #[test]
    fn many_requests_become_one_now_and_one_later() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut requests = KeyframeRequests::new(Duration::from_millis(500));
        assert_eq!(requests.ask(7, Kind::Pli, at(0)), Some(Request::Pli { ssrc: 7 }));
        assert_eq!(requests.next_timeout(), None);
        for ms in [1, 20, 300] {
            assert_eq!(requests.ask(7, Kind::Pli, at(ms)), None);
        }
        assert_eq!(
            requests.ask(8, Kind::Pli, at(300)),
            Some(Request::Pli { ssrc: 8 }),
            "streams do not share"
        );
        assert_eq!((requests.next_timeout(), requests.due(at(499))), (Some(at(500)), vec![]));
        assert_eq!(requests.due(at(500)), [Request::Pli { ssrc: 7 }]);
        assert_eq!(requests.next_timeout(), None);
        assert_eq!(requests.ask(7, Kind::Pli, at(900)), None, "the interval counts from the last that left");
        assert_eq!(requests.ask(7, Kind::Pli, at(1000)), Some(Request::Pli { ssrc: 7 }));
        assert_eq!(requests.next_timeout(), None, "the one that waited went with it");
    }

    #[test]
    fn a_full_intra_request_outweighs_a_loss_indication_and_is_numbered_anew() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut requests = KeyframeRequests::new(Duration::from_millis(500));
        assert_eq!(requests.ask(7, Kind::Fir, start), Some(Request::Fir { ssrc: 7, sequence_number: 1 }));
        assert_eq!(requests.ask(7, Kind::Fir, start), None);
        assert_eq!(requests.ask(7, Kind::Pli, start), None);
        assert_eq!(requests.due(later), [Request::Fir { ssrc: 7, sequence_number: 2 }]);
    }

    #[test]
    fn hostile_targets_make_nothing_grow() {
        let now = Instant::now();
        let mut requests = KeyframeRequests::new(Duration::from_millis(500));
        (0..10_000).for_each(|ssrc| _ = requests.ask(ssrc, Kind::Pli, now));
        assert_eq!(requests.streams.len(), MAX_STREAMS);
    }
}
