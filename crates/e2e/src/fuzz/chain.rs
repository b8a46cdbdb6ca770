//! A hostile peer, by script.

use crate::{Draw, Peer, Script, Victim, default_registry};

/// Datagrams after which a script ends: one that repeats others would only be slow.
const MAX_DATAGRAMS: u64 = 4000;

/// Plays `data` as a script of what a [`Peer`] does to a [`Victim`].
pub fn chain(data: &[u8]) {
    let (registry, statistics) = default_registry();
    let (mut victim, mut peer, mut script) = (Victim::new(&registry), Peer::new(), Script::new(data));
    while !script.is_done() && victim.totals().datagrams_in < MAX_DATAGRAMS {
        peer.step(&mut script, &mut victim);
    }
    assert_eq!(statistics.snapshot().len(), 1);
    victim.finish();
    assert_eq!(statistics.snapshot().len(), 0);
}
