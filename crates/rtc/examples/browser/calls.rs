//! The calls that run: some at a time, one a tab.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::sync::oneshot;

use crate::call::{Call, Order};
use crate::figures::Figures;
use crate::link::Badness;

/// Calls by the name that their page was told.
#[derive(Debug)]
pub(crate) struct Calls {
    running: Mutex<HashMap<String, Arc<Call>>>,
    max: usize,
}

/// What came of an offer.
#[derive(Debug)]
pub(crate) enum Answered {
    Call { id: String, answer: String },
    TooMany,
}

impl Calls {
    pub(crate) fn new(max: usize) -> Self {
        Self { running: Mutex::default(), max }
    }

    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    /// How many there are.
    #[cfg(test)]
    pub(crate) fn running(&self) -> usize {
        self.lock().len()
    }

    pub(crate) async fn answer(&self, offer: &str, badness: Badness, repair: bool) -> Result<Answered> {
        if self.lock().len() >= self.max {
            return Ok(Answered::TooMany);
        }
        let id = format!("{:016x}", getrandom::u64()?);
        let (call, answer) = Call::start(&id, offer, badness, repair).await?;
        self.lock().insert(id.clone(), Arc::new(call));
        Ok(Answered::Call { id, answer })
    }

    /// `false`: there is no such call, or it has ended.
    pub(crate) async fn order(&self, id: &str, order: Order) -> bool {
        let Some(call) = self.lock().get(id).cloned() else { return false };
        call.order(order).await
    }

    pub(crate) async fn figures(&self, id: &str) -> Option<Figures> {
        let (reply, figures) = oneshot::channel();
        self.order(id, Order::Figures(reply)).await;
        figures.await.ok()
    }

    pub(crate) fn end(&self, id: &str) {
        self.lock().remove(id);
    }

    /// Without those that have ended by themselves.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Call>>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|_, call| !call.has_ended());
        running
    }
}
