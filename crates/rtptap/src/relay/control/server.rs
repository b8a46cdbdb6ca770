//! The server: takes the port, serves, and ends every stream before it goes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use tonic::transport::Server;

use super::capture::{CaptureCollector, Captures};
use super::incoming::incoming;
use super::layer::{self, Around};
use super::service::Control;
use super::stopping::{Stop, stopping};
use crate::relay::http::Metrics;
use crate::relay::service::Task;
use crate::relay::{RelayError, RelayHandle};

/// Calls of one connection at a time.
const MAX_CALLS: u32 = 32;

/// Bytes of a call's headers.
const MAX_HEADER_BYTES: u32 = 16 << 10;

/// A connection that has said nothing for so long is asked whether it is there, and has this long to answer.
const PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// How long streams have to end: who does not read is not waited for.
const MAX_GOODBYE: Duration = Duration::from_secs(1);

/// Has the port; serves nobody yet.
#[derive(Debug)]
pub struct ControlServer {
    listener: TcpListener,
    relay: RelayHandle,
    captures: Arc<Captures>,
    around: Around,
}

/// Serves. Dropped, it hangs up.
#[derive(Debug)]
pub struct RunningControl {
    address: SocketAddr,
    /// Ends streams and takes no more calls.
    stop: Stop,
    hang_up: Stop,
    task: Task<()>,
}

impl ControlServer {
    /// Takes the port.
    ///
    /// # Errors
    /// The port is taken, or not ours to take.
    pub async fn bind(address: SocketAddr, relay: RelayHandle) -> Result<Self, RelayError> {
        let listener =
            TcpListener::bind(address).await.map_err(|error| RelayError::Control { address, error })?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "control: whoever reaches this address can change the relay");
        }
        // Limits of our own, which are in range: a test says so.
        let around = Around::new().map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Self { listener, relay, captures: Arc::default(), around })
    }

    /// For `/metrics`: its calls and captures.
    pub(in crate::relay) fn metrics(&self) -> Metrics {
        let captures = CaptureCollector(Arc::clone(&self.captures));
        let calls = self.around.metrics.clone();
        Box::new(move |registry| {
            calls.register(registry);
            registry.register_collector(Box::new(captures));
        })
    }

    /// Serves from now on.
    ///
    /// # Errors
    /// The system does not say where it listens.
    pub fn serve(self) -> Result<RunningControl, RelayError> {
        let Self { listener, relay, captures, around } = self;
        let address = listener.local_addr()?;
        let ((stop, mut stopping), (hang_up, hung_up)) = (stopping(), stopping());
        let service = layer::service(Control { relay, captures, stopping: stopping.clone() });
        let serving = Server::builder()
            .max_concurrent_streams(MAX_CALLS)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            .http2_keepalive_interval(Some(PING.0))
            .http2_keepalive_timeout(Some(PING.1))
            .layer(around.layer)
            .serve_with_incoming_shutdown(service, incoming(listener, hung_up), async move {
                stopping.told().await
            });
        let task = Task(tokio::spawn(async {
            if let Err(error) = serving.await {
                tracing::warn!(%error, "control: serves no more");
            }
        }));
        Ok(RunningControl { address, stop, hang_up, task })
    }
}

impl RunningControl {
    /// Where it listens.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Streams end with UNAVAILABLE, and connections when their calls have ended; after a second whatever is left is closed.
    pub async fn stop(mut self) {
        self.stop.say();
        if timeout(MAX_GOODBYE, &mut self.task.0).await.is_err() {
            tracing::debug!("control: somebody does not read, and is not waited for");
        }
        self.hang_up.say();
    }
}
