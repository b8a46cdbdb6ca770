//! What the host makes connections' interceptors by.

use std::sync::Arc;

use interceptor::{Error, Interceptor, InterceptorBuilder};
use interceptor_core::{ChainConfig, Need, Registry};
use tokio::runtime::Handle;

use crate::adapter::Adapter;
use crate::clock::{now, wall_clock};
use crate::connection::Connection;
use crate::error::Result;
use crate::{AdapterOptions, Connections};

/// The longest of the authentication tags that SRTP adds to a packet (RFC 7714 §13.1; RFC 3711 has 10 bytes).
const SRTP_TAG: usize = 16;

type Naming = Box<dyn Fn(u64) -> String + Send + Sync>;
type Configuring = Box<dyn Fn(ChainConfig) -> ChainConfig + Send + Sync>;

/// Builds a chain of a registry's interceptors for each of the host's connections.
pub struct ChainBuilder {
    registry: Arc<Registry>,
    options: AdapterOptions,
    name: Naming,
    configure: Configuring,
    connections: Connections,
}

impl ChainBuilder {
    /// Chains of this registry's interceptors.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self {
            registry: Arc::new(registry),
            options: AdapterOptions::default(),
            name: Box::new(|number| format!("webrtc-{number}")),
            configure: Box::new(|config| config),
            connections: Connections::default(),
        }
    }

    /// Sizes of each connection's queues.
    #[must_use]
    pub fn with_options(mut self, options: AdapterOptions) -> Self {
        self.options = options;
        self
    }

    /// Names connections; they are numbered from 1. Default: `webrtc-1`, `webrtc-2`, … The host names all of them with nothing.
    #[must_use]
    pub fn with_id(mut self, name: impl Fn(u64) -> String + Send + Sync + 'static) -> Self {
        self.name = Box::new(name);
        self
    }

    /// Changes the configuration of each chain that is built: limits, CNAME, MTU, seed.
    #[must_use]
    pub fn with_config(
        mut self,
        configure: impl Fn(ChainConfig) -> ChainConfig + Send + Sync + 'static,
    ) -> Self {
        self.configure = Box::new(configure);
        self
    }

    /// The connections that will be and have been built. Ask before the builder is given to the host.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.connections.clone()
    }

    /// What the interceptors need to have negotiated.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        self.registry.needs()
    }

    fn connection(&self, id: String) -> Result<Arc<Connection>> {
        self.options.check().map_err(other)?;
        let seed = getrandom::u64().map_err(other)?;
        let config = ChainConfig::new(id, now(), wall_clock(), seed).with_transport_overhead(SRTP_TAG);
        let chain = self.registry.build((self.configure)(config)).map_err(other)?;
        let id = Arc::clone(&chain.config().id);
        Ok(Arc::new(Connection::new(id, chain, self.options.clone())))
    }
}

impl InterceptorBuilder for ChainBuilder {
    /// A chain for one connection. `id` names it if the host has a name.
    ///
    /// # Errors
    /// No tokio runtime, an option outside its range, or a factory that fails.
    fn build(&self, id: &str) -> Result<Arc<dyn Interceptor + Send + Sync>> {
        let runtime = Handle::try_current().map_err(other)?;
        let number = self.connections.number();
        let id = if id.is_empty() { (self.name)(number) } else { id.to_owned() };
        let connection = self.connection(id)?;
        self.connections.enter(&connection);
        Ok(Arc::new(Adapter::new(connection, runtime)))
    }
}

fn other(error: impl std::fmt::Display) -> Error {
    Error::Other(error.to_string())
}

impl std::fmt::Debug for ChainBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainBuilder")
            .field("registry", &self.registry)
            .field("options", &self.options)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
