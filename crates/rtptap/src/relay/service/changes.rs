//! The last of the outer stack: takes one change after another off the queue, until the relay is told to stop.

use std::sync::Arc;

use interceptor_stack::Queue;

use super::Service;
use crate::relay::RelayError;
use crate::relay::change::{ChangeError, Job};

/// The queue of a relay: the word to stop goes before everything else.
pub(super) struct Changes;

impl Queue<Service, RelayError> for Changes {
    type Message = Job;
    type Failure = ChangeError;

    async fn next(&self, service: &mut Service) -> Option<Job> {
        let core = service.core.as_ref()?;
        let order = tokio::select! {
            biased;
            _told_or_dropped = &mut service.stop => None,
            order = service.orders.recv() => order,
        };
        order.map(|order| Job::new(order, Arc::clone(core)))
    }

    async fn done(
        &self,
        _: &mut Service,
        job: Job,
        outcome: Result<(), ChangeError>,
    ) -> Result<(), RelayError> {
        job.answer(outcome);
        Ok(())
    }
}
