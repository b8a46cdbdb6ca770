//! A hostile peer, by script.

use crate::{Draw, Peer, Script, Victim, default_registry, rfc3550_registry};

/// Datagrams after which a script ends: one that repeats others would only be slow.
const MAX_DATAGRAMS: u64 = 4000;

/// Plays `data` as a script of what a [`Peer`] does to a [`Victim`].
pub fn chain(data: &[u8]) {
    // Known from the first byte, which is also the script's: old inputs keep their meaning.
    let by_the_letter = data.first().is_some_and(|first| first & 1 == 1);
    let (registry, statistics) = if by_the_letter { rfc3550_registry() } else { default_registry() };
    let mut victim = Victim::with_config(&registry, |config| config.with_reduced_size_rtcp(!by_the_letter));
    let (mut peer, mut script) = (Peer::new(), Script::new(data));
    while !script.is_done() && victim.totals().datagrams_in < MAX_DATAGRAMS {
        peer.step(&mut script, &mut victim);
    }
    assert_eq!(statistics.snapshot().len(), 1);
    victim.finish();
    assert_eq!(statistics.snapshot().len(), 0);
}
