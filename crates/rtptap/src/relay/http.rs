//! `/stats`, `/metrics` and `/healthz` over HTTP/1.1, for one's own eyes, for Prometheus and for service managers.
//!
//! | limit | value |
//! |---|---|
//! | connections at a time | 32; for one more the oldest goes that has not sent a whole request |
//! | a connection's life | 10 s, one request |
//! | headers | 8 KiB, 5 s |
//! | methods | GET, HEAD; bodies are not read |

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use interceptor_stats::StatsCollector;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};

use super::capture::CaptureCollector;
use super::metrics::RelayCollector;
use super::places::{NoRoom, Places};
use super::{RelayError, RelayHandle};

const MAX_CONNECTIONS: usize = 32;
const MAX_LIFE: Duration = Duration::from_secs(10);
const MAX_HEADER_BYTES: usize = 8192;
const MAX_HEADER_TIME: Duration = Duration::from_secs(5);

/// How soon room is looked for again while everybody is being answered, or the system gives no more connections.
const RETRY: Duration = Duration::from_millis(100);

const INDEX: &str =
    "rtptap relay\n/stats    JSON, W3C names\n/metrics  Prometheus\n/healthz  200 while all legs are well\n";

/// The format that Prometheus and OpenMetrics scrapers ask for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Adds to what is scraped.
pub(super) type Metrics = Box<dyn FnOnce(&mut Registry) + Send>;

/// Tells how a relay stands to whoever asks.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    pages: Pages,
}

#[derive(Debug)]
struct Pages {
    relay: RelayHandle,
    metrics: Registry,
}

impl HttpServer {
    /// Takes the port.
    ///
    /// # Errors
    /// The port is taken, or not ours to take.
    pub async fn bind(address: SocketAddr, relay: RelayHandle) -> Result<Self, RelayError> {
        let listener =
            TcpListener::bind(address).await.map_err(|error| RelayError::Http { address, error })?;
        let mut metrics = Registry::default();
        metrics.register_collector(Box::new(StatsCollector::new(relay.connections())));
        metrics.register_collector(Box::new(CaptureCollector::new(relay.clone())));
        metrics.register_collector(Box::new(RelayCollector::new(relay.clone())));
        Ok(Self { listener, pages: Pages { relay, metrics } })
    }

    /// With more in `/metrics`, of what goes on beside the relay.
    #[must_use]
    pub(super) fn with_metrics(mut self, more: impl IntoIterator<Item = Metrics>) -> Self {
        more.into_iter().for_each(|register| register(&mut self.pages.metrics));
        self
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until it is dropped.
    pub async fn run(self) -> Infallible {
        let Self { listener, pages } = self;
        let (guests, all) = (Arc::new(Guests::default()), Arc::new(pages));
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let pages = Arc::clone(&all);
                    guests.room().await;
                    Guests::seat(&guests, |guest| answer(stream, pages, guest));
                }
                Err(error) => {
                    // Too many open files, perhaps: it passes, but not at once.
                    tracing::debug!(%error, "cannot accept");
                    guests.one_leaves().await;
                }
            }
        }
    }
}

/// Who is being answered.
#[derive(Debug)]
struct Guests {
    places: Mutex<Places<AbortHandle>>,
    left: Notify,
}

/// One of them; leaves when it is dropped.
struct Guest {
    all: Arc<Guests>,
    number: u64,
}

impl Default for Guests {
    fn default() -> Self {
        Self { places: Mutex::new(Places::new(MAX_CONNECTIONS)), left: Notify::new() }
    }
}

impl Guests {
    /// Waits until there is room for one more. Who says nothing is sent away for it.
    async fn room(&self) {
        loop {
            let made = self.lock().make_room(Instant::now().into_std());
            match made {
                Ok(None) => return,
                Ok(Some(connection)) => return connection.abort(),
                // Room comes when one leaves, or has taken too long.
                Err(NoRoom) => self.one_leaves().await,
            }
        }
    }

    /// Waits until somebody has left, for a moment at most.
    async fn one_leaves(&self) {
        let _whoever = timeout(RETRY, self.left.notified()).await;
    }

    /// The places are locked until the task has its own: it cannot leave before.
    fn seat<F: Future<Output = ()> + Send + 'static>(this: &Arc<Self>, serve: impl FnOnce(Guest) -> F) {
        this.lock()
            .seat(|number| tokio::spawn(serve(Guest { all: Arc::clone(this), number })).abort_handle());
    }

    fn lock(&self) -> MutexGuard<'_, Places<AbortHandle>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    fn has_asked(&self) {
        self.all.lock().has_asked(self.number, Instant::now().into_std());
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.all.lock().leave(self.number);
        self.all.left.notify_one();
    }
}

async fn answer(stream: TcpStream, pages: Arc<Pages>, guest: Guest) {
    // Called when a request's headers are complete.
    let service = service_fn(move |request| {
        guest.has_asked();
        let page = pages.page(&request);
        async move { Ok::<_, Infallible>(page) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(MAX_HEADER_TIME)
        .max_buf_size(MAX_HEADER_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match timeout(MAX_LIFE, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "request failed"),
        Err(_) => tracing::debug!("request took too long"),
    }
}

impl Pages {
    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
            refusal.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        match request.uri().path() {
            "/" => text(StatusCode::OK, INDEX),
            "/stats" => match serde_json::to_vec(&self.relay.stats()) {
                Ok(json) => response(StatusCode::OK, "application/json", json),
                Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
            },
            "/metrics" => {
                let mut metrics = String::new();
                match encode(&mut metrics, &self.metrics) {
                    Ok(()) => response(StatusCode::OK, OPEN_METRICS, metrics),
                    Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
                }
            }
            "/healthz" if self.relay.is_well() => text(StatusCode::OK, "ok\n"),
            "/healthz" => text(StatusCode::SERVICE_UNAVAILABLE, "a leg broke off; the log says why\n"),
            _ => text(StatusCode::NOT_FOUND, format!("nothing here\n\n{INDEX}")),
        }
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    response(status, "text/plain; charset=utf-8", body)
}

fn response(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}
