//! A chat over gRPC: a server with limits, polite guests, and one that floods it.
//!
//! `chat` tells a story by itself and ends; `chat serve ADDR` is a server, `chat join ADDR NAME` a guest who says what it reads.

use std::error::Error;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use interceptor_grpc::{
    CallLimits, Calls, Excess, MethodKind, Metrics, Pace, PeerKey, Rate, StreamLayer, StreamLimits,
};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};

/// What somebody says.
#[derive(Clone, PartialEq, prost::Message)]
struct Line {
    #[prost(string, tag = "1")]
    from: String,
    #[prost(string, tag = "2")]
    text: String,
}

const TALK: &str = "/chat.v1.Chat/Talk";

/// What a guest may do: 2 lines a second and 10 of them at once, or it is shown the door; what it hears comes at 200 a second and waits its turn.
fn limits() -> Result<CallLimits, Box<dyn Error>> {
    let says = Rate::new(2, Duration::from_secs(1), 10)?;
    let hears = Rate::new(200, Duration::from_secs(1), 20)?;
    let limits = StreamLimits::control()
        .with_max_message_bytes(4096)
        .with_warn_message_bytes(1024)
        .with_received(Pace::default().with_messages(says).with_excess(Excess::Fail))
        .with_sent(Pace::default().with_messages(hears));
    Ok(CallLimits::new(limits).with_kind(MethodKind::BidiStream))
}

/// The layer, and the metrics that it keeps. Names are taken for granted here: elsewhere a key is what authentication has found out.
fn layer() -> Result<(StreamLayer, Registry), Box<dyn Error>> {
    let metrics = Metrics::server([(TALK, MethodKind::BidiStream)]);
    let mut registry = Registry::default();
    metrics.register(&mut registry);
    let layer = StreamLayer::new(limits()?)?
        .with_max_streams(1000)
        .with_streams_per_peer(2)
        .with_key(|call| Some(PeerKey::from(call.headers().get("x-name")?.to_str().ok()?)))
        .with_observer(metrics);
    Ok((layer, registry))
}

// The service: what generated code would look like, by hand.

type Lines = ReceiverStream<Result<Line, Status>>;

/// Whoever is in it hears what anybody says.
#[derive(Clone)]
struct Room(broadcast::Sender<Line>);

impl tonic::server::NamedService for Room {
    const NAME: &'static str = "chat.v1.Chat";
}

impl tonic::server::StreamingService<Line> for Room {
    type Response = Line;
    type ResponseStream = Lines;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Lines>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<Line>>) -> Self::Future {
        let room = self.clone();
        Box::pin(async move { room.talk(request) })
    }
}

impl<B> tower::Service<http::Request<B>> for Room
where
    B: http_body::Body + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    type Response = http::Response<tonic::body::Body>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let room = self.clone();
        Box::pin(async move {
            let codec = tonic_prost::ProstCodec::<Line, Line>::default();
            Ok(tonic::server::Grpc::new(codec).streaming(room, request).await)
        })
    }
}

impl Room {
    /// Nothing about limits here: that is the layer's.
    fn talk(&self, request: Request<Streaming<Line>>) -> Result<Response<Lines>, Status> {
        let name = request.metadata().get("x-name").and_then(|name| name.to_str().ok());
        let name = name.ok_or_else(|| Status::invalid_argument("x-name is missing"))?.to_owned();
        let mut says = request.into_inner();
        let (room, mut hears) = (self.0.clone(), self.0.subscribe());
        let (to, lines) = mpsc::channel(16);
        tokio::spawn(async move {
            _ = room.send(note(format!("{name} is here")));
            loop {
                let last = tokio::select! {
                    said = says.message() => match said {
                        Ok(Some(said)) => {
                            _ = room.send(Line { from: name.clone(), text: said.text });
                            continue;
                        }
                        Ok(None) => format!("{name} has left"),
                        Err(status) => format!("{name} is out: {}", status.message()),
                    },
                    heard = hears.recv() => match heard {
                        Ok(line) => match to.send(Ok(line)).await {
                            Ok(()) => continue,
                            Err(_) => format!("{name} has gone"),
                        },
                        Err(broadcast::error::RecvError::Lagged(_)) => continue,
                        Err(broadcast::error::RecvError::Closed) => break,
                    },
                };
                _ = room.send(note(last));
                break;
            }
        });
        Ok(Response::new(ReceiverStream::new(lines)))
    }
}

fn note(text: String) -> Line {
    Line { from: "*".into(), text }
}

/// A guest.
struct Guest {
    says: mpsc::Sender<Line>,
    hears: Streaming<Line>,
}

impl Guest {
    async fn join(channel: Channel, name: &str) -> Result<Self, Status> {
        let (says, lines) = mpsc::channel(256);
        let mut request = Request::new(ReceiverStream::new(lines));
        request
            .metadata_mut()
            .insert("x-name", name.parse().map_err(|_| Status::invalid_argument("not a name"))?);
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = tonic_prost::ProstCodec::<Line, Line>::default();
        let path = http::uri::PathAndQuery::from_static(TALK);
        Ok(Self { says, hears: grpc.streaming(request, path, codec).await?.into_inner() })
    }

