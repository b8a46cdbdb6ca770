//! Who is on the other side of a leg: where packets go, and whose packets are taken.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use interceptor_packet::Kind;

use super::claims::{Claims, Held, Ruling};
use super::strangers::{RejectedHost, Strangers};
use crate::relay::{Hosts, RtcpMode};

/// The other side of a leg. Shared by its sockets and its statistics.
pub(in crate::relay) struct Peers {
    /// `None`: learnt from what comes.
    target: Option<SocketAddr>,
    rtcp_to: Option<SocketAddr>,
    takeover: Duration,
    /// Who may be the source; `None`: anybody.
    believed: Option<Hosts>,
    learnt: Mutex<Learnt>,
    watcher: OnceLock<Watcher>,
}

/// Is told where packets come from, each time that this changes.
type Watcher = Box<dyn Fn(SocketAddr) + Send + Sync>;

/// Where a source's packets come from, and who else has sent.
#[derive(Debug, Default)]
struct Learnt {
    media: Option<SocketAddr>,
    control: Option<SocketAddr>,
    heard: Option<Instant>,
    claims: Claims,
    strangers: Strangers,
}

/// What becomes of a datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is from the other side.
    Taken,
    /// It shows who the source is: what was kept of that host goes before it. So many datagrams of others are dropped.
    TakenAfter(Vec<Held>, usize),
    /// It is kept until its host has shown that it is the source. So many older ones are dropped.
    Kept(usize),
    /// It is from somebody else. So many older ones are dropped, and this one.
    Rejected(usize),
}

impl Peers {
    /// A source that shows itself by sending RTP in sequence, of `believed` if that is given. It answers RTCP where it sends
    /// RTCP from, or at `rtcp_to`. Another host takes its place once it has been silent for `takeover`.
    pub(in crate::relay) fn learnt(
        rtcp_to: Option<SocketAddr>,
        takeover: Duration,
        believed: Option<Hosts>,
    ) -> Self {
        let (learnt, watcher) = (Mutex::default(), OnceLock::new());
        Self { target: None, rtcp_to, takeover, believed, learnt, watcher }
    }

    /// A target. RTCP goes to `rtcp_to`, else where `rtcp` says.
    pub(in crate::relay) fn fixed(to: SocketAddr, rtcp: RtcpMode, rtcp_to: Option<SocketAddr>) -> Self {
        let above = SocketAddr::new(to.ip(), to.port().saturating_add(1));
        let usual = if rtcp == RtcpMode::Mux { to } else { above };
        let rtcp_to = Some(rtcp_to.unwrap_or(usual));
        let (learnt, watcher) = (Mutex::default(), OnceLock::new());
        Self { target: Some(to), rtcp_to, takeover: Duration::ZERO, believed: None, learnt, watcher }
    }

    /// Tells `watcher` of each new address that RTP comes from, before the packets that show it are read. The first watcher
    /// counts.
    pub(in crate::relay) fn watch(&self, watcher: impl Fn(SocketAddr) + Send + Sync + 'static) {
        let _ = self.watcher.set(Box::new(watcher));
    }

    /// Where RTP goes, or comes from.
    pub(in crate::relay) fn media(&self) -> Option<SocketAddr> {
        self.target.or_else(|| self.lock().media)
    }

    /// The last hosts whose datagrams were dropped.
    pub(in crate::relay) fn rejected(&self) -> Vec<RejectedHost> {
        self.lock().strangers.list()
    }

    /// Datagrams that wait until their host has shown that it is the source.
    pub(in crate::relay) fn held(&self) -> usize {
        self.lock().claims.held()
    }

    /// Where a datagram goes; `None` while nobody is known.
    pub(super) fn destination(&self, kind: Kind) -> Option<SocketAddr> {
        if kind != Kind::Rtcp {
            return self.media();
        }
        self.rtcp_to.or_else(|| {
            let learnt = self.lock();
            learnt.control.or(learnt.media)
        })
    }

    /// Is this datagram from the other side? Any port of its host will do: many send RTP, RTCP and streams of their own
    /// from sockets of their own.
    pub(super) fn hear(&self, from: SocketAddr, kind: Kind, datagram: &[u8], now: Instant) -> Verdict {
        let mut learnt = self.lock();
        if let Some(target) = self.target {
            // Receivers of a multicast stream report from wherever they are.
            if target.ip().is_multicast() || same_host(target.ip(), from.ip()) {
                return Verdict::Taken;
            }
            learnt.strangers.note(from.ip());
            return Verdict::Rejected(0);
        }
        let before = learnt.media;
        let verdict = learnt.hear(from, kind, datagram, now, self);
        let media = learnt.media.filter(|media| before != Some(*media));
        drop(learnt);
        if let (Some(media), Some(watcher)) = (media, self.watcher.get()) {
            watcher(media);
        }
        verdict
    }

    fn lock(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Learnt {
    fn hear(
        &mut self,
        from: SocketAddr,
        kind: Kind,
        datagram: &[u8],
        now: Instant,
        peers: &Peers,
    ) -> Verdict {
        let silent = self.heard.is_none_or(|at| now.saturating_duration_since(at) >= peers.takeover);
        let is_source = self.media.is_some_and(|media| same_host(media.ip(), from.ip()));
        if is_source && kind != Kind::Other {
            self.learn(from, kind, silent, now);
            return Verdict::Taken;
        }
        let believed = peers.believed.as_ref().is_none_or(|hosts| hosts.contains(from.ip()));
        if !silent || !believed || kind == Kind::Other {
            self.strangers.note(from.ip());
            return Verdict::Rejected(0);
        }
        let (mut dropped, strangers) = (0, &mut self.strangers);
        let mut drop = |host| {
            strangers.note(host);
            dropped += 1;
        };
        match self.claims.hear(from, kind, datagram, now, &mut drop) {
            Ruling::Held => Verdict::Kept(dropped),
            Ruling::Refused => {
                strangers.note(from.ip());
                Verdict::Rejected(dropped)
            }
            Ruling::Good(held) => {
                self.claims.dismiss(&mut drop);
                tracing::debug!(%from, "another source");
                (self.media, self.control) = (None, None);
                held.iter().for_each(|held| self.learn(held.from, held.kind, false, now));
                self.learn(from, kind, false, now);
                Verdict::TakenAfter(held, dropped)
            }
        }
    }

    /// A datagram of the source has come.
    fn learn(&mut self, from: SocketAddr, kind: Kind, silent: bool, now: Instant) {
        self.heard = Some(now);
        let address = if kind == Kind::Rtcp { &mut self.control } else { &mut self.media };
        // A source that was restarted has other ports.
        if silent || kind == Kind::Rtcp {
            *address = Some(from);
        }
        address.get_or_insert(from);
    }
}

impl std::fmt::Debug for Peers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peers").field("media", &self.media()).finish_non_exhaustive()
    }
}

fn same_host(a: IpAddr, b: IpAddr) -> bool {
    a.to_canonical() == b.to_canonical()
}

#[cfg(test)]
#[path = "peers_tests.rs"]
mod tests;
