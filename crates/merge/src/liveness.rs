//! Which paths bring packets while others do not.

use std::time::Duration;

use crate::path::Path;

/// How one path changes, raised as an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathChange {
    /// It brings nothing, while others do.
    Died {
        /// The stream's media SSRC.
        ssrc: u32,
        /// The path.
        path: u8,
        /// How long it has brought nothing.
        silent: Duration,
    },
    /// It brings packets again.
    Returned {
        /// The stream's media SSRC.
        ssrc: u32,
        /// The path.
        path: u8,
        /// How long it had brought nothing.
        after: Duration,
    },
    /// It carries something else than the path with the lower number, and is shut out until the stream is bound anew.
    Distrusted {
        /// The stream's media SSRC.
        ssrc: u32,
        /// The path.
        path: u8,
    },
}

/// Looks after the paths of a stream without a timer: a path is dead only while another one lives.
#[derive(Debug, Default)]
pub(crate) struct Liveness {
    /// The path that brought the last packet.
    latest: Option<u8>,
    /// When to look again, in nanoseconds since the chain began.
    look_at: u64,
}

impl Liveness {
    /// A packet has come over `path`: from now on the others are behind.
    #[inline]
    pub(crate) fn note(&mut self, path: u8, now: u64, paths: &mut [Path]) {
        if self.latest == Some(path) {
            return;
        }
        self.latest = Some(path);
        for (_, other) in (0..).zip(paths).filter(|(at, other)| *at != path && other.has_begun()) {
            other.behind_since.get_or_insert(now);
        }
    }

    /// A path that has died, if it is time to look; one at a time.
    #[inline]
    pub(crate) fn look(&mut self, now: u64, skew: u64, paths: &mut [Path]) -> Option<(u8, Duration)> {
        if now < self.look_at {
            return None;
        }
        let died = (0..).zip(paths).find_map(|(at, path)| path.dies(now, skew).map(|silent| (at, silent)));
        if died.is_none() {
            // A quarter of the least that a path may be silent.
            self.look_at = now.saturating_add(skew / 4);
        }
        died
    }
}
