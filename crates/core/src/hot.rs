//! What every packet looks at of its chain.

use std::time::Instant;

use crate::ChainConfig;
use crate::wakes::Wakes;

/// One cache line. With many connections it is in no cache when a packet comes, and waiting for memory is most of what the packet then
/// costs. So the packet that is one of many, for which no hook has emitted anything, needs nothing else that the chain shares: the flags
/// say when there is more to look at.
#[repr(C, align(64))]
pub(crate) struct Hot {
    /// The instant of the latest input.
    pub(crate) latest: Instant,
    /// From the chain's start to `latest`.
    pub(crate) elapsed_nanos: u64,
    /// Pending deadlines.
    pub(crate) wakes: Wakes,
    /// Has a hook left anything to do for when its walk has ended?
    pub(crate) pending: bool,
    /// Have hooks emitted packets or told facts for the present input?
    pub(crate) spent: bool,
    /// Is there anything to see to before the next input: closed, or a nested chain lent?
    pub(crate) held_up: bool,
    /// May there be packets to poll on the wire's side?
    pub(crate) wire_waits: bool,
    /// And on the application's?
    pub(crate) app_waits: bool,
    /// As [`ChainConfig::isolate_panics`] says.
    pub(crate) isolate_panics: bool,
}

const _: () = assert!(size_of::<Hot>() == 64, "a packet touches one cache line");

impl Hot {
    pub(crate) fn new(config: &ChainConfig) -> Self {
        Self {
            latest: config.now,
            elapsed_nanos: 0,
            wakes: Wakes::default(),
            pending: false,
            spent: false,
            held_up: false,
            wire_waits: false,
            app_waits: false,
            isolate_panics: config.isolate_panics,
        }
    }
}
