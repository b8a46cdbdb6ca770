//! `rtptap control` as a command: one call, and what came of it.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use serde::Serialize;
use tonic::transport::{Channel, Endpoint};

use super::args::{Ask, ControlArgs, RulesArgs, WatchArgs};
use super::error::ControlError;
use super::{capture, show};
use crate::relay::control::generated::relay_client::RelayClient;
use crate::relay::control::generated::{LegsRequest, WatchRequest};

/// How long a relay may take to be reached.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of an answer: the figures of 4096 streams on 65 legs.
const MAX_ANSWER: usize = 64 << 20;

/// Asks and prints. Fails if nobody answers, for what the relay refuses, and when the relay ends before the answer does.
pub fn execute(args: &ControlArgs) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(run(args));
    // A write that waits for who does not read is not waited for.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        // Who does not read it does not want it.
        Err(ControlError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &ControlArgs) -> Result<(), ControlError> {
    let address = args.address;
    let mut client = connect(address).await.map_err(|error| ControlError::Connect { address, error })?;
    match &args.ask {
        Ask::Watch(args) => watch(&mut client, args).await,
        Ask::Legs { json } => {
            let legs = client.legs(LegsRequest {}).await?.into_inner();
            print(&legs, *json, show::legs)
        }
        Ask::Rules(args) => rules(&mut client, args).await,
        Ask::Capture(args) => capture::capture(&mut client, args).await,
    }
}

async fn connect(address: SocketAddr) -> Result<RelayClient<Channel>, tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?.connect_timeout(PATIENCE);
    Ok(RelayClient::new(endpoint.connect().await?).max_decoding_message_size(MAX_ANSWER))
}

async fn watch(client: &mut RelayClient<Channel>, args: &WatchArgs) -> Result<(), ControlError> {
    let interval_ms = u32::try_from(args.every.as_millis()).unwrap_or(u32::MAX);
    // 0 would be the default.
    let request = WatchRequest { interval_ms: interval_ms.max(1) };
    let mut stream = client.watch(request).await?.into_inner();
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0
        && let Some(message) = stream.message().await?
    {
        print(&message, args.json, show::watch)?;
        left -= 1;
    }
    Ok(())
}

async fn rules(client: &mut RelayClient<Channel>, args: &RulesArgs) -> Result<(), ControlError> {
    let changed = client.set_rules(args.request()).await?.into_inner();
    print(&changed, args.json, |changed| format!("{}: {}\n", args.leg, show::changed(changed)))
}

fn print<T: Serialize>(answer: &T, json: bool, show: impl FnOnce(&T) -> String) -> Result<(), ControlError> {
    let text = if json { serde_json::to_string(answer)? + "\n" } else { show(answer) };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
