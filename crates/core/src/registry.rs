//! Factories, and the registry that builds any number of chains from them.

use std::sync::Arc;
use std::time::Instant;

use interceptor_packet::NtpTime;

use crate::chain::Chain;
use crate::config::derive;
use crate::erased::{Erased, ErasedInterceptor};
use crate::{BuildError, ChainConfig, Interceptor, RegistryError, Stage};

/// Makes one interceptor for each connection. Options are checked when the factory is made, so `build` fails only
/// for what depends on the connection.
pub trait Factory: Send + Sync + 'static {
    /// What it makes.
    type Interceptor: Interceptor;

    /// Names the interceptor in layouts, errors and events.
    fn name(&self) -> &'static str;

    /// Where it stands by default; [`Registry::add_at`] overrides it.
    fn stage(&self) -> Stage {
        Stage::APPLICATION
    }

    /// Makes the interceptor of one connection.
    ///
    /// # Errors
    /// When this connection cannot be served.
    fn build(&self, cx: &BuildContext<'_>) -> Result<Self::Interceptor, BuildError>;
}

/// What a factory may know of the connection that it builds for.
#[derive(Clone, Copy, Debug)]
pub struct BuildContext<'a> {
    config: &'a ChainConfig,
    index: u64,
}

impl<'a> BuildContext<'a> {
    pub(crate) const fn new(config: &'a ChainConfig, index: u64) -> Self {
        Self { config, index }
    }

    /// The connection's name.
    #[must_use]
    pub const fn connection_id(&self) -> &'a Arc<str> {
        &self.config.id
    }

    /// The instant of building.
    #[must_use]
    pub const fn now(&self) -> Instant {
        self.config.now
    }

    /// Wall-clock time at [`now`](Self::now).
    #[must_use]
    pub const fn ntp(&self) -> NtpTime {
        self.config.ntp
    }

    /// A seed of this interceptor's own.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        derive(self.config.seed, 0x100 + self.index)
    }

    /// The SDES CNAME of this end.
    #[must_use]
    pub fn cname(&self) -> &'a str {
        &self.config.cname
    }

    /// The SSRC that all feedback of the connection carries.
    #[must_use]
    pub const fn sender_ssrc(&self) -> u32 {
        self.config.sender_ssrc
    }

    /// The largest datagram, in bytes of UDP payload.
    #[must_use]
    pub const fn mtu(&self) -> usize {
        self.config.mtu
    }

    /// Was reduced-size RTCP negotiated (RFC 5506)?
    #[must_use]
    pub const fn reduced_size_rtcp(&self) -> bool {
        self.config.reduced_size_rtcp
    }

    /// The whole configuration.
    #[must_use]
    pub const fn config(&self) -> &'a ChainConfig {
        self.config
    }
}

/// The interceptors that every chain gets. Reusable and `Sync`: one registry builds any number of chains, each with
/// interceptors of its own.
#[derive(Default)]
pub struct Registry {
    /// In order of adding; the chain sorts by stage and keeps this order between equals.
    entries: Vec<Entry>,
}

struct Entry {
    stage: Stage,
    factory: Box<dyn ErasedFactory>,
}

impl Registry {
    /// No interceptors: builds pass-through chains.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an interceptor at its factory's default stage.
    pub fn add<F: Factory>(&mut self, factory: F) -> &mut Self {
        let stage = factory.stage();
        self.add_at(stage, factory)
    }

    /// Adds an interceptor at a stage of your choice.
    pub fn add_at<F: Factory>(&mut self, stage: Stage, factory: F) -> &mut Self {
        self.entries.push(Entry { stage, factory: Box::new(factory) });
        self
    }

    /// [`add`](Self::add), for building a registry in one expression.
    #[must_use]
    pub fn with<F: Factory>(mut self, factory: F) -> Self {
        self.add(factory);
        self
    }

    /// Stage and name of each interceptor, from the wire up.
    #[must_use]
    pub fn layout(&self) -> Vec<(Stage, &'static str)> {
        let mut layout: Vec<_> = self.entries.iter().map(|e| (e.stage, e.factory.name())).collect();
        layout.sort_by_key(|(stage, _)| *stage);
        layout
    }

    /// Builds the chain of one connection.
    ///
    /// # Errors
    /// The first factory that fails; interceptors built before it are closed in reverse order.
    pub fn build(&self, config: ChainConfig) -> Result<Chain, RegistryError> {
        let mut chain = Chain::new(config);
        for (index, entry) in self.entries.iter().enumerate() {
            let built = entry.factory.build(&BuildContext::new(chain.config(), index as u64));
            let name = entry.factory.name();
            let added = built.and_then(|interceptor| {
                chain.add_erased(name, entry.stage, interceptor).map_err(|e| BuildError::new(e.to_string()))
            });
            if let Err(source) = added {
                chain.abandon();
                return Err(RegistryError { interceptor: name, source });
            }
        }
        Ok(chain)
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Registry").field(&self.layout()).finish()
    }
}

/// A whole registry as one interceptor of another: chains nest.
#[derive(Debug)]
pub struct Nested {
    name: &'static str,
    stage: Stage,
    registry: Registry,
}

impl Nested {
    /// The chains of `registry` stand at `stage` of the outer chain, under `name`.
    #[must_use]
    pub const fn new(name: &'static str, stage: Stage, registry: Registry) -> Self {
        Self { name, stage, registry }
    }
}

impl Factory for Nested {
    type Interceptor = Chain;

    fn name(&self) -> &'static str {
        self.name
    }

    fn stage(&self) -> Stage {
        self.stage
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Chain, BuildError> {
        let mut config = cx.config().clone();
        config.seed = cx.seed();
        self.registry.build(config).map_err(|error| BuildError::new(error.to_string()))
    }
}

trait ErasedFactory: Send + Sync {
    fn name(&self) -> &'static str;
    fn build(&self, cx: &BuildContext<'_>) -> Result<Box<dyn ErasedInterceptor>, BuildError>;
}

impl<F: Factory> ErasedFactory for F {
    fn name(&self) -> &'static str {
        Factory::name(self)
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Box<dyn ErasedInterceptor>, BuildError> {
        Factory::build(self, cx).map(Erased::boxed)
    }
}
