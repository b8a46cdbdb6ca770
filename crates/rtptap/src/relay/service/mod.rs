//! A relay as a nested stack (`interceptor-stack`): what is started stands in the outer one, each change of the running relay in the inner one.
//!
//! | outer, from the first to the last | on the way in | on the way out, however it ended |
//! |---|---|---|
//! | `capture` | tries the place for files | tells whether the files are whole |
//! | `targets` | takes their ports, listens to what they ask for | says goodbye, sends what is queued, completes captures |
//! | `source` | takes its ports, starts to forward | says goodbye, forwards what it had |
//! | `ready` | hands out what is asked for while it runs | |
//! | `changes` | works on one change after another until it is told to stop | |
//!
//! What fails on the way in undoes what was done before it: no port stays taken, no capture open.

mod capture;
mod changes;
mod source;
mod targets;

use std::path::PathBuf;
use std::sync::Arc;

use interceptor_stack::{AsyncExecute, Immediate, Interceptor, Step, Worker, interceptor, stack};
use interceptor_stats::StatsFactory;
use interceptor_tokio::SessionError;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use self::capture::Captures;
use self::changes::Changes;
use self::source::Source;
use self::targets::Targets;
use super::change::{self, Order};
use super::clock::SourceBook;
use super::dump::Dump;
use super::leg::{Common, Leg};
use super::running::Core;
use super::{RelayError, RelayOptions};

/// Changes that wait for their turn; whoever finds no room is told so.
const MAX_ORDERS: usize = 16;

/// What the outer stack gathers, and gives back.
pub(super) struct Service {
    options: RelayOptions,
    stats: StatsFactory,
    book: SourceBook,
    dump: Option<Dump>,
    targets: Vec<Arc<Leg>>,
    source: Option<Arc<Leg>>,
    router: Option<Task<SessionError>>,
    /// Its other half goes with the router, however that ends.
    routing: Option<watch::Receiver<()>>,
    /// Ends them when it is dropped.
    tasks: JoinSet<()>,
    /// Whoever waits for it to have started.
    ready: Option<oneshot::Sender<Started>>,
    /// The word to stop; also if its other half is dropped.
    stop: oneshot::Receiver<()>,
    orders: mpsc::Receiver<Order>,
    desk: mpsc::Sender<Order>,
    core: Option<Arc<Core>>,
    files: Vec<PathBuf>,
}

/// What a relay that has started is asked by.
pub(super) struct Started {
    pub(super) core: Arc<Core>,
    pub(super) routing: watch::Receiver<()>,
}

impl Service {
    pub(super) fn new(
        options: RelayOptions,
        ready: oneshot::Sender<Started>,
        stop: oneshot::Receiver<()>,
    ) -> Self {
        let (desk, orders) = mpsc::channel(MAX_ORDERS);
        Self {
            options,
            stats: StatsFactory::default(),
            book: SourceBook::default(),
            dump: None,
            targets: Vec::new(),
            source: None,
            router: None,
            routing: None,
            tasks: JoinSet::new(),
            ready: Some(ready),
            stop,
            orders,
            desk,
            core: None,
            files: Vec::new(),
        }
    }

    /// Until it is told to stop; gives the captures' files.
    pub(super) async fn run(mut self) -> Result<Vec<PathBuf>, RelayError> {
        let changes = Worker::new("changes", Changes, change::stack());
        let outer = stack![Captures, Targets, Source, Immediate(ready()), changes];
        outer.execute(&mut self).await?;
        Ok(self.files)
    }

    fn common(&self) -> Common<'_> {
        Common { options: &self.options, stats: &self.stats, book: &self.book, dump: self.dump.as_ref() }
    }
}

/// Everything is there: hands it out.
fn ready() -> impl Interceptor<Service, RelayError> + Send + Sync {
    interceptor("ready").enter(|service: &mut Service| {
        let source = service.source.clone().ok_or(RelayError::TaskEnded)?;
        let routing = service.routing.clone().ok_or(RelayError::TaskEnded)?;
        let capture = service.dump.as_ref().map(Dump::handle);
        let (targets, desk) = (Arc::from(&*service.targets), service.desk.clone());
        let core = Arc::new(Core::new(source, targets, service.stats.handle(), capture, desk));
        service.core = Some(Arc::clone(&core));
        // Who does not wait any more has dropped the word to stop as well.
        let _ = service.ready.take().map(|ready| ready.send(Started { core, routing }));
        Ok(Step::Next)
    })
}

/// A task that ends with its handle.
#[derive(Debug)]
pub(super) struct Task<T>(pub(super) JoinHandle<T>);

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
