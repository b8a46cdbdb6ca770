//! `/stats` and `/metrics` over HTTP/1.1, for one's own eyes and for Prometheus.
//!
//! | limit | value |
//! |---|---|
//! | connections at a time | 32; more wait in the system's queue |
//! | a connection's life | 10 s, one request |
//! | headers | 8 KiB, 5 s |
//! | methods | GET, HEAD; bodies are not read |

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
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
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::metrics::RelayCollector;
use super::{RelayError, RelayHandle};

const MAX_CONNECTIONS: usize = 32;
const MAX_LIFE: Duration = Duration::from_secs(10);
const MAX_HEADER_BYTES: usize = 8192;
const MAX_HEADER_TIME: Duration = Duration::from_secs(5);

const INDEX: &str = "rtptap relay\n/stats    JSON, W3C names\n/metrics  Prometheus\n";

/// The format that Prometheus and OpenMetrics scrapers ask for.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Tells how a relay stands to whoever asks.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    pages: Arc<Pages>,
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
        metrics.register_collector(Box::new(RelayCollector::new(relay.clone())));
        Ok(Self { listener, pages: Arc::new(Pages { relay, metrics }) })
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
        let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { continue };
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let pages = Arc::clone(&self.pages);
                    tokio::spawn(async move {
                        answer(stream, pages).await;
                        drop(permit);
                    });
                }
                Err(error) => {
                    // Too many open files, perhaps: it passes, but not at once.
                    tracing::debug!(%error, "cannot accept");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

async fn answer(stream: TcpStream, pages: Arc<Pages>) {
    let service = service_fn(move |request| {
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
