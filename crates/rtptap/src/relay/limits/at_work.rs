//! A leg's limit at work: its interceptor's factory, its rates, its counters.

use std::sync::{Mutex, PoisonError};

use interceptor_limit::{Bounds, LimitFactory, LimitHandle, LimitOptions, Rates, Scope, Way};

use super::LegLimit;
use super::stats::{Kept, LimitStats};
use crate::relay::{OptionsError, Role};

/// The limit of a leg at work.
#[derive(Debug)]
pub(in crate::relay) struct LegLimits {
    handle: LimitHandle,
    now: Mutex<LegLimit>,
    way: Way,
}

impl LegLimits {
    /// Gives the factory as well.
    pub(in crate::relay) fn new(role: Role, limit: LegLimit) -> Result<(Self, LimitFactory), OptionsError> {
        let (all, each) = limit.rates()?;
        let bounds = |rates: Rates| {
            let mut bounds = Bounds::default().with_policy(limit.policy());
            (bounds.packets, bounds.bytes) = (rates.packets, rates.bytes);
            bounds
        };
        let options = LimitOptions::default()
            .with_connection(bounds(all))
            .with_local(bounds(each))
            .with_remote(bounds(each));
        let factory = LimitFactory::new(options).map_err(refused)?;
        let way = match role {
            Role::Source => Way::Incoming,
            Role::Target => Way::Outgoing,
        };
        Ok((Self { handle: factory.handle(), now: Mutex::new(limit), way }, factory))
    }

    pub(in crate::relay) fn handle(&self) -> LimitHandle {
        self.handle.clone()
    }

    /// What is in force.
    pub(in crate::relay) fn get(&self) -> LegLimit {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::relay) fn set(&self, limit: LegLimit) -> Result<LegLimit, OptionsError> {
        limit.check()?;
        let (all, each) = limit.rates()?;
        let scope = match self.way {
            Way::Incoming => Scope::Remote,
            Way::Outgoing => Scope::Local,
        };
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        self.handle.set_rate(Scope::Connection, all).map_err(refused)?;
        self.handle.set_rate(scope, each).map_err(refused)?;
        *now = LegLimit { over: now.over, ..limit };
        Ok(*now)
    }

    pub(in crate::relay) fn stats(&self) -> LimitStats {
        LimitStats::of(self.get(), &self.handle.totals(self.way))
    }

    pub(in crate::relay) fn kept(&self) -> Kept {
        Kept::of(&self.handle.totals(self.way))
    }
}

/// A limit's options that our own checks should have found.
fn refused(error: impl ToString) -> OptionsError {
    OptionsError::new("limit", error.to_string(), "see docs/relay.md for what it may be")
}
