//! A client that writes HTTP/2 by hand.

use std::future::poll_fn;
use std::net::SocketAddr;

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::{Builder, ResponseFuture, SendRequest};
use h2::{PingPong, Reason, SendStream};
use http::{HeaderMap, Request};
use interceptor_grpc::Code;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A message with its prefix.
pub(crate) fn prefixed(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap());
    framed.put_slice(message);
    framed.freeze()
}

/// A connection; when it is dropped, the socket is closed.
pub(crate) struct RawClient {
    pub(crate) send: SendRequest<Bytes>,
    pings: PingPong,
    driver: JoinHandle<()>,
}

impl Drop for RawClient {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// How a response ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) http: u16,
    pub(crate) body: Bytes,
    /// `grpc-status`, wherever it stood.
    pub(crate) code: Option<Code>,
    pub(crate) reset: Option<Reason>,
}

impl RawClient {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let connection = TcpStream::connect(address).await.unwrap();
        connection.set_nodelay(true).unwrap();
        Self::over(connection, 65_535).await
    }

    /// Over any connection; the server may send so many bytes of a stream before it is asked for more.
    pub(crate) async fn over<C>(connection: C, window: u32) -> Self
    where
        C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (send, mut connection) =
            Builder::new().initial_window_size(window).handshake::<_, Bytes>(connection).await.unwrap();
        let pings = connection.ping_pong().unwrap();
        let driver = tokio::spawn(async move {
            _ = connection.await;
        });
        Self { send: send.ready().await.unwrap(), pings, driver }
    }

    /// Begins a call and keeps its side open.
    pub(crate) fn begin(&mut self) -> (ResponseFuture, SendStream<Bytes>) {
        self.begin_as("application/grpc")
    }

    pub(crate) fn begin_as(&mut self, content_type: &str) -> (ResponseFuture, SendStream<Bytes>) {
        let request = Request::post("http://test/test.Echo/Talk")
            .header("content-type", content_type)
            .header("te", "trailers")
            .body(())
            .unwrap();
        self.send.send_request(request, false).unwrap()
    }

    /// There and back: the other side has seen all that was sent before.
    pub(crate) async fn ping(&mut self) {
        self.pings.ping(h2::Ping::opaque()).await.unwrap();
    }
}

impl Ended {
    /// Reads to the end, as quickly as it comes.
    pub(crate) async fn of(response: ResponseFuture) -> Self {
        let (head, mut body) = match response.await {
            Ok(response) => response.into_parts(),
            Err(error) => {
                return Self { http: 0, body: Bytes::new(), code: None, reset: error.reason() };
            }
        };
        let mut ended =
            Self { http: head.status.as_u16(), body: Bytes::new(), code: code(&head.headers), reset: None };
        let mut read = BytesMut::new();
        while let Some(data) = body.data().await {
            match data {
                Ok(data) => {
                    _ = body.flow_control().release_capacity(data.len());
                    read.put(data);
                }
                Err(error) => {
                    ended.reset = error.reason();
                    break;
                }
            }
        }
        ended.body = read.freeze();
        if ended.reset.is_none()
            && let Ok(Some(trailers)) = body.trailers().await
        {
            ended.code = code(&trailers);
        }
        ended
    }
}

fn code(headers: &HeaderMap) -> Option<Code> {
    headers.get("grpc-status").map(|code| Code::from_bytes(code.as_bytes()))
}

/// Sends as much as flow control lets it, waiting for more as long as it takes.
pub(crate) async fn push(stream: &mut SendStream<Bytes>, mut data: Bytes) -> Result<(), h2::Error> {
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let room = match poll_fn(|cx| stream.poll_capacity(cx)).await {
            Some(room) => room?,
            None => return Ok(()),
        };
        stream.send_data(data.split_to(room.min(data.len())), false)?;
    }
    Ok(())
}
