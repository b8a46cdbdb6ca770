//! A client that is killed: a process of its own, that has no time to say goodbye.

use std::net::SocketAddr;
use std::process::Stdio;

use interceptor_grpc::{Code, StreamLayer, StreamLimits};
use tonic::Request;

use crate::rig::{Ledger, within};
use crate::support::{Server, begin, connect, echo, messages, never};

const ADDRESS: &str = "KILLED_CLIENT_TALKS_TO";

/// The client, in a process of its own; without an address to talk to there is nothing to do.
#[tokio::test]
#[ignore = "the other process of the test below"]
async fn the_client_to_be_killed() {
    let Ok(address) = std::env::var(ADDRESS) else { return };
    let channel = connect(address.parse::<SocketAddr>().unwrap()).await;
    let mut response = begin(channel, Request::new(never(3, 100))).await.unwrap();
    while response.message().await.unwrap().is_some() {}
}

#[tokio::test]
async fn a_client_that_is_killed_is_counted_once_and_leaves_no_place() {
    let ledger = Ledger::new();
    let layer = StreamLayer::new(StreamLimits::default())
        .unwrap()
        .with_streams_per_peer(1)
        .with_observer(ledger.clone());
    let calls = layer.calls().clone();
    let (dropped, mut drops) = tokio::sync::mpsc::unbounded_channel();
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let server = Server::start(layer, move |request| {
        let (tells, heard) = (Tells(dropped.clone()), heard.clone());
        async move {
            let echoed = echo(request).await?.into_inner();
            crate::support::answer(tokio_stream::StreamExt::map(echoed, move |message| {
                let _kept = &tells;
                _ = heard.send(());
                message
            }))
        }
    })
    .await;
    for round in 1..=3 {
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::the_client_to_be_killed", "--ignored"])
            .env(ADDRESS, server.address.to_string())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        for _ in 0..3 {
            within(hears.recv()).await.unwrap();
        }
        let [call] = &calls.snapshot()[..] else { panic!("one call runs") };
        // SIGKILL, in mid-stream.
        child.kill().await.unwrap();
        let accounts = ledger.over(2 * round - 1).await;
        let (code, stats) = accounts.handled.last().unwrap();
        assert_eq!((*code, stats.received.messages, stats.ended), (Code::Cancelled, 3, None));
        assert!(call.is_over() && calls.is_empty());
        within(drops.recv()).await.expect("the handler's stream is gone");
        // Its place, the only one of this peer, is free.
        let got = within(server.call(messages(2, 10))).await;
        assert_eq!((got.code(), got.messages.len()), (Code::Ok, 2));
        within(drops.recv()).await.unwrap();
        for _ in 0..2 {
            within(hears.recv()).await.unwrap();
        }
        let accounts = ledger.over(2 * round).await;
        assert_eq!((accounts.counted(Code::Cancelled), accounts.is_even()), (round, true));
    }
}

/// Tells when it is dropped.
struct Tells(tokio::sync::mpsc::UnboundedSender<()>);

impl Drop for Tells {
    fn drop(&mut self) {
        _ = self.0.send(());
    }
}
