//! An observer that keeps accounts, and lets tests wait for them.

use std::sync::Arc;
use std::time::Duration;

use interceptor_grpc::{CallHandle, CallInfo, Code, Observer, StreamStats};
use tokio::sync::watch;
use tokio::time::timeout;

/// What has been heard so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Accounts {
    pub(crate) started: usize,
    pub(crate) handled: Vec<(Code, StreamStats)>,
    /// How many of those that started have given back what was kept for them.
    pub(crate) released: usize,
}

impl Accounts {
    pub(crate) fn codes(&self) -> Vec<Code> {
        self.handled.iter().map(|(code, _)| *code).collect()
    }

    pub(crate) fn counted(&self, code: Code) -> usize {
        self.handled.iter().filter(|(handled, _)| *handled == code).count()
    }

    /// All that started has been handled and released.
    pub(crate) fn is_even(&self) -> bool {
        self.started == self.handled.len() && self.started == self.released
    }
}

/// Keeps accounts of calls.
#[derive(Clone, Debug)]
pub(crate) struct Ledger(Arc<watch::Sender<Accounts>>);

/// Kept for a call.
#[derive(Debug)]
pub(crate) struct Kept(Ledger);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.0.send_modify(|accounts| accounts.released += 1);
    }
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Accounts::default())))
    }

    /// Begins anew.
    pub(crate) fn clear(&self) {
        self.0.send_replace(Accounts::default());
    }

    pub(crate) fn now(&self) -> Accounts {
        self.0.borrow().clone()
    }

    /// Waits until it is so.
    pub(crate) async fn until(&self, so: impl FnMut(&Accounts) -> bool) -> Accounts {
        let mut reads = self.0.subscribe();
        let found = timeout(Duration::from_secs(60), reads.wait_for(so)).await;
        match found {
            Ok(accounts) => accounts.unwrap().clone(),
            Err(_) => panic!("not so: {:?}", self.now()),
        }
    }

    /// Waits for so many calls to be over.
    pub(crate) async fn over(&self, calls: usize) -> Accounts {
        self.until(|accounts| accounts.handled.len() == calls && accounts.released == calls).await
    }
}

impl Observer for Ledger {
    type PerCall = Kept;

    fn started(&self, _: &CallInfo, _: &CallHandle) -> Kept {
        self.0.send_modify(|accounts| accounts.started += 1);
        Kept(self.clone())
    }

    fn handled(&self, _: &Kept, _: &CallInfo, stats: &StreamStats, code: Code) {
        self.0.send_modify(|accounts| accounts.handled.push((code, *stats)));
    }
}
