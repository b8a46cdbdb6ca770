//! Which session an address belongs to.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::FixedState;

/// An address as datagrams are told apart by it: without scope and flow label, which differ from datagram to datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Address {
    ip: u128,
    port: u16,
}

impl From<SocketAddr> for Address {
    #[inline]
    fn from(address: SocketAddr) -> Self {
        let ip = match address.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        Self { ip: ip.to_bits(), port: address.port() }
    }
}

/// Sessions and the addresses that belong to them: each address to one session, several to a session up to a limit.
#[derive(Debug)]
pub(super) struct Table<S> {
    owners: HashMap<Address, (u64, S), FixedState>,
    sessions: HashMap<u64, Seat<S>, FixedState>,
    limit: usize,
}

#[derive(Debug)]
struct Seat<S> {
    session: S,
    /// In the order in which they were named.
    addresses: Vec<Address>,
}

impl<S: Clone> Table<S> {
    /// With at most `limit` addresses a session. The seed keeps peers from choosing addresses of one hash.
    pub(super) fn new(limit: usize, seed: u64) -> Self {
        let state = || FixedState::with_seed(seed);
        Self { owners: HashMap::with_hasher(state()), sessions: HashMap::with_hasher(state()), limit }
    }

    pub(super) fn insert(&mut self, id: u64, session: S) {
        self.sessions.insert(id, Seat { session, addresses: Vec::new() });
    }

    /// Removes a session with all its addresses.
    pub(super) fn remove(&mut self, id: u64) -> Option<S> {
        let seat = self.sessions.remove(&id)?;
        for address in &seat.addresses {
            self.owners.remove(address);
        }
        Some(seat.session)
    }

    pub(super) fn session(&self, id: u64) -> Option<&S> {
        self.sessions.get(&id).map(|seat| &seat.session)
    }

    /// Whose address it is.
    #[inline]
    pub(super) fn owner(&self, address: Address) -> Option<(u64, &S)> {
        self.owners.get(&address).map(|(id, session)| (*id, session))
    }

    /// Gives an address to a session that is there, whoever had it. Returns how many others it lost, so as not to have too many: those that were
    /// named first, but not `keep`.
    pub(super) fn assign(&mut self, address: Address, id: u64, keep: Option<Address>) -> usize {
        let before = self.owners.get(&address).map(|(owner, _)| *owner);
        // Nobody loses an address to a session that is gone.
        if before == Some(id) || !self.sessions.contains_key(&id) {
            return 0;
        }
        if let Some(seat) = before.and_then(|before| self.sessions.get_mut(&before)) {
            seat.addresses.retain(|other| *other != address);
        }
        let Some(seat) = self.sessions.get_mut(&id) else { return 0 };
        let mut lost = 0;
        while seat.addresses.len() >= self.limit {
            let Some(oldest) = seat.addresses.iter().position(|other| Some(*other) != keep) else { break };
            self.owners.remove(&seat.addresses.remove(oldest));
            lost += 1;
        }
        seat.addresses.push(address);
        self.owners.insert(address, (id, seat.session.clone()));
        lost
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = &S> {
        self.sessions.values().map(|seat| &seat.session)
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    pub(super) fn addresses(&self) -> usize {
        self.owners.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::SocketAddr;

    use proptest::prelude::*;

    use super::{Address, Table};

    fn at(host: u8) -> Address {
        SocketAddr::from(([192, 0, 2, host], 5000)).into()
    }

    fn table(limit: usize, sessions: u64) -> Table<u64> {
        let mut table = Table::new(limit, 1);
        (0..sessions).for_each(|id| table.insert(id, 10 * id));
        table
    }

    #[test]
    fn an_address_is_the_same_however_the_socket_writes_it() {
        let plain: SocketAddr = "192.0.2.7:5000".parse().unwrap();
        let mapped: SocketAddr = "[::ffff:192.0.2.7]:5000".parse().unwrap();
        assert_eq!(Address::from(plain), Address::from(mapped));
        let scoped: SocketAddr = "[fe80::1%3]:5000".parse().unwrap();
        let other: SocketAddr = "[fe80::1]:5000".parse().unwrap();
        assert_eq!(Address::from(scoped), Address::from(other));
        assert_ne!(Address::from(other), Address::from("[fe80::1]:5001".parse::<SocketAddr>().unwrap()));
    }

    #[test]
    fn the_oldest_address_goes_but_never_the_peers() {
        let mut table = table(3, 1);
        for host in 1..=3 {
            assert_eq!(table.assign(at(host), 0, Some(at(1))), 0);
        }
        assert_eq!(table.assign(at(3), 0, Some(at(1))), 0, "it has it");
        assert_eq!(table.assign(at(4), 0, Some(at(1))), 1);
        let left: Vec<_> = (1..=4).filter(|host| table.owner(at(*host)).is_some()).collect();
        assert_eq!(left, [1, 3, 4]);
    }

    #[test]
    fn nobody_gets_an_address_who_is_not_there() {
        let mut table = table(3, 1);
        assert_eq!((table.assign(at(1), 9, None), table.addresses()), (0, 0));
        assert_eq!((table.remove(9), table.session(0)), (None, Some(&0)));
        assert_eq!((table.remove(0), table.session(0)), (Some(0), None));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Assign { host: u8, id: u64 },
        Remove(u64),
        Insert(u64),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            8 => (0..12_u8, 0..4_u64).prop_map(|(host, id)| Step::Assign { host, id }),
            1 => (0..4_u64).prop_map(Step::Remove),
            1 => (0..4_u64).prop_map(Step::Insert),
        ];
        prop::collection::vec(step, 0..80)
    }

    proptest! {
        /// Whoever was last given an address has it, unless it is gone or had too many.
        #[test]
        fn the_table_is_what_a_list_of_pairs_says(steps in steps(), limit in 2..5_usize) {
            let mut table = table(limit, 4);
            // Sessions with their addresses in order.
            let mut model: BTreeMap<u64, Vec<u8>> = (0..4).map(|id| (id, Vec::new())).collect();
            for step in steps {
                match step {
                    Step::Insert(id) if !model.contains_key(&id) => {
                        table.insert(id, 10 * id);
                        model.insert(id, Vec::new());
                    }
                    Step::Insert(_) => {}
                    Step::Remove(id) => prop_assert_eq!(table.remove(id).is_some(), model.remove(&id).is_some()),
                    Step::Assign { host, id } => {
                        let has = model.get(&id).is_some_and(|hosts| hosts.contains(&host));
                        let mut lost = 0;
                        if model.contains_key(&id) && !has {
                            model.values_mut().for_each(|hosts| hosts.retain(|other| *other != host));
                            let hosts = model.get_mut(&id).unwrap();
                            lost = usize::from(hosts.len() == limit);
                            hosts.drain(..lost);
                            hosts.push(host);
                        }
                        prop_assert_eq!(table.assign(at(host), id, None), lost);
                    }
                }
                let pairs = model.values().map(Vec::len).sum::<usize>();
                prop_assert_eq!((table.len(), table.addresses()), (model.len(), pairs));
                for (id, hosts) in &model {
                    for host in hosts {
                        prop_assert_eq!(table.owner(at(*host)), Some((*id, &(10 * id))));
                    }
                }
            }
        }
    }
}
