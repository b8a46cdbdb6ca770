//! The page and what it asks for, over HTTP on loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};

use crate::args::Args;
use crate::call::Order;
use crate::calls::{Answered, Calls};
use crate::link::Badness;
use crate::peer::addresses;

/// Served as they are; they load nothing from elsewhere.
const FILES: [(&str, &str, &str); 9] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/page.css", CSS, include_str!("page/page.css")),
    ("/books.js", SCRIPT, include_str!("page/books.js")),
    ("/call.js", SCRIPT, include_str!("page/call.js")),
    ("/controls.js", SCRIPT, include_str!("page/controls.js")),
    ("/page.js", SCRIPT, include_str!("page/page.js")),
    ("/picture.js", SCRIPT, include_str!("page/picture.js")),
    ("/plot.js", SCRIPT, include_str!("page/plot.js")),
    ("/view.js", SCRIPT, include_str!("page/view.js")),
];
const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// An offer has some kilobytes.
const MAX_BODY_BYTES: usize = 1 << 18;

/// A new call.
#[derive(Debug, Deserialize)]
struct Opening {
    offer: String,
    link: Badness,
    repair: bool,
}

/// Serves pages, and has their calls.
#[derive(Debug)]
pub(crate) struct Site {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    calls: Arc<Calls>,
    /// What a call begins with.
    badness: Badness,
    /// Names that a browser may know this page by: others are other sites that try.
    hosts: [String; 2],
}

impl Site {
    pub(crate) async fn open(args: &Args) -> Result<Self> {
        let port = args.port();
        let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| {
            format!("port {port} is not free: `--port 0` takes one that is, if no other browser example runs")
        })?;
        let address = listener.local_addr()?;
        let hosts = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", address.port()));
        let shared = Shared { calls: Arc::new(Calls::new(args.max_calls())), badness: args.badness(), hosts };
        Ok(Self { listener, address, shared: Arc::new(shared) })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    #[cfg(test)]
    pub(crate) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.shared.calls)
    }

    pub(crate) async fn run(self) -> Result<()> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            tokio::spawn(serve(stream, Arc::clone(&self.shared)));
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(shared.answer(request).await) }
    });
    // A browser that leaves in the middle is no failure.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        if !self.is_ours(&request) {
            return text(StatusCode::FORBIDDEN, "this page is for this machine only");
        }
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let Ok(body) = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await else {
            return text(StatusCode::PAYLOAD_TOO_LARGE, "more than an offer has");
        };
        let body = body.to_bytes();
        let steps: Vec<_> = path.split('/').skip(1).collect();
        match (method, steps.as_slice()) {
            (Method::GET, ["start"]) => self.start(),
            (Method::POST, ["calls"]) => self.open(&body).await,
            (Method::GET, ["calls", id]) => self.figures(id).await,
            (Method::POST, ["calls", id, "link"]) => self.order(id, link(&body).map(Order::Link)).await,
            (Method::POST, ["calls", id, "repair"]) => {
                self.order(id, serde_json::from_slice(&body).map(Order::Repair).map_err(Into::into)).await
            }
            (Method::POST, ["calls", id, "end"]) => {
                self.calls.end(id);
                text(StatusCode::OK, "")
            }
            (Method::GET, _) => file(&path),
            _ => text(StatusCode::NOT_FOUND, "no such thing"),
        }
    }

    /// Another site's page must not make calls, nor a name that leads here (DNS rebinding).
    fn is_ours(&self, request: &Request<Incoming>) -> bool {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let known = |host: &str| self.hosts.iter().any(|known| known == host);
        let origin = header(ORIGIN).map(|origin| origin.strip_prefix("http://").is_some_and(known));
        header(HOST).is_some_and(known) && origin.unwrap_or(true)
    }

    fn start(&self) -> Response<Full<Bytes>> {
        let loopback_only = addresses().iter().all(std::net::IpAddr::is_loopback);
        json(&json!({ "link": self.badness, "loopbackOnly": loopback_only }))
    }

    async fn open(&self, body: &[u8]) -> Response<Full<Bytes>> {
        let opened = async {
            let Opening { offer, link, repair } = serde_json::from_slice(body)?;
            self.calls.answer(&offer, link.check()?, repair).await
        };
        match opened.await {
            Ok(Answered::Call { id, answer }) => json(&json!({ "id": id, "answer": answer })),
            Ok(Answered::TooMany) => {
                let max = self.calls.max();
                let why =
                    format!("{max} calls are running already. Close one of their tabs, then try again.");
                text(StatusCode::SERVICE_UNAVAILABLE, why)
            }
            Err(error) => text(StatusCode::BAD_REQUEST, format!("{error:#}")),
        }
    }

    async fn figures(&self, id: &str) -> Response<Full<Bytes>> {
        match self.calls.figures(id).await {
            Some(figures) => json(&figures),
            None => text(StatusCode::GONE, "the call has ended"),
        }
    }

    async fn order(&self, id: &str, order: Result<Order>) -> Response<Full<Bytes>> {
        let order = match order {
            Ok(order) => order,
            Err(error) => return text(StatusCode::BAD_REQUEST, error.to_string()),
        };
        match self.calls.order(id, order).await {
            true => text(StatusCode::OK, ""),
            false => text(StatusCode::GONE, "the call has ended"),
        }
    }
}

fn link(body: &[u8]) -> Result<Badness> {
    serde_json::from_slice::<Badness>(body)?.check()
}

fn file(path: &str) -> Response<Full<Bytes>> {
    match FILES.iter().find(|(name, ..)| *name == path) {
        Some((_, kind, content)) => respond(StatusCode::OK, kind, *content),
        None => text(StatusCode::NOT_FOUND, "no such page"),
    }
}

fn json(value: &impl serde::Serialize) -> Response<Full<Bytes>> {
    match serde_json::to_vec(value) {
        Ok(bytes) => respond(StatusCode::OK, "application/json", bytes),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", body)
}

fn respond(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    // The next build has another page at the same address.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
