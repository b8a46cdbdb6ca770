//! Whole calls of tonic's client to tonic's server, over TCP on loopback, both in this thread.

use anyhow::{Context as _, ensure};
use http::uri::PathAndQuery;
use interceptor_grpc::StreamLayer;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Request;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_prost::ProstCodec;

use super::Form;
use super::service::{Ask, Bench, Blob, blob, blobs};
use crate::contender::{Case, Contender, Role};
use crate::streams::NAME;

/// Messages of a call, or calls, in one measured stretch.
const MESSAGES: usize = 1024;
const CALLS: usize = 16;

/// What kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One that the server sends messages in.
    Pull,
    /// One that the client sends messages in.
    Push,
    /// Many, each of a message each way.
    Unary,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Pull => "/bench.Bench/Pull",
            Self::Push => "/bench.Bench/Push",
            Self::Unary => "/bench.Bench/Unary",
        }
    }
}

/// A server, with or without a layer, and a client on one connection.
#[derive(Debug)]
pub struct Calls {
    runtime: Runtime,
    channel: Channel,
    kind: Kind,
    items: u64,
}

impl Calls {
    /// # Errors
    /// The layer cannot be made, or there is no connection.
    pub fn new(kind: Kind, form: Form) -> anyhow::Result<Self> {
        let layer = form.layer(kind.path())?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let channel = runtime.block_on(connect(layer))?;
        Ok(Self { runtime, channel, kind, items: 0 })
    }

    /// Makes what was prepared, and says how many messages have come.
    ///
    /// # Errors
    /// The status of a call, unless it is OK.
    pub fn talk(&self) -> anyhow::Result<u64> {
        let (path, items) = (PathAndQuery::from_static(self.kind.path()), self.items);
        self.runtime.block_on(async {
            let mut client = Grpc::new(self.channel.clone());
            match self.kind {
                Kind::Pull => pull(&mut client, path, items).await,
                Kind::Push => push(&mut client, path, items).await,
                Kind::Unary => unary(&mut client, &path, items).await,
            }
        })
    }
}

impl Contender for Calls {
    fn prepare(&mut self, items: usize) {
        self.items = items as u64;
    }

    fn run(&mut self) {
        let came = self.talk();
        debug_assert!(came.is_ok_and(|came| came == self.items), "every message comes");
    }
}

async fn connect(layer: Option<StreamLayer>) -> anyhow::Result<Channel> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let incoming = TcpListenerStream::new(listener);
    let server = Server::builder();
    match layer {
        None => {
            let router = { server }.add_service(Bench);
            tokio::spawn(router.serve_with_incoming(incoming));
        }
        Some(layer) => {
            let router = server.layer(layer).add_service(Bench);
            tokio::spawn(router.serve_with_incoming(incoming));
        }
    }
    Endpoint::new(format!("http://{address}"))?.connect().await.context("connecting")
}

async fn pull(client: &mut Grpc<Channel>, path: PathAndQuery, count: u64) -> anyhow::Result<u64> {
    client.ready().await?;
    let codec = ProstCodec::<Ask, Blob>::default();
    let answer = client.server_streaming(Request::new(Ask { count }), path, codec).await?;
    let (mut messages, mut came) = (answer.into_inner(), 0);
    while messages.message().await?.is_some() {
        came += 1;
    }
    Ok(came)
}

async fn push(client: &mut Grpc<Channel>, path: PathAndQuery, count: u64) -> anyhow::Result<u64> {
    client.ready().await?;
    let codec = ProstCodec::<Blob, Ask>::default();
    let answer = client.client_streaming(Request::new(blobs(count)), path, codec).await?;
    Ok(answer.into_inner().count)
}

async fn unary(client: &mut Grpc<Channel>, path: &PathAndQuery, count: u64) -> anyhow::Result<u64> {
    for _ in 0..count {
        client.ready().await?;
        let codec = ProstCodec::<Blob, Blob>::default();
        let answer = client.unary(Request::new(blob()), path.clone(), codec).await?;
        ensure!(answer.into_inner() == blob(), "another message came back");
    }
    Ok(count)
}

pub(super) fn cases() -> Vec<Case> {
    let forms = [
        (Role::Peer, "tonic 0.14.9 alone", Form::Bare),
        (Role::Subject, "interceptor-grpc, counting", Form::Counting),
        (Role::Variant, "interceptor-grpc, all limits", Form::Limits),
        (Role::Variant, "interceptor-grpc, all limits, both ways together as well", Form::Both),
        (Role::Variant, "interceptor-grpc, metrics for Prometheus", Form::Metrics),
    ];
    let case = |variant, kind, stretch| {
        forms.map(|(role, name, form)| {
            let make = move || Calls::new(kind, form);
            Case::timed((NAME, variant, 1), (role, name), make).with_stretch(stretch)
        })
    };
    let all = [
        case("gRPC, pull", Kind::Pull, MESSAGES),
        case("gRPC, push", Kind::Push, MESSAGES),
        case("gRPC, unary", Kind::Unary, CALLS),
    ];
    all.into_iter().flatten().collect()
}
