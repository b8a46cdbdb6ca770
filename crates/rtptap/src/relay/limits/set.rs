//! Setting limits while a relay runs.

use std::sync::Arc;

use interceptor_limit::LimitHandle;

use super::LegLimit;
use crate::relay::leg::Leg;
use crate::relay::{OptionsError, RelayHandle};

impl RelayHandle {
    /// The limit of a leg: counters of each stream, and rates that can be set, also of single streams. [`set_limit`](Self::set_limit) is
    /// the plainer way, and the one that `/stats` knows of. `None`: there is no leg of this name.
    #[must_use]
    pub fn limit(&self, leg: &str) -> Option<LimitHandle> {
        self.find(leg).map(|leg| leg.limit.handle())
    }

    /// Sets how much a leg (`source`, `target-1` …) carries from now on. What becomes of the rest stays as it was. Gives what is in force.
    ///
    /// # Errors
    /// There is no leg of this name, or a value is out of range.
    pub fn set_limit(&self, leg: &str, limit: LegLimit) -> Result<LegLimit, OptionsError> {
        let found = self.find(leg);
        let found =
            found.ok_or_else(|| OptionsError::new("leg", leg, "legs are `source`, `target-1` and so on"))?;
        let set = found.limit.set(limit)?;
        tracing::info!(leg, limit = ?set, "the leg's limit is set");
        Ok(set)
    }

    fn find(&self, leg: &str) -> Option<&Arc<Leg>> {
        self.0.legs().find(|other| &**other.id() == leg)
    }
}
