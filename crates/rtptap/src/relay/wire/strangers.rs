//! Whose datagrams were not taken, for whoever wonders why nothing comes.

use std::net::IpAddr;

use serde::Serialize;

/// Hosts remembered; the one silent longest makes room. A flood from made-up addresses costs no more.
const MAX: usize = 8;

/// A host that is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RejectedHost {
    /// Its address.
    pub host: IpAddr,
    /// Datagrams of it that were dropped since it is remembered.
    pub datagrams: u64,
}

/// The last hosts whose datagrams were dropped, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Strangers(Vec<RejectedHost>);

impl Strangers {
    pub(super) fn note(&mut self, host: IpAddr) {
        let host = host.to_canonical();
        tracing::info!(%host, "rejected: from another host, or no RTP");
        let known = self.0.iter().position(|stranger| stranger.host == host);
        let mut stranger = match known {
            Some(at) => self.0.remove(at),
            None => RejectedHost { host, datagrams: 0 },
        };
        stranger.datagrams += 1;
        if self.0.len() >= MAX {
            self.0.remove(0);
        }
        self.0.push(stranger);
    }

    pub(super) fn list(&self) -> Vec<RejectedHost> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_remembered_with_their_counts() {
        let mut strangers = Strangers::default();
        let host = |last| IpAddr::from([192, 0, 2, last]);
        (0..100).for_each(|at| strangers.note(host(at)));
        (0..3).for_each(|_| strangers.note(host(95)));
        let (hosts, counts): (Vec<_>, Vec<_>) =
            strangers.list().iter().map(|stranger| (stranger.host, stranger.datagrams)).unzip();
        assert_eq!(hosts, [92, 93, 94, 96, 97, 98, 99, 95].map(host));
        assert_eq!(counts, [1, 1, 1, 1, 1, 1, 1, 4]);
    }
}
