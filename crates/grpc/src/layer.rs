//! The tower layers: what they are told, and the services that they make.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{Extensions, HeaderName};
use interceptor_stream::{LimitsError, StreamLimits};
use tower_layer::Layer;

use crate::call::Side;
use crate::observer::Erased;
use crate::peers::{PeerKey, Peers};
use crate::service::{ClientStreamService, StreamService};
use crate::settings::Settings;
use crate::{CallHead, CallLimits, CallPolicy, Calls, Observer};

/// Counts, limits, paces, watches and ends the calls of a gRPC server: a layer for `tonic::transport::Server::layer`, or for one service. For a client
/// see [`client`](Self::client).
///
/// Its clones, and the services that any of them make, share the list of calls and the places for each peer.
#[derive(Clone, Debug)]
pub struct StreamLayer {
    settings: Arc<Settings>,
}

impl StreamLayer {
    /// Every call may do this, unless a method or a policy says otherwise.
    ///
    /// # Errors
    /// The first field of the limits that is out of range.
    pub fn new(limits: impl Into<CallLimits>) -> Result<Self, LimitsError> {
        let limits = limits.into();
        limits.stream.check()?;
        Ok(Self { settings: Arc::new(Settings::new(limits)) })
    }

    /// A layer that counts and watches only: [`StreamLimits::default`].
    #[must_use]
    pub fn unlimited() -> Self {
        Self { settings: Arc::new(Settings::new(StreamLimits::default().into())) }
    }

    /// Calls of the method at this path, such as `/chat.v1.Chat/Talk`, may do this.
    ///
    /// # Errors
    /// The first field of the limits that is out of range.
    pub fn with_method(self, path: &str, limits: impl Into<CallLimits>) -> Result<Self, LimitsError> {
        let limits = limits.into();
        limits.stream.check()?;
        Ok(self.with(|settings| _ = settings.methods.insert(path.into(), limits)))
    }

    /// Decides about each call before its handler runs; [`CallHead::limits`] is what the call could do without it. At most one, the last.
    #[must_use]
    pub fn with_policy(self, policy: impl CallPolicy) -> Self {
        self.with(|settings| settings.policy = Some(Arc::new(policy)))
    }

    /// At most so many calls of one peer at once; one more gets RESOURCE_EXHAUSTED. With 0 none at all. Default: no limit.
    #[must_use]
    pub fn with_streams_per_peer(self, max: usize) -> Self {
        self.with(|settings| settings.peers = Some(Peers::new(max)))
    }

    /// At most so many calls at once, of all peers; one more gets RESOURCE_EXHAUSTED. Default: no limit.
    #[must_use]
    pub fn with_max_streams(self, max: usize) -> Self {
        self.with(|settings| settings.max_streams = max)
    }

    /// Whose calls are counted together for [`with_streams_per_peer`](Self::with_streams_per_peer): a token, the subject of a certificate. All calls
    /// for which it is `None` are one peer's. Default: the peer's address, see [`PeerKey`]. Behind a proxy that is the proxy's.
    #[must_use]
    pub fn with_key(self, key: impl Fn(&CallHead<'_>) -> Option<PeerKey> + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.key = Arc::new(key))
    }

    /// Where a peer's address stands. Default: tonic's `TcpConnectInfo` (feature `server`), which is there with TLS as well.
    #[must_use]
    pub fn with_peer(self, peer: impl Fn(&Extensions) -> Option<SocketAddr> + Send + Sync + 'static) -> Self {
        self.with(|settings| settings.peer = Arc::new(peer))
    }

    /// Keys of the metadata that [`CallInfo::metadata`](crate::CallInfo::metadata) keeps, the first value of each. Default: none.
    #[must_use]
    pub fn with_metadata(self, keys: impl IntoIterator<Item = HeaderName>) -> Self {
        self.with(|settings| settings.metadata.extend(keys))
    }

    /// Watches calls; there may be several, told in the order in which they were added.
    #[must_use]
    pub fn with_observer(self, observer: impl Observer) -> Self {
        self.with(|settings| settings.observers.push(Arc::new(Erased(Arc::new(observer)))))
    }

    /// A `tracing` span `grpc.call` around each call, with an event at its end whose level goes by the code, and a warning for the first large message
    /// each way. Default: none.
    #[cfg(feature = "tracing")]
    #[must_use]
    pub fn with_tracing(self) -> Self {
        self.with(|settings| settings.tracing = true)
    }

    /// The calls that run.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.settings.calls
    }

    /// The same for a client, around a `tonic::transport::Channel`: what it sends is sent, what the server answers is received.
    #[must_use]
    pub fn client(self) -> ClientStreamLayer {
        ClientStreamLayer { settings: self.with(|settings| settings.side = Side::Client).settings }
    }

    fn with(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl<S> Layer<S> for StreamLayer {
    type Service = StreamService<S>;

    fn layer(&self, inner: S) -> StreamService<S> {
        StreamService::new(inner, Arc::clone(&self.settings))
    }
}

/// Counts, limits, paces, watches and ends the calls of a gRPC client: [`StreamLayer::client`].
#[derive(Clone, Debug)]
pub struct ClientStreamLayer {
    settings: Arc<Settings>,
}

impl ClientStreamLayer {
    /// The calls that run.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.settings.calls
    }
}

impl<S> Layer<S> for ClientStreamLayer {
    type Service = ClientStreamService<S>;

    fn layer(&self, inner: S) -> ClientStreamService<S> {
        ClientStreamService::new(inner, Arc::clone(&self.settings))
    }
}
