//! What is started around a relay and given back when it ends: a stack of `interceptor-stack`, from the relay itself to the wait for its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use interceptor_stack::{AsyncExecute, AsyncInterceptor, Phase, Step, stack};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::Console;
use super::control::{Control, Serving};
use crate::relay::args::Plan;
use crate::relay::health;
use crate::relay::http::{HttpServer, Metrics};
use crate::relay::lines::{Served, announcement};
use crate::relay::service::Task;
use crate::relay::{Relay, RelayArgs, RelayError, RelayHandle};
use crate::signals::Signals;

/// What is started first is stopped last: a relay, who tells of it, who waits for the word to end. A failure on the way in undoes what was
/// done before it, as a signal does.
pub(super) async fn run(args: &RelayArgs, console: &Console, media: Handle) -> Result<(), RelayError> {
    // Before anything is announced: who reads that it has started may interrupt it.
    let signals = Signals::listen()?;
    let mut run = Run {
        plan: args.plan()?,
        console: console.clone(),
        media,
        signals,
        relay: None,
        control: None,
        metrics: Vec::new(),
        http: None,
        company: JoinSet::new(),
    };
    stack![Relaying, Control, Http, Company, UntilTold].execute(&mut run).await
}

/// What is gathered, and given back.
pub(super) struct Run {
    pub(super) plan: Plan,
    console: Console,
    /// Where media is forwarded.
    media: Handle,
    signals: Signals,
    relay: Option<Relay>,
    pub(super) control: Option<Serving>,
    /// What is in `/metrics` besides.
    pub(super) metrics: Vec<Metrics>,
    /// Where it listens.
    http: Option<(SocketAddr, Task<Infallible>)>,
    /// Should one of them panic, the media goes on.
    company: JoinSet<()>,
}

impl Run {
    pub(super) fn relay(&self) -> Result<&Relay, RelayError> {
        self.relay.as_ref().ok_or(RelayError::TaskEnded)
    }

    fn served(&self) -> Served {
        Served {
            http: self.http.as_ref().map(|(address, _)| *address),
            control: self.control.as_ref().map(Serving::local_addr),
        }
    }
}

/// The relay itself, and its summary.
struct Relaying;

impl AsyncInterceptor<Run, RelayError> for Relaying {
    fn name(&self) -> &str {
        "relay"
    }

    async fn enter(&self, run: &mut Run) -> Result<Step, RelayError> {
        let starting = run.media.spawn(Relay::start(run.plan.options.clone()));
        run.relay = Some(starting.await.map_err(|_| RelayError::TaskEnded)??);
        Ok(Step::Next)
    }

    async fn leave(&self, run: &mut Run) -> Result<(), RelayError> {
        stop(run).await
    }

    /// However it ended: all sides hear a goodbye, captures are completed. The first error is the one that is told.
    async fn error(&self, run: &mut Run, error: RelayError) -> Result<(), RelayError> {
        let _second = stop(run).await;
        Err(error)
    }
}

async fn stop(run: &mut Run) -> Result<(), RelayError> {
    let Some(relay) = run.relay.take() else { return Ok(()) };
    let handle = relay.handle();
    let stopped = tokio::select! {
        stopped = relay.stop() => stopped.map(drop),
        _code = run.signals.next() => Err(RelayError::Hurried),
    };
    run.console.out.print_last(run.console.lines.summary(&handle.stats())?);
    stopped
}

/// `/stats`, `/metrics` and `/healthz`, if they are asked for.
struct Http;

impl AsyncInterceptor<Run, RelayError> for Http {
    fn name(&self) -> &str {
        "http"
    }

    async fn enter(&self, run: &mut Run) -> Result<Step, RelayError> {
        let Some(address) = run.plan.http else { return Ok(Step::Next) };
        let server = HttpServer::bind(address, run.relay()?.handle()).await?;
        let server = server.with_metrics(run.metrics.drain(..));
        run.http = Some((server.local_addr()?, Task(tokio::spawn(server.run()))));
        Ok(Step::Next)
    }

    async fn leave(&self, run: &mut Run) -> Result<(), RelayError> {
        run.http = None;
        Ok(())
    }

    async fn error(&self, run: &mut Run, error: RelayError) -> Result<(), RelayError> {
        run.http = None;
        Err(error)
    }
}

/// Everything is there: says so, and has an eye on it from now on.
struct Company;

impl AsyncInterceptor<Run, RelayError> for Company {
    fn name(&self) -> &str {
        "company"
    }

    async fn enter(&self, run: &mut Run) -> Result<Step, RelayError> {
        let (handle, console) = (run.relay()?.handle(), run.console.clone());
        announce(run.relay()?, run.served(), &console)?;
        run.company.spawn(health::watch(handle.clone(), console.log.clone()));
        if let Some(every) = run.plan.stats_every {
            run.company.spawn(print_every(every, handle, console));
        }
        Ok(Step::Next)
    }

    async fn leave(&self, run: &mut Run) -> Result<(), RelayError> {
        run.company.shutdown().await;
        Ok(())
    }

    async fn error(&self, run: &mut Run, error: RelayError) -> Result<(), RelayError> {
        run.company.shutdown().await;
        Err(error)
    }
}

/// Innermost: until it is told to end, or breaks.
struct UntilTold;

impl AsyncInterceptor<Run, RelayError> for UntilTold {
    fn name(&self) -> &str {
        "until-told"
    }

    fn defines(&self, phase: Phase) -> bool {
        phase == Phase::Enter
    }

    async fn enter(&self, run: &mut Run) -> Result<Step, RelayError> {
        let relay = run.relay.as_ref().ok_or(RelayError::TaskEnded)?;
        tokio::select! {
            _code = run.signals.next() => Ok(Step::Next),
            broken = relay.broken() => match broken {
                Ok(never) => match never {},
                Err(error) => {
                    tracing::error!(%error, "the relay ends");
                    Err(error)
                }
            },
        }
    }
}

fn announce(relay: &Relay, served: Served, console: &Console) -> Result<(), RelayError> {
    match console.lines.started(relay, served)? {
        Some(line) => console.out.print_last(line),
        None => console.err.print_last(announcement(relay, served)),
    }
    Ok(())
}

async fn print_every(every: Duration, relay: RelayHandle, console: Console) {
    let mut clock = tokio::time::interval(every);
    clock.set_missed_tick_behavior(MissedTickBehavior::Skip);
    clock.tick().await;
    loop {
        clock.tick().await;
        match console.lines.stats(&relay.stats()) {
            Ok(text) => console.out.print(text),
            Err(error) => tracing::warn!(%error, "figures cannot be printed"),
        }
    }
}
