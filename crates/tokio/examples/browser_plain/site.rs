//! A page over HTTP, and what it posts.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// An offer has some kilobytes, statistics no more.
const MAX_BODY_BYTES: usize = 1 << 20;
/// Posts that wait to be taken; who posts then waits as well.
const MAX_WAITING: usize = 16;

/// What the page has posted. One that is dropped is answered with an error.
#[derive(Debug)]
pub(crate) struct Post {
    /// Where to, with its slash.
    pub(crate) path: String,
    pub(crate) body: String,
    reply: oneshot::Sender<String>,
}

impl Post {
    pub(crate) fn reply(self, text: impl Into<String>) {
        // A page that has gone waits for nothing.
        let _ = self.reply.send(text.into());
    }
}

/// Serves the page until it is dropped.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    posts: mpsc::Receiver<Post>,
    server: JoinHandle<()>,
}

impl Site {
    pub(crate) async fn open(address: SocketAddr, page: &'static str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let (to_us, posts) = mpsc::channel(MAX_WAITING);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, page, to_us.clone()));
            }
        });
        Ok(Self { address, posts, server })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the page posts next.
    pub(crate) async fn post(&mut self) -> Option<Post> {
        self.posts.recv().await
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(stream: TcpStream, page: &'static str, to_us: mpsc::Sender<Post>) {
    let service = service_fn(move |request| {
        let to_us = to_us.clone();
        async move { Ok::<_, Infallible>(answer(request, page, to_us).await) }
    });
    // A browser that leaves in the middle is no failure.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(
    request: Request<Incoming>,
    page: &'static str,
    to_us: mpsc::Sender<Post>,
) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET {
        return match path.as_str() {
            "/" => respond(StatusCode::OK, page),
            _ => respond(StatusCode::NOT_FOUND, ""),
        };
    }
    let Ok(body) = Limited::new(request.into_body(), MAX_BODY_BYTES).collect().await else {
        return respond(StatusCode::PAYLOAD_TOO_LARGE, "");
    };
    let body = String::from_utf8_lossy(&body.to_bytes()).into_owned();
    let (reply, replied) = oneshot::channel();
    if to_us.send(Post { path, body, reply }).await.is_err() {
        return respond(StatusCode::GONE, "nobody is here any more");
    }
    match replied.await {
        Ok(text) => respond(StatusCode::OK, text),
        Err(_) => respond(StatusCode::CONFLICT, "that is not taken"),
    }
}

fn respond(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}
