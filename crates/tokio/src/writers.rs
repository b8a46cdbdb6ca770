//! Writers: they take what there is room for at once, or wait for room, first come, first served.

use std::pin::pin;

use tokio::sync::SemaphorePermit;

use crate::enter::Entered;
use crate::error::SessionError;
use crate::outbox::Waiting;
use crate::shared::Shared;

/// Somebody who writes, until they have written everything.
pub(crate) struct Writer<'a> {
    shared: &'a Shared,
    /// Set once there has been no room.
    place: Option<Place<'a>>,
}

/// A place in the queue, at its head.
struct Place<'a> {
    _waiting: Waiting<'a>,
    _turn: SemaphorePermit<'a>,
}

impl Shared {
    #[inline]
    pub(crate) const fn writer(&self) -> Writer<'_> {
        Writer { shared: self, place: None }
    }

    /// The state, with room for a packet, if nobody waits for that; `None`: there is none for whoever comes now.
    ///
    /// # Errors
    /// The session has ended.
    #[inline]
    pub(crate) fn try_room(&self) -> Result<Option<Entered<'_>>, SessionError> {
        if let Some(error) = self.ended() {
            return Err(error.clone());
        }
        // Who comes later does not overtake those who wait.
        Ok(if self.exits.outbox.has_waiting() { None } else { self.room() })
    }

    /// The state, with room for a packet; `None`: there is none.
    #[inline]
    fn room(&self) -> Option<Entered<'_>> {
        let entered = self.enter();
        // Every writer needs the lock that `entered` holds: the outbox cannot fill up in between.
        if self.exits.outbox.is_full() { None } else { Some(entered) }
    }
}

impl<'a> Writer<'a> {
    /// Waits for room for a packet. It is there as long as the state that this returns is not given back.
    ///
    /// Cancel-safe: a writer has its place in the queue until it is dropped.
    ///
    /// # Errors
    /// The session has ended.
    #[inline]
    pub(crate) async fn room(&mut self) -> Result<Entered<'a>, SessionError> {
        // A writer that never waits must let the session's task run all the same.
        tokio::task::coop::consume_budget().await;
        if self.place.is_none()
            && let Some(entered) = self.shared.try_room()?
        {
            return Ok(entered);
        }
        self.wait_for_room().await
    }

    async fn wait_for_room(&mut self) -> Result<Entered<'a>, SessionError> {
        let shared = self.shared;
        if self.place.is_none() {
            let waiting = shared.exits.outbox.wait();
            let Ok(turn) = shared.writers.turn.acquire().await else { return Err(shared.end_error()) };
            self.place = Some(Place { _waiting: waiting, _turn: turn });
        }
        loop {
            let mut room = pin!(shared.writers.room.notified());
            room.as_mut().enable();
            if let Some(error) = shared.ended() {
                return Err(error.clone());
            }
            if let Some(entered) = shared.room() {
                return Ok(entered);
            }
            room.await;
        }
    }
}
