//! One interceptor for each connection, all of them read through one handle.

use interceptor_core::{BuildContext, BuildError, ChainConfig, Factory, Stage};

use crate::{Stats, StatsHandle, StatsOptions};

/// Makes the [`Stats`] interceptor of each connection. From [`Stats::new`].
#[derive(Clone, Debug)]
pub struct StatsFactory {
    options: StatsOptions,
    handle: StatsHandle,
}

impl StatsFactory {
    pub(crate) fn new(options: StatsOptions, handle: StatsHandle) -> Self {
        Self { options, handle }
    }

    /// The interceptor of one connection, to [`insert`](interceptor_core::Chain::insert) into a chain that runs
    /// already. The connection is there for readers from now until the chain closes or the interceptor is removed.
    #[must_use]
    pub fn attach(&self, config: &ChainConfig) -> Stats {
        Stats::open(&self.options, self.handle.clone(), config)
    }
}

impl Factory for StatsFactory {
    type Interceptor = Stats;

    fn name(&self) -> &'static str {
        "stats"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Stats, BuildError> {
        Ok(self.attach(cx.config()))
    }
}
