//! `rtptap control ADDR capture`: blocks as they come, into a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use futures_util::stream::unfold;
use tokio::sync::mpsc;
use tonic::transport::Channel;

use super::args::CaptureArgs;
use super::command::ControlError;
use crate::relay::control::generated::capture_request::Command;
use crate::relay::control::generated::relay_client::RelayClient;
use crate::relay::control::generated::{CaptureRequest, CaptureStart, CaptureStop};
use crate::signals::Signals;

/// Until a bound is reached, a signal comes or the relay ends; whatever has come is written.
pub(super) async fn capture(
    client: &mut RelayClient<Channel>,
    args: &CaptureArgs,
) -> Result<(), ControlError> {
    let mut signals = Signals::listen()?;
    let (ask, asked) = mpsc::channel(2);
    // There is room for both messages there are.
    let _ = ask.try_send(message(Command::Start(start(args))));
    let requests = unfold(asked, |mut asked| async { asked.recv().await.map(|message| (message, asked)) });
    let mut stream = client.capture(requests).await?.into_inner();
    let mut out = open(&args.file)?;
    let (mut packets, mut dropped, mut told) = (0, 0, false);
    let ended = loop {
        tokio::select! {
            next = stream.message() => match next {
                Ok(Some(next)) => {
                    (packets, dropped) = (next.packets, next.dropped);
                    out.write_all(&next.pcapng)?;
                    out.flush()?;
                }
                Ok(None) => break Ok(()),
                Err(status) => break Err(status.into()),
            },
            // The relay then sends what it has, and the counts.
            _code = signals.next(), if !told => {
                told = true;
                let _ = ask.try_send(message(Command::Stop(CaptureStop {})));
            }
        }
    };
    let lacking = if dropped == 0 { String::new() } else { format!(", {dropped} more were dropped") };
    eprintln!("{packets} packets{lacking}");
    ended
}

fn start(args: &CaptureArgs) -> CaptureStart {
    CaptureStart {
        legs: args.legs.clone(),
        max_packets: args.packets.unwrap_or(0),
        max_ms: args.duration.map_or(0, |time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX)),
        headers_only: args.headers_only,
    }
}

const fn message(command: Command) -> CaptureRequest {
    CaptureRequest { command: Some(command) }
}

fn open(path: &Path) -> io::Result<Box<dyn Write>> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdout()));
    }
    Ok(Box::new(File::create(path)?))
}
