//! A leg's limit for programs that want to know more of it than `/stats` says.

use interceptor_limit::LimitHandle;

use crate::relay::RelayHandle;

impl RelayHandle {
    /// The limit of a leg: counters of each stream, and rates that can be set, also of single streams. [`change`](Self::change) is the plainer
    /// way, and the one that `/stats` knows of. `None`: there is no leg of this name.
    #[must_use]
    pub fn limit(&self, leg: &str) -> Option<LimitHandle> {
        self.0.legs().find(|other| &**other.id() == leg).map(|leg| leg.limit.handle())
    }
}
