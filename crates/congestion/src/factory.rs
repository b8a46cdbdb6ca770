//! One interceptor for each connection, all with the same options.

use std::fmt;
use std::sync::Arc;

use interceptor_core::{BuildContext, BuildError, Factory, Media, Need, OptionsError, Stage};

use crate::{
    Adaptive, AdaptiveOptions, Congestion, CongestionHandle, CongestionOptions, Controller, RateLimits,
};

/// Makes a [`Congestion`] for each connection; stands at [`Stage::CONGESTION`]`.below()`.
///
/// [`new`](Self::new) controls by [`Adaptive`], [`with_controller`](Self::with_controller) by any other [`Controller`].
pub struct CongestionFactory<C: Controller = Adaptive> {
    options: CongestionOptions,
    make: Arc<Make<C>>,
    handle: CongestionHandle,
}

type Make<C> = dyn Fn(Begin) -> C + Send + Sync;

/// What a controller begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Begin {
    /// The target to begin with, in bits per second.
    pub rate: u64,
    /// Between what it has to stay.
    pub limits: RateLimits,
}

impl CongestionFactory {
    /// A factory with these options, whose connections are controlled by [`Adaptive`].
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn new(options: CongestionOptions) -> Result<Self, OptionsError> {
        Self::adaptive(options, AdaptiveOptions::default())
    }

    /// The same with options of the controller. Rates to begin with and to stay within are those of `options`.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn adaptive(options: CongestionOptions, adaptive: AdaptiveOptions) -> Result<Self, OptionsError> {
        options.check()?;
        let (start, min, max) = (options.start_bitrate, options.min_bitrate, options.max_bitrate);
        let begin = Adaptive::new(adaptive.with_start(start).with_min(min).with_max(max))?;
        Self::with_controller(options, move |_| begin.clone())
    }
}

impl<C: Controller> CongestionFactory<C> {
    /// A factory with these options, whose connections are controlled by what `make` makes.
    ///
    /// # Errors
    /// The first option outside its range.
    pub fn with_controller(
        options: CongestionOptions,
        make: impl Fn(Begin) -> C + Send + Sync + 'static,
    ) -> Result<Self, OptionsError> {
        options.check()?;
        Ok(Self { options, make: Arc::new(make), handle: CongestionHandle::new() })
    }

    /// The options.
    #[must_use]
    pub const fn options(&self) -> &CongestionOptions {
        &self.options
    }

    /// Reads what the interceptors of this factory and its clones decide, and tells them what has changed.
    #[must_use]
    pub fn handle(&self) -> CongestionHandle {
        self.handle.clone()
    }
}

impl Default for CongestionFactory {
    fn default() -> Self {
        let begin = Adaptive::default();
        let make: Arc<Make<Adaptive>> = Arc::new(move |_| begin.clone());
        Self { options: CongestionOptions::default(), make, handle: CongestionHandle::new() }
    }
}

impl<C: Controller> Clone for CongestionFactory<C> {
    fn clone(&self) -> Self {
        Self { options: self.options.clone(), make: Arc::clone(&self.make), handle: self.handle.clone() }
    }
}

impl<C: Controller> fmt::Debug for CongestionFactory<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CongestionFactory").field("options", &self.options).finish_non_exhaustive()
    }
}

impl<C: Controller> Factory for CongestionFactory<C> {
    type Interceptor = Congestion<C>;

    fn name(&self) -> &'static str {
        "congestion"
    }

    fn stage(&self) -> Stage {
        Stage::CONGESTION.below()
    }

    fn needs(&self) -> Vec<Need> {
        vec![
            Need::feedback(Media::Any, "transport-cc", ""),
            Need::feedback(Media::Any, "goog-remb", ""),
            Need::feedback(Media::Any, "ccm", "tmmbr"),
        ]
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Congestion<C>, BuildError> {
        let limits = RateLimits { min: self.options.min_bitrate, max: self.options.max_bitrate };
        let begin = Begin { rate: self.options.start_bitrate, limits };
        Ok(Congestion::new(self.options.clone(), (self.make)(begin), self.handle.hub(), cx))
    }
}
