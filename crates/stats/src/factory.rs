//! One interceptor for each connection, all of them read through one handle.

use interceptor_core::{BuildContext, BuildError, ChainConfig, Factory, OptionsError, Stage};

use crate::{Stats, StatsHandle, StatsOptions};

/// Makes the [`Stats`] interceptor of each connection, all of them read through one [`handle`](Self::handle); stands at
/// [`Stage::CAPTURE`].
#[derive(Clone, Debug, Default)]
pub struct StatsFactory {
    options: StatsOptions,
    handle: StatsHandle,
}

impl StatsFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: StatsOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, handle: StatsHandle::default() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &StatsOptions {
        &self.options
    }

    /// Reads what the interceptors of this factory, and of its clones, count.
    #[must_use]
    pub fn handle(&self) -> StatsHandle {
        self.handle.clone()
    }

    /// The interceptor of one connection, to [`insert`](interceptor_core::Chain::insert) into a chain that runs
    /// already at a stage of your own; [`insert_with`](interceptor_core::Chain::insert_with) takes the factory. The
    /// connection is there for readers from now until the chain closes or the interceptor is removed.
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
