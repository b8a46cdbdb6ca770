//! The control plane over real connections: a relay as a program of its own, and the generated client.

mod capture;
mod client;
mod limits;
mod pcapng;
mod rules;
mod watch;

use std::net::SocketAddr;
use std::process::Command;

use rtptap::relay::control::generated::relay_client::RelayClient;
use tonic::transport::{Channel, Endpoint};

use super::http::get;
use super::media::{FIRST, Port, SSRC, packet};
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

    /// 60 kB each: the windows, the messages and the queue of who does not read are full after some hundred.
    async fn send_large(&self, numbers: std::ops::Range<u16>) {
        let mut large = packet(SSRC, 0);
        large.splice(24..24, std::iter::repeat_n(0_u8, 60_000));
        for number in numbers {
            large[2..4].copy_from_slice(&FIRST.wrapping_add(number).to_be_bytes());
            self.source.socket.send_to(&large, self.relay.listen()).await.unwrap();
            if number % 8 == 0 {
                self.arrive(u32::from(number) + 1).await;
            }
        }
    }

    /// A number of `/metrics`.
    async fn metric(&self, name: &str) -> u64 {
        let metrics = get(self.relay.http(), "/metrics").await.2;
        let line = metrics.lines().find(|line| line.starts_with(name));
        assert!(line.is_some(), "{metrics}");
        line.unwrap().rsplit(' ').next().unwrap().parse().unwrap()
    }

    /// All below this number are at the sink.
    async fn arrive(&self, end: u32) {
        until("they arrive", || (self.sink.received.count(SSRC, end) == end).then_some(())).await;
    }
}

/// The program, with its log in a file.
fn logging_to(file: &std::path::Path) -> Command {
    let mut command = Command::new("sh");
    let script = format!("exec \"$0\" \"$@\" 2> '{}'", file.display());
    command.args(["-c", &script, env!("CARGO_BIN_EXE_rtptap")]);
    command
}

/// A connection of its own.
async fn client(address: SocketAddr) -> RelayClient<Channel> {
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    RelayClient::new(channel)
}
