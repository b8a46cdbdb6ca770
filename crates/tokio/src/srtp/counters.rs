//! What SRTP has counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Datagrams that an [`SrtpTransport`](crate::SrtpTransport) has dropped. Those that came in are in the session's
/// [`rejected_datagrams`](crate::SessionCounters::rejected_datagrams) as well, those that should leave in
/// [`discarded_sends`](crate::SessionCounters::discarded_sends).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SrtpCounters {
    /// Shorter than header, index and tag are, or with a header that does not fit.
    pub malformed: u64,
    /// Not by the peer, or not as it sent it: the tag is wrong. Plain RTP and RTCP, and SRTCP that says it is not encrypted, are
    /// among these.
    pub unauthenticated: u64,
    /// Came before, or are older than the [window](crate::SrtpOptions::replay_window).
    pub replayed: u64,
    /// Of more SSRCs than [`max_ssrcs`](crate::SrtpOptions::max_ssrcs).
    pub refused_ssrcs: u64,
    /// Should leave and could not be encrypted: no packets, or more of an SSRC than a key may encrypt (2^48, RFC 3711 §9.2).
    pub unencrypted: u64,
}

/// Reads the counters of an [`SrtpTransport`](crate::SrtpTransport) while a session has it. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct SrtpMeter {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    malformed: AtomicU64,
    unauthenticated: AtomicU64,
    replayed: AtomicU64,
    refused_ssrcs: AtomicU64,
    unencrypted: AtomicU64,
}

/// Why a datagram is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Malformed,
    Unauthenticated,
    Replayed,
    TooManySsrcs,
    Unencrypted,
}

impl SrtpMeter {
    /// What has been counted so far.
    #[must_use]
    pub fn counters(&self) -> SrtpCounters {
        let counts = &self.counts;
        SrtpCounters {
            malformed: counts.malformed.load(Relaxed),
            unauthenticated: counts.unauthenticated.load(Relaxed),
            replayed: counts.replayed.load(Relaxed),
            refused_ssrcs: counts.refused_ssrcs.load(Relaxed),
            unencrypted: counts.unencrypted.load(Relaxed),
        }
    }

    pub(super) fn count(&self, refusal: Refusal) {
        let counts = &self.counts;
        let counter = match refusal {
            Refusal::Malformed => &counts.malformed,
            Refusal::Unauthenticated => &counts.unauthenticated,
            Refusal::Replayed => &counts.replayed,
            Refusal::TooManySsrcs => &counts.refused_ssrcs,
            Refusal::Unencrypted => &counts.unencrypted,
        };
        counter.fetch_add(1, Relaxed);
    }
}
