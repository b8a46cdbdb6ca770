//! The registry: factories, from which it builds any number of chains.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use crate::chain::Chain;
use crate::erased::{Erased, ErasedInterceptor};
use crate::{BuildContext, BuildError, ChainConfig, Factory, Need, RegistryError, Stage};

/// The interceptors that every chain gets. Reusable and `Sync`: one registry, made when the program starts and its options
/// are known, builds any number of chains, from any thread, each with interceptors of its own.
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

    /// What all interceptors need to have negotiated, each thing once, from the wire up: for whoever writes SDP.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by_key(|entry| entry.stage);
        let mut needs = Vec::new();
        for need in entries.into_iter().flat_map(|entry| entry.factory.needs()) {
            if !needs.contains(&need) {
                needs.push(need);
            }
        }
        needs
    }

    /// Builds the chain of one connection. Nothing is built before.
    ///
    /// # Errors
    /// A field of `config` outside its range, or the first factory that fails: interceptors built before it are closed in
    /// reverse order.
    ///
    /// # Panics
    /// If a factory does, when the interceptors built before it are closed.
    pub fn build(&self, config: ChainConfig) -> Result<Chain, RegistryError> {
        config.check()?;
        let mut chain = Chain::new(config);
        let filled = catch_unwind(AssertUnwindSafe(|| self.fill(&mut chain)));
        if !matches!(filled, Ok(Ok(()))) {
            chain.abandon();
        }
        filled.unwrap_or_else(|panic| resume_unwind(panic)).map(|()| chain)
    }

    fn fill(&self, chain: &mut Chain) -> Result<(), RegistryError> {
        for (index, entry) in self.entries.iter().enumerate() {
            let built =
                entry.factory.build(&BuildContext::new(chain.config(), chain.config().now, index as u64));
            let name = entry.factory.name();
            let added = built.and_then(|interceptor| {
                chain.add_erased(name, entry.stage, interceptor).map_err(BuildError::caused_by)
            });
            added.map_err(|source| RegistryError::Factory { interceptor: name, source })?;
        }
        Ok(())
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

    fn needs(&self) -> Vec<Need> {
        self.registry.needs()
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Chain, BuildError> {
        let mut config = cx.config().clone();
        config.seed = cx.seed();
        self.registry.build(config).map_err(BuildError::caused_by)
    }
}

trait ErasedFactory: Send + Sync {
    fn name(&self) -> &'static str;
    fn needs(&self) -> Vec<Need>;
    fn build(&self, cx: &BuildContext<'_>) -> Result<Box<dyn ErasedInterceptor>, BuildError>;
}

impl<F: Factory> ErasedFactory for F {
    fn name(&self) -> &'static str {
        Factory::name(self)
    }

    fn needs(&self) -> Vec<Need> {
        Factory::needs(self)
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Box<dyn ErasedInterceptor>, BuildError> {
        Factory::build(self, cx).map(Erased::boxed)
    }
}
