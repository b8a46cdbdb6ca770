//! `rtptap control ADDR capture`: blocks as they come, into a file.

use std::io;
use std::path::Path;

use futures_util::stream::{Stream, unfold};
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tonic::transport::Channel;

use super::args::CaptureArgs;
use super::error::ControlError;
use crate::relay::control::generated::capture_request::Command;
use crate::relay::control::generated::relay_client::RelayClient;
use crate::relay::control::generated::{CaptureRequest, CaptureStart, CaptureStop};
use crate::signals::Signals;

/// Until a bound is reached, a signal comes or the relay ends; whatever has come is written. A second signal ends it however it stands: neither a
/// relay that does not answer nor who does not read what is written is waited for.
pub(super) async fn capture(
    client: &mut RelayClient<Channel>,
    args: &CaptureArgs,
) -> Result<(), ControlError> {
    let mut signals = Signals::listen()?;
    let (ask, asked) = mpsc::channel(2);
    // There is room for both messages there are.
    let _ = ask.try_send(message(Command::Start(start(args))));
    let requests = unfold(asked, |mut asked| async { asked.recv().await.map(|message| (message, asked)) });
    let mut counts = Counts::default();
    let ended = {
        let told_twice = async {
            signals.next().await;
            // The relay then sends what it has, and the counts.
            let _ = ask.try_send(message(Command::Stop(CaptureStop {})));
            signals.next().await
        };
        tokio::select! {
            ended = write(client, requests, &args.file, &mut counts) => ended,
            _code = told_twice => Err(ControlError::Hurried),
        }
    };
    let lacking = match counts.dropped {
        0 => String::new(),
        count => format!(", {count} more were dropped"),
    };
    eprintln!("{} packets{lacking}", counts.packets);
    ended
}

/// Those that were written, and those that the relay could not send fast enough.
#[derive(Default)]
struct Counts {
    packets: u64,
    dropped: u64,
}

async fn write(
    client: &mut RelayClient<Channel>,
    requests: impl Stream<Item = CaptureRequest> + Send + 'static,
    file: &Path,
    counts: &mut Counts,
) -> Result<(), ControlError> {
    let mut stream = client.capture(requests).await?.into_inner();
    let mut out = open(file).await?;
    while let Some(next) = stream.message().await? {
        out.write_all(&next.pcapng).await?;
        out.flush().await?;
        *counts = Counts { packets: next.packets, dropped: next.dropped };
    }
    Ok(())
}

fn start(args: &CaptureArgs) -> CaptureStart {
    CaptureStart {
        legs: args.legs.clone(),
        max_packets: args.packets.unwrap_or(0),
        max_ms: args.duration.map_or(0, |time| time.as_millis().try_into().unwrap_or(u32::MAX)),
        headers_only: args.headers_only,
    }
}

const fn message(command: Command) -> CaptureRequest {
    CaptureRequest { command: Some(command) }
}

async fn open(path: &Path) -> io::Result<Box<dyn AsyncWrite + Unpin>> {
    if path == Path::new("-") {
        return Ok(Box::new(tokio::io::stdout()));
    }
    Ok(Box::new(File::create(path).await?))
}
