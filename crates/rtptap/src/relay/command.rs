//! `rtptap relay` as a command: runs until it is told to end, prints how it goes.

use std::convert::Infallible;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;
use tokio::time::MissedTickBehavior;

use super::args::Plan;
use super::http::HttpServer;
use super::table::relay_table;
use super::{Relay, RelayArgs, RelayError, RelayHandle, RelayStats};

/// What `--json` prints, one object a line.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
enum Line<'a> {
    Started {
        listen: SocketAddr,
        from: Vec<SocketAddr>,
        http: Option<SocketAddr>,
    },
    Stats(&'a RelayStats),
    Summary {
        files: Vec<String>,
        #[serde(flatten)]
        stats: &'a RelayStats,
    },
}

/// Relays until interrupted (SIGINT, SIGTERM), then says goodbye and prints the totals.
///
/// # Errors
/// An option or file that does not fit, a port that is taken, a leg or capture that broke off.
pub async fn run(args: &RelayArgs) -> Result<(), RelayError> {
    // Before anything is announced: who reads that it has started may interrupt it.
    let interrupted = interrupted()?;
    let Plan { options, stats_every, http } = args.plan()?;
    let relay = Relay::start(options).await?;
    let server = match http {
        Some(address) => Some(HttpServer::bind(address, relay.handle()).await?),
        None => None,
    };
    let http = server.as_ref().map(HttpServer::local_addr).transpose()?;
    announce(&relay, http, args.json)?;
    let printing = print_every(stats_every, relay.handle(), args.json);
    tokio::select! {
        () = interrupted => {}
        broken = relay.broken() => match broken? {},
        printed = printing => match printed? {},
        never = serve(server) => match never {},
    }
    let (stats, files) = relay.stop().await?;
    let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    if args.json {
        return print_line(&Line::Summary { files, stats: &stats });
    }
    let mut out = io::stdout().lock();
    write!(out, "{}", relay_table(&stats))?;
    files.iter().try_for_each(|file| writeln!(out, "{file}"))?;
    Ok(())
}

fn announce(relay: &Relay, http: Option<SocketAddr>, json: bool) -> Result<(), RelayError> {
    if json {
        let from = relay.from_addrs().collect();
        return print_line(&Line::Started { listen: relay.listen_addr(), from, http });
    }
    let mut err = io::stderr().lock();
    writeln!(err, "{}", relay.describe())?;
    if let Some(http) = http {
        writeln!(err, "http://{http}/stats and http://{http}/metrics")?;
    }
    Ok(())
}

async fn print_every(
    every: Option<Duration>,
    relay: RelayHandle,
    json: bool,
) -> Result<Infallible, RelayError> {
    let Some(every) = every else { return std::future::pending().await };
    let mut clock = tokio::time::interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    clock.tick().await;
    loop {
        clock.tick().await;
        let stats = relay.stats();
        if json {
            print_line(&Line::Stats(&stats))?;
        } else {
            writeln!(io::stdout().lock(), "{:.0} s\n{}", stats.uptime, relay_table(&stats))?;
        }
    }
}

async fn serve(server: Option<HttpServer>) -> Infallible {
    match server {
        Some(server) => server.run().await,
        None => std::future::pending().await,
    }
}

fn print_line(line: &Line<'_>) -> Result<(), RelayError> {
    let text = serde_json::to_string(line).map_err(io::Error::from)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(())
}

/// Ctrl-C, or what service managers send. Heard from the call on.
#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C.
#[cfg(not(unix))]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
