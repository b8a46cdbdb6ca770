//! How many streams a peer has at once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Whose streams are counted together.
///
/// ```
/// use std::net::IpAddr;
/// use interceptor_grpc::PeerKey;
///
/// let host = |address: &str| PeerKey::from(address.parse::<IpAddr>().unwrap());
/// assert_ne!(host("192.0.2.1"), host("192.0.2.2"));
/// // A host has a whole /64 of IPv6.
/// assert_eq!(host("2001:db8::1"), host("2001:db8::2"));
/// assert_eq!(host("::ffff:192.0.2.1"), host("192.0.2.1"));
/// assert_ne!(PeerKey::from("alice"), PeerKey::from("bob"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PeerKey(Key);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    V4(u32),
    /// The first 64 bits.
    V6(u64),
    Text(Box<str>),
}

impl From<IpAddr> for PeerKey {
    /// An IPv4 address, or the first 64 bits of an IPv6 one: that much every host has to choose from.
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => Key::V4(address.to_bits()),
            IpAddr::V6(address) => Key::V6((address.to_bits() >> 64) as u64),
        })
    }
}

impl From<&str> for PeerKey {
    /// A user, a tenant, the subject of a certificate: what whoever authenticates it says, not what the peer claims.
    fn from(text: &str) -> Self {
        Self(Key::Text(text.into()))
    }
}

type Running = Arc<Mutex<HashMap<Option<PeerKey>, usize>>>;

/// The streams that run, by peer. A peer with none is not in it. All peers that nobody can tell apart are one.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    max: usize,
    running: Running,
}

impl Peers {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, running: Running::default() }
    }

    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    /// A place for one more stream, unless the peer has `max` already.
    pub(crate) fn enter(&self, key: Option<PeerKey>) -> Option<Slot> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        match running.entry(key.clone()) {
            Entry::Occupied(mut streams) if *streams.get() < self.max => *streams.get_mut() += 1,
            Entry::Vacant(free) if self.max > 0 => _ = free.insert(1),
            Entry::Occupied(_) | Entry::Vacant(_) => return None,
        }
        Some(Slot { key, running: Arc::clone(&self.running) })
    }
}

/// One stream's place.
#[derive(Debug)]
pub(crate) struct Slot {
    key: Option<PeerKey>,
    running: Running,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut streams) = running.entry(self.key.take()) {
            *streams.get_mut() -= 1;
            if *streams.get() == 0 {
                streams.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_holds_what_runs_and_nothing_else() {
        let peers = Peers::new(2);
        let key = |n: u32| Some(PeerKey::from(IpAddr::from(n.to_be_bytes())));
        let first: Vec<_> = (0..1000).filter_map(|n| peers.enter(key(n))).collect();
        assert_eq!(first.len(), 1000);
        let second = peers.enter(key(7));
        assert!(second.is_some() && peers.enter(key(7)).is_none());
        drop(first);
        assert_eq!(peers.running.lock().unwrap().len(), 1);
        drop(second);
        assert!(peers.running.lock().unwrap().is_empty());
    }

    #[test]
    fn peers_that_nobody_can_tell_apart_are_one() {
        let peers = Peers::new(1);
        let one = peers.enter(None);
        assert!(one.is_some() && peers.enter(None).is_none());
        assert!(peers.enter(Some("alice".into())).is_some());
    }

    #[test]
    fn none_at_all_are_allowed_where_the_limit_is_0() {
        assert!(Peers::new(0).enter(None).is_none());
    }
}
