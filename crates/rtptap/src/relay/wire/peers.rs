//! Who is on the other side of a leg: where packets go, and from whom they are taken.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use interceptor_packet::Kind;

use crate::relay::RtcpMode;

/// The other side of a leg. Shared by its sockets and its statistics.
pub(in crate::relay) struct Peers {
    /// `None`: learnt from what comes.
    target: Option<SocketAddr>,
    rtcp_to: Option<SocketAddr>,
    takeover: Duration,
    learnt: Mutex<Learnt>,
    watcher: OnceLock<Watcher>,
}

/// Is told where packets come from, each time that this changes.
type Watcher = Box<dyn Fn(SocketAddr) + Send + Sync>;

/// Where a source's packets come from.
#[derive(Clone, Copy, Debug, Default)]
struct Learnt {
    media: Option<SocketAddr>,
    control: Option<SocketAddr>,
    heard: Option<Instant>,
}

impl Learnt {
    /// What a source is known by: RTCP may come before any RTP.
    fn source(&self) -> Option<SocketAddr> {
        self.media.or(self.control)
    }
}

impl Peers {
    /// A source that shows itself by sending. It answers RTCP where it sends RTCP from, or at `rtcp_to`. Another host
    /// takes its place once it has been silent for `takeover`.
    pub(in crate::relay) fn learnt(rtcp_to: Option<SocketAddr>, takeover: Duration) -> Self {
        Self { target: None, rtcp_to, takeover, learnt: Mutex::default(), watcher: OnceLock::new() }
    }

    /// A target. RTCP goes to `rtcp_to`, else where `rtcp` says.
    pub(in crate::relay) fn fixed(to: SocketAddr, rtcp: RtcpMode, rtcp_to: Option<SocketAddr>) -> Self {
        let above = SocketAddr::new(to.ip(), to.port().saturating_add(1));
        let usual = if rtcp == RtcpMode::Mux { to } else { above };
        let rtcp_to = Some(rtcp_to.unwrap_or(usual));
        let (learnt, watcher) = (Mutex::default(), OnceLock::new());
        Self { target: Some(to), rtcp_to, takeover: Duration::ZERO, learnt, watcher }
    }

    /// Tells `watcher` of each new address that RTP comes from, and before any RTP of the one that RTCP comes from, before
    /// the packet that shows it is read. The first watcher counts.
    pub(in crate::relay) fn watch(&self, watcher: impl Fn(SocketAddr) + Send + Sync + 'static) {
        let _ = self.watcher.set(Box::new(watcher));
    }

    /// Where RTP goes, or comes from.
    pub(in crate::relay) fn media(&self) -> Option<SocketAddr> {
        self.target.or_else(|| self.lock().media)
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
    pub(super) fn accept(&self, from: SocketAddr, kind: Kind, now: Instant) -> bool {
        match self.target {
            // Receivers of a multicast stream report from wherever they are.
            Some(target) => target.ip().is_multicast() || same_host(target.ip(), from.ip()),
            None if kind == Kind::Other => false,
            None => {
                let before = self.lock().source();
                let known = self.learn(from, kind, now);
                let source = self.lock().source();
                match (source, self.watcher.get()) {
                    (Some(address), Some(watcher)) if source != before => watcher(address),
                    _ => {}
                }
                known
            }
        }
    }

    fn learn(&self, from: SocketAddr, kind: Kind, now: Instant) -> bool {
        let mut learnt = self.lock();
        let silent = learnt.heard.is_none_or(|at| now.saturating_duration_since(at) >= self.takeover);
        if learnt.source().is_some_and(|known| !same_host(known.ip(), from.ip())) {
            if !silent {
                return false;
            }
            tracing::info!(%from, "another host takes the source's place");
            *learnt = Learnt::default();
        }
        learnt.heard = Some(now);
        let address = if kind == Kind::Rtcp { &mut learnt.control } else { &mut learnt.media };
        // A source that was restarted has other ports.
        if silent || kind == Kind::Rtcp {
            *address = Some(from);
        }
        address.get_or_insert(from);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
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
#[expect(clippy::disallowed_methods, reason = "any instant will do")]
mod tests {
    use super::*;

    fn at(host: u8, port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, host], port))
    }

    #[test]
    fn a_source_is_whoever_comes_first_until_it_falls_silent() {
        let peers = Peers::learnt(None, Duration::from_secs(5));
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        assert!(!peers.accept(at(1, 10), Kind::Other, start), "a scan is no source");
        assert_eq!(peers.destination(Kind::Rtcp), None);
        assert!(peers.accept(at(1, 10), Kind::Rtp, start));
        assert_eq!(peers.destination(Kind::Rtcp), Some(at(1, 10)), "until its RTCP is seen");
        assert!(peers.accept(at(1, 11), Kind::Rtcp, after(100)));
        assert_eq!((peers.media(), peers.destination(Kind::Rtcp)), (Some(at(1, 10)), Some(at(1, 11))));
        assert!(!peers.accept(at(2, 10), Kind::Rtp, after(4000)));
        assert!(peers.accept(at(2, 20), Kind::Rtp, after(5100)));
        assert_eq!((peers.media(), peers.destination(Kind::Rtcp)), (Some(at(2, 20)), Some(at(2, 20))));
    }

    #[test]
    fn a_restarted_source_is_answered_where_it_is_now() {
        let peers = Peers::learnt(Some(at(1, 99)), Duration::from_secs(5));
        let start = Instant::now();
        assert!(peers.accept(at(1, 10), Kind::Rtp, start));
        assert!(peers.accept(at(1, 12), Kind::Rtp, start), "a second stream of the same host");
        assert_eq!(peers.media(), Some(at(1, 10)));
        assert!(peers.accept(at(1, 30), Kind::Rtp, start + Duration::from_secs(6)));
        assert_eq!((peers.media(), peers.destination(Kind::Rtcp)), (Some(at(1, 30)), Some(at(1, 99))));
    }

    #[test]
    fn a_watcher_hears_of_each_new_source_once() {
        let heard = std::sync::Arc::<Mutex<Vec<SocketAddr>>>::default();
        let (peers, told) = (Peers::learnt(None, Duration::from_secs(5)), std::sync::Arc::clone(&heard));
        peers.watch(move |from| told.lock().unwrap().push(from));
        let start = Instant::now();
        peers.accept(at(1, 11), Kind::Rtcp, start);
        (0..3).for_each(|_| _ = peers.accept(at(1, 10), Kind::Rtp, start));
        peers.accept(at(2, 20), Kind::Rtp, start);
        peers.accept(at(2, 20), Kind::Rtp, start + Duration::from_secs(6));
        assert_eq!(*heard.lock().unwrap(), [at(1, 11), at(1, 10), at(2, 20)]);
    }

    #[test]
    fn a_target_answers_from_any_port_of_its_host() {
        let peers = Peers::fixed(at(7, 5004), RtcpMode::Ports, None);
        let now = Instant::now();
        assert!(peers.accept(at(7, 40_000), Kind::Rtcp, now) && !peers.accept(at(8, 5005), Kind::Rtcp, now));
        assert_eq!((peers.media(), peers.destination(Kind::Rtcp)), (Some(at(7, 5004)), Some(at(7, 5005))));
        let mux = Peers::fixed(at(7, 5004), RtcpMode::Mux, None);
        assert_eq!(mux.destination(Kind::Rtcp), Some(at(7, 5004)));
    }
}
