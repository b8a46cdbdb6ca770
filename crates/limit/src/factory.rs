//! Two factories, one for each way, as they stand at different places.

use interceptor_core::{BuildContext, BuildError, Factory, OptionsError, Stage};

use crate::{Limit, LimitHandle, LimitOptions, Way};

/// Makes the [`Limit`] of what leaves, for each connection; stands at [`Stage::PACING`]`.above()`. [`remote`](Self::remote) makes that of
/// what comes in.
///
/// ```
/// use interceptor_core::Registry;
/// use interceptor_limit::{LimitFactory, LimitOptions};
///
/// let limit = LimitFactory::new(LimitOptions::default())?;
/// let handle = limit.handle(); // of both
/// let registry = Registry::new().with(limit.remote()).with(limit);
/// # Ok::<(), interceptor_limit::OptionsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct LimitFactory {
    options: LimitOptions,
    handle: LimitHandle,
}

/// Makes the [`Limit`] of what comes in, for each connection; stands at [`Stage::NACK`]`.above()`: who stands below has seen what it drops,
/// so that nobody reports it lost or asks for it again.
#[derive(Clone, Debug)]
pub struct RemoteLimitFactory {
    options: LimitOptions,
    handle: LimitHandle,
}

impl LimitFactory {
    /// A factory with these options.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: LimitOptions) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { handle: LimitHandle::new(options.clone()), options })
    }

    /// The factory for the other way, with the same options and the same handle.
    #[must_use]
    pub fn remote(&self) -> RemoteLimitFactory {
        RemoteLimitFactory { options: self.options.clone(), handle: self.handle.clone() }
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &LimitOptions {
        &self.options
    }

    /// Reads what the interceptors of this factory, of its [`remote`](Self::remote) and of its clones count, and sets their rates.
    #[must_use]
    pub fn handle(&self) -> LimitHandle {
        self.handle.clone()
    }
}

impl RemoteLimitFactory {
    /// A factory with these options, for who limits only what comes in.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: LimitOptions) -> Result<Self, OptionsError> {
        Ok(LimitFactory::new(options)?.remote())
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &LimitOptions {
        &self.options
    }

    /// Reads what the interceptors of this factory, of the one that it was made by and of its clones count, and sets their rates.
    #[must_use]
    pub fn handle(&self) -> LimitHandle {
        self.handle.clone()
    }
}

impl Default for LimitFactory {
    fn default() -> Self {
        let options = LimitOptions::default();
        Self { handle: LimitHandle::new(options.clone()), options }
    }
}

impl Default for RemoteLimitFactory {
    fn default() -> Self {
        LimitFactory::default().remote()
    }
}

impl Factory for LimitFactory {
    type Interceptor = Limit;

    fn name(&self) -> &'static str {
        "limit"
    }

    fn stage(&self) -> Stage {
        Stage::PACING.above()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Limit, BuildError> {
        Ok(Limit::new(Way::Outgoing, self.handle.hub(), cx))
    }
}

impl Factory for RemoteLimitFactory {
    type Interceptor = Limit;

    fn name(&self) -> &'static str {
        "limit-remote"
    }

    fn stage(&self) -> Stage {
        Stage::NACK.above()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Limit, BuildError> {
        Ok(Limit::new(Way::Incoming, self.handle.hub(), cx))
    }
}
