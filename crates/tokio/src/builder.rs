//! From a registry and a transport to a running session.

use std::sync::Arc;

use interceptor_core::{ChainConfig, Limits, Registry};
use interceptor_packet::NtpTime;
use tokio::runtime::Handle;

use crate::driver::Driver;
use crate::error::SpawnError;
use crate::options::SessionOptions;
use crate::session::Session;
use crate::shared::{Shared, now};
use crate::transport::{Paths, Transport};

/// Builds a [`Session`]; made by [`Session::builder`]. Only the transport has no default, or the transports, one a [path](Self::path).
#[must_use = "a builder does nothing until `spawn`"]
pub struct SessionBuilder<'a, T = ()> {
    registry: &'a Registry,
    id: Arc<str>,
    transport: T,
    seed: Option<u64>,
    options: SessionOptions,
    configure: Vec<Configure<'a>>,
}

type Configure<'a> = Box<dyn FnOnce(ChainConfig) -> ChainConfig + 'a>;

impl Session {
    /// Starts to build a session with the interceptors of `registry`; `id` names it in logs, statistics and captures.
    pub fn builder(registry: &Registry, id: impl Into<Arc<str>>) -> SessionBuilder<'_> {
        let options = SessionOptions::default();
        SessionBuilder { registry, id: id.into(), transport: (), seed: None, options, configure: Vec::new() }
    }
}

impl<'a> SessionBuilder<'a> {
    /// Over this transport: a [`UdpTransport`](crate::UdpTransport), an `Arc` of a `webrtc_util::Conn`, or yours.
    pub fn transport<T: Transport>(self, transport: T) -> SessionBuilder<'a, T> {
        let Self { registry, id, transport: (), seed, options, configure } = self;
        SessionBuilder { registry, id, transport, seed, options, configure }
    }

    /// Over several networks at once, one transport each: what comes over this one is marked with its number
    /// ([`PacketInfo::path`](interceptor_packet::PacketInfo::path)), and what is marked with that leaves by it. Packets that nobody
    /// marks leave by path 0, so there should be one. [`Paths`] says what becomes of those that fail.
    pub fn path<T: Transport>(self, path: u8, transport: T) -> SessionBuilder<'a, Paths> {
        self.transport(Paths::new().with(path, transport))
    }
}

impl SessionBuilder<'_, Paths> {
    /// Over this network as well.
    pub fn path<T: Transport>(mut self, path: u8, transport: T) -> Self {
        self.transport = self.transport.with(path, transport);
        self
    }
}

impl<'a, T> SessionBuilder<'a, T> {
    /// The sizes of its queues, and how long closing may take.
    pub fn options(mut self, options: SessionOptions) -> Self {
        self.options = options;
        self
    }

    /// Decides every random choice of the session. Default: from the operating system; fix it in tests only.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The SDES CNAME of this end, 1..=255 bytes (RFC 3550 §6.5); [`spawn`](SessionBuilder::spawn) refuses any other.
    /// Default: drawn from the seed.
    pub fn cname(self, cname: &'a str) -> Self {
        self.configure(move |mut config| {
            config.cname = cname.into();
            config
        })
    }

    /// The largest datagram that interceptors make, in bytes of UDP payload,
    /// [`MIN_MTU`](ChainConfig::MIN_MTU)..=[`MAX_MTU`](ChainConfig::MAX_MTU); [`spawn`](SessionBuilder::spawn) refuses any
    /// other. Default 1200.
    pub fn mtu(self, mtu: usize) -> Self {
        self.configure(move |mut config| {
            config.mtu = mtu;
            config
        })
    }

    /// Was reduced-size RTCP negotiated (RFC 5506)? Default: yes.
    pub fn reduced_size_rtcp(self, negotiated: bool) -> Self {
        self.configure(move |config| config.with_reduced_size_rtcp(negotiated))
    }

    /// What a peer or the application may make the chain hold.
    pub fn limits(self, limits: Limits) -> Self {
        self.configure(move |config| config.with_limits(limits))
    }

    /// Changes anything else of the chain's configuration. Several changes apply in order.
    pub fn configure(mut self, change: impl FnOnce(ChainConfig) -> ChainConfig + 'a) -> Self {
        self.configure.push(Box::new(change));
        self
    }
}

impl<T: Transport> SessionBuilder<'_, T> {
    /// Builds the chain and starts the session's task on the present tokio runtime.
    ///
    /// # Errors
    /// An option of the session or of the chain outside its range, a factory that fails, no runtime, or no randomness for
    /// the seed.
    ///
    /// # Panics
    /// The session's task panics, and the session ends with
    /// [`SessionError::TaskEnded`](crate::SessionError::TaskEnded), on a runtime without timers (`enable_time`).
    pub fn spawn(self) -> Result<Session, SpawnError> {
        self.options.validate()?;
        let runtime = Handle::try_current().map_err(|_| SpawnError::NoRuntime)?;
        let seed = self.seed.map_or_else(random_seed, Ok)?;
        let config = ChainConfig::new(self.id, now(), wall_clock(), seed)
            .with_transport_overhead(self.transport.overhead());
        let config = self.configure.into_iter().fold(config, |config, change| change(config));
        let chain = self.registry.build(config)?;
        let (sender, receiver) = self.transport.split();
        let shared = Arc::new(Shared::new(chain, self.options, Box::new(sender)));
        tracing::debug!(session = %shared.id, "session started");
        let task = runtime.spawn(Driver::new(Arc::clone(&shared), receiver).run());
        Ok(Session::new(shared, task))
    }
}

impl<T> std::fmt::Debug for SessionBuilder<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("id", &self.id)
            .field("registry", &self.registry)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

fn random_seed() -> Result<u64, SpawnError> {
    getrandom::u64().map_err(|error| SpawnError::Seed(error.to_string()))
}

/// The one reading of the wall clock: what sender reports count from.
#[expect(clippy::disallowed_methods, reason = "the session anchors the chain's NTP time")]
fn wall_clock() -> NtpTime {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    NtpTime::from_unix(since_epoch.unwrap_or_default())
}
