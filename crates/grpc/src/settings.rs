//! What a layer has been told, shared by all services that it makes.

use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use http::{Extensions, HeaderName};

use crate::call::Side;
use crate::observer::Watcher;
use crate::peers::{PeerKey, Peers};
use crate::{CallHead, CallLimits, CallPolicy, Calls};

pub(crate) type KeyOf = dyn Fn(&CallHead<'_>) -> Option<PeerKey> + Send + Sync;
pub(crate) type PeerOf = dyn Fn(&Extensions) -> Option<SocketAddr> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) side: Side,
    pub(crate) default: CallLimits,
    pub(crate) methods: HashMap<Box<str>, CallLimits>,
    pub(crate) policy: Option<Arc<dyn CallPolicy>>,
    pub(crate) peers: Option<Peers>,
    pub(crate) max_streams: usize,
    pub(crate) key: Arc<KeyOf>,
    pub(crate) peer: Arc<PeerOf>,
    pub(crate) metadata: Vec<HeaderName>,
    pub(crate) observers: Vec<Arc<dyn Watcher>>,
    pub(crate) calls: Calls,
    pub(crate) tracing: bool,
}

impl Settings {
    pub(crate) fn new(default: CallLimits) -> Self {
        Self {
            side: Side::Server,
            default,
            methods: HashMap::new(),
            policy: None,
            peers: None,
            max_streams: usize::MAX,
            key: Arc::new(|head| head.peer().map(|peer| peer.ip().into())),
            peer: Arc::new(transport_peer),
            metadata: Vec::new(),
            observers: Vec::new(),
            calls: Calls::default(),
            tracing: false,
        }
    }

    /// What a method may do without a policy.
    pub(crate) fn limits_of(&self, path: &str) -> &CallLimits {
        self.methods.get(path).unwrap_or(&self.default)
    }
}

/// What tonic's server says of the connection; with TLS as well.
#[cfg(feature = "server")]
fn transport_peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<tonic::transport::server::TcpConnectInfo>()?.remote_addr()
}

#[cfg(not(feature = "server"))]
fn transport_peer(_: &Extensions) -> Option<SocketAddr> {
    None
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("side", &self.side)
            .field("default", &self.default)
            .field("methods", &self.methods)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}