    async fn say(&self, text: &str) {
        _ = self.says.send(Line { from: String::new(), text: text.into() }).await;
    }

    /// Listens until somebody says that; how many lines somebody has said until then.
    async fn hear(&mut self, text: &str, somebody: &str) -> Result<usize, Status> {
        let mut lines = 0;
        while let Some(line) = self.hears.message().await? {
            lines += usize::from(line.from == somebody);
            if line.text.contains(text) {
                return Ok(lines);
            }
        }
        Err(Status::unknown("the room has closed without a word"))
    }

    /// Listens to the end.
    async fn end(mut self) -> Status {
        loop {
            match self.hears.message().await {
                Ok(Some(_)) => {}
                Ok(None) => return Status::ok("the end"),
                Err(status) => return status,
            }
        }
    }
}

async fn serve(address: SocketAddr, layer: StreamLayer) -> Result<SocketAddr, Box<dyn Error>> {
    let incoming = TcpIncoming::bind(address)?.with_nodelay(Some(true));
    let address = incoming.local_addr()?;
    let room = Room(broadcast::Sender::new(256));
    tokio::spawn(Server::builder().layer(layer).add_service(room).serve_with_incoming(incoming));
    Ok(address)
}

/// The story: what happens, and what Prometheus would read afterwards.
pub(crate) async fn story() -> Result<String, Box<dyn Error>> {
    let mut story = String::new();
    let (layer, registry) = layer()?;
    let calls: Calls = layer.calls().clone();
    let address = serve(SocketAddr::from(([127, 0, 0, 1], 0)), layer).await?;
    let channel = Endpoint::new(format!("http://{address}"))?.connect().await?;

    let mut ann = Guest::join(channel.clone(), "ann").await?;
    ann.hear("ann is here", "").await?;
    let mut bob = Guest::join(channel.clone(), "bob").await?;
    ann.hear("bob is here", "").await?;
    writeln!(story, "ann and bob are here; {} calls run", calls.len())?;
    for text in ["hello", "how are you?", "bye for now"] {
        ann.say(text).await;
        bob.hear(text, "").await?;
        writeln!(story, "  bob hears from ann: {text}")?;
    }

    let mut more = Vec::new();
    for _ in 0..2 {
        match Guest::join(channel.clone(), "ann").await {
            Ok(guest) => more.push(guest),
            Err(status) => writeln!(
                story,
                "ann wants to be here three times\n  {:?}: {}",
                status.code(),
                status.message()
            )?,
        }
    }
    drop(more);

    let flood = Guest::join(channel.clone(), "flood").await?;
    for n in 0..200 {
        flood.say(&format!("buy! {n}")).await;
    }
    let status = flood.end().await;
    writeln!(story, "flood sends 200 lines at once\n  {:?}: {}", status.code(), status.message())?;
    let heard = bob.hear("flood is out", "flood").await?;
    writeln!(story, "  bob has heard {heard} of them, and that flood is out")?;

    ann.say("where were we?").await;
    bob.hear("where were we?", "").await?;
    writeln!(story, "ann and bob talk on; {} calls run", calls.len())?;
    calls.cancel_all(&Status::unavailable("the room closes"));
    let status = bob.end().await;
    writeln!(story, "the server goes\n  bob: {:?}: {}", status.code(), status.message())?;
    _ = ann.end().await;

    let mut scrape = String::new();
    encode(&mut scrape, &registry)?;
    writeln!(story, "\nwhat Prometheus reads, as far as it is not 0:")?;
    for line in scrape.lines().filter(|line| !line.starts_with('#') && !line.ends_with(" 0")) {
        // A line of a terminal is too short for it.
        let (name, labels) = line.split_once('{').unwrap_or((line, ""));
        writeln!(story, "{name}\n  {{{labels}")?;
    }
    Ok(story)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => print!("{}", story().await?),
        ["serve", address] => {
            let (layer, _registry) = layer()?;
            let calls = layer.calls().clone();
            println!("listening on {}, Ctrl-C ends it", serve(address.parse()?, layer).await?);
            tokio::signal::ctrl_c().await?;
            println!("{} calls end", calls.cancel_all(&Status::unavailable("the room closes")));
            // So that they hear of it.
            while !calls.is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        ["join", address, name] => join(address, name).await?,
        _ => println!("chat | chat serve ADDR | chat join ADDR NAME"),
    }
    Ok(())
}

/// Says what is typed, and prints what is heard.
async fn join(address: &str, name: &str) -> Result<(), Box<dyn Error>> {
    let channel = Endpoint::new(format!("http://{address}"))?.connect().await?;
    let Guest { says, mut hears } = Guest::join(channel, name).await?;
    tokio::spawn(async move {
        let mut typed = BufReader::new(tokio::io::stdin()).lines();
        while let Ok(Some(text)) = typed.next_line().await {
            _ = says.send(Line { from: String::new(), text }).await;
        }
    });
    loop {
        match hears.message().await {
            Ok(Some(line)) => println!("{}: {}", line.from, line.text),
            Ok(None) => return Ok(()),
            Err(status) => {
                println!("{:?}: {}", status.code(), status.message());
                return Ok(());
            }
        }
    }
}
