//! The control plane over real connections: a relay as a program of its own, and the generated client.

mod capture;
mod client;
mod limits;
mod rules;
mod watch;

use std::net::SocketAddr;
use std::process::Command;

use rtptap::relay::control::generated::relay_client::RelayClient;
use tonic::transport::{Channel, Endpoint};

use super::media::{Port, SSRC, packet};
use super::process::RelayProcess;
use super::until;

/// A relay with a control plane, who sends to it and who gets that.
struct Call {
    relay: RelayProcess,
    source: Port,
    sink: Port,
}

impl Call {
    /// Two packets of a stream have passed.
    async fn begins(args: &[&str]) -> Self {
        Self::begins_as(Command::new(env!("CARGO_BIN_EXE_rtptap")), args).await
    }

    /// `command` runs the program, with its arguments behind its own.
    async fn begins_as(command: Command, args: &[&str]) -> Self {
        let (source, sink) = (Port::bind().await, Port::bind().await);
        let to = sink.address().to_string();
        let listen = ["--listen", "127.0.0.1:0", "--to", &to, "--rtcp-mux"];
        let serve = ["--control", "127.0.0.1:0", "--http", "127.0.0.1:0"];
        let relay = RelayProcess::start_as(command, &[&listen[..], &serve, args].concat()).await;
        let call = Self { relay, source, sink };
        call.send(0..2).await;
        call.arrive(2).await;
        call
    }

    async fn client(&self) -> RelayClient<Channel> {
        client(self.relay.control()).await
    }

    async fn send(&self, numbers: std::ops::Range<u32>) {
        for number in numbers {
            self.source.socket.send_to(&packet(SSRC, number), self.relay.listen()).await.unwrap();
        }
    }

    /// All below this number are at the sink.
    async fn arrive(&self, end: u32) {
        until("they arrive", || (self.sink.received.count(SSRC, end) == end).then_some(())).await;
    }
}

/// A connection of its own.
async fn client(address: SocketAddr) -> RelayClient<Channel> {
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    RelayClient::new(channel)
}
