//! The last of the outer stack: takes one change after another off the queue, until the relay is told to stop.

use std::sync::Arc;

use interceptor_stack::Queue;
use tokio::sync::mpsc;

use super::Service;
use crate::relay::RelayError;
use crate::relay::change::{ChangeError, Job, Order};

/// The queue of a relay: the word to stop goes before everything else.
pub(super) struct Changes;

impl Queue<Service, RelayError> for Changes {
    type Message = Job;
    type Failure = ChangeError;

    async fn next(&self, service: &mut Service) -> Option<Job> {
        let order = tokio::select! {
            biased;
            _told_or_dropped = &mut service.stop => {
                refuse(&mut service.orders);
                None
            }
            order = service.orders.recv() => order,
        };
        Some(Job::new(order?, Arc::clone(service.core.as_ref()?)))
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

/// Who waits, and who comes now, is told at once: what is further out may take its time to stop.
fn refuse(orders: &mut mpsc::Receiver<Order>) {
    orders.close();
    while orders.try_recv().is_ok() {}
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot::{self, error::TryRecvError};

    use super::*;
    use crate::relay::{Change, RelayOptions, SourceOptions, TargetOptions};

    #[tokio::test]
    async fn who_waits_when_the_relay_is_told_to_stop_is_told_so_before_anything_is_stopped() {
        let address = "127.0.0.1:9".parse().unwrap();
        let options = RelayOptions::new(SourceOptions::new(address), vec![TargetOptions::new(address)]);
        let ((ready, _started), (stop, stopped)) = (oneshot::channel(), oneshot::channel());
        let mut service = Service::new(options, ready, stopped);
        let (order, mut answer) = Order::new(Change::new("target-1"), "a test");
        service.desk.try_send(order).unwrap();
        stop.send(()).unwrap();
        assert!(Changes.next(&mut service).await.is_none());
        assert_eq!(answer.try_recv(), Err(TryRecvError::Closed));
        assert!(service.desk.is_closed(), "nobody else begins to wait");
    }
}
