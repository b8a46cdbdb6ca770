//! Interceptors that come and go, and the end.

use std::time::Instant;

use super::Chain;
use super::binding::Direction;
use super::interceptors::dispose;
use super::walk::{call, message};
use crate::erased::{Erased, ErasedInterceptor};
use crate::place::NodeId;
use crate::routes::Entry;
use crate::{BuildContext, ChainError, Factory, Interceptor, Stage};

impl Chain {
    /// Adds an interceptor to a running chain and binds it to every stream there is.
    ///
    /// # Errors
    /// The interceptor refuses a stream (it is taken out again), or a closed chain.
    pub fn insert<I: Interceptor>(
        &mut self,
        name: &'static str,
        stage: Stage,
        interceptor: I,
        now: Instant,
    ) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        self.insert_erased(name, stage, Erased::boxed(interceptor), now)
    }

    /// [`insert`](Self::insert) of what a factory makes for this connection, at the factory's stage.
    ///
    /// # Errors
    /// The factory fails, the interceptor refuses a stream, or a closed chain.
    pub fn insert_with<F: Factory>(&mut self, factory: &F, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let interceptor = factory.name();
        let built = factory.build(&BuildContext::new(&self.shared.config, now, self.built));
        let built = built.map_err(|source| ChainError::Build { interceptor, source })?;
        self.insert_erased(interceptor, factory.stage(), Erased::boxed(built), now)
    }

    fn insert_erased(
        &mut self,
        name: &'static str,
        stage: Stage,
        interceptor: Box<dyn ErasedInterceptor>,
        now: Instant,
    ) -> Result<(), ChainError> {
        let id = self.add_erased(name, stage, interceptor)?;
        let joined = [Direction::Local, Direction::Remote].into_iter().try_for_each(|direction| {
            let keys = self.table(direction).keys();
            keys.into_iter().try_for_each(|key| self.join(direction, key, id, now))
        });
        // Also what a refused interceptor has sent leaves from its place.
        self.settle(now);
        if joined.is_err() {
            self.take_out(id, now);
        }
        joined
    }

    /// Takes an interceptor out of a running chain: its streams are unbound, it is closed, and what it sends on that
    /// occasion still leaves. Of several with the same name the one farthest from the wire goes.
    ///
    /// # Errors
    /// What its `close` returned; it is gone all the same. `Ok(false)`: there is none of that name.
    pub fn remove(&mut self, name: &str, now: Instant) -> Result<bool, ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let Some(id) = self.shared.roster.find(name) else { return Ok(false) };
        self.part(id, now);
        let closed = self.close_node(id, now);
        self.take_out(id, now);
        closed.map_or(Ok(true), |error| Err(ChainError::Close(vec![error])))
    }

    /// Closes every interceptor, from the application down to the wire, so that what each sends (a BYE, the last
    /// report) still passes those below it. Poll the wire afterwards. Closing twice is harmless.
    ///
    /// # Errors
    /// All errors together; everything is closed all the same.
    pub fn close(&mut self, now: Instant) -> Result<(), ChainError> {
        if self.closed {
            return Ok(());
        }
        let now = self.shared.advance(now);
        self.settle(now);
        let ids: Vec<NodeId> = self.shared.roster.order().iter().rev().copied().collect();
        let errors: Vec<_> = ids.into_iter().filter_map(|id| self.close_node(id, now)).collect();
        (self.closed, self.shared.hot.held_up) = (true, true);
        self.routes.local.clear();
        self.routes.remote.clear();
        self.shared.hot.wakes.clear_all();
        if errors.is_empty() { Ok(()) } else { Err(ChainError::Close(errors)) }
    }

    /// Closes what a registry had built before a factory failed, in reverse order of building.
    pub(crate) fn abandon(&mut self) {
        let now = self.shared.config.now;
        for id in (0..self.shared.roster.ids()).rev().filter_map(NodeId::new) {
            // The registry reports the factory that failed.
            if let Some((interceptor, error)) = self.close_node(id, now) {
                tracing::debug!(interceptor, %error, "closing failed");
            }
        }
        (self.closed, self.shared.hot.held_up) = (true, true);
    }

    pub(crate) fn add_erased(
        &mut self,
        name: &'static str,
        stage: Stage,
        interceptor: Box<dyn ErasedInterceptor>,
    ) -> Result<NodeId, ChainError> {
        let id = self.shared.roster.enter(name, stage)?;
        self.built += 1;
        self.shared.hot.wakes.reserve(self.shared.roster.ids());
        self.interceptors.put(id, interceptor);
        self.reposition();
        Ok(id)
    }

    fn close_node(&mut self, id: NodeId, now: Instant) -> Option<(&'static str, crate::Error)> {
        let (interceptors, mut cx) = self.parts(now);
        let result = call(interceptors, &mut cx, id, |interceptor, cx| interceptor.close(cx));
        let name = cx.name();
        self.settle(now);
        result.and_then(Result::err).map(|error| (name, error))
    }

    fn take_out(&mut self, id: NodeId, now: Instant) {
        self.part(id, now);
        self.shared.hot.wakes.clear(id);
        if let Some(gone) = self.interceptors.take(id) {
            self.dispose(id, gone);
        }
        self.shared.roster.leave(id);
        self.reposition();
    }

    /// Drops an interceptor whose destructor may panic: that is counted and ends no call.
    fn dispose(&mut self, id: NodeId, gone: Box<dyn ErasedInterceptor>) {
        if !self.shared.hot.isolate_panics {
            return drop(gone);
        }
        if let Err(panic) = dispose(gone) {
            self.shared.counters.panics += 1;
            let (interceptor, message) = (self.shared.roster.name(id), message(&*panic));
            tracing::error!(interceptor, message, "interceptor panicked when it was dropped");
        }
    }

    fn reposition(&mut self) {
        let roster = &self.shared.roster;
        self.routes.local.reposition(|id| roster.place(id));
        self.routes.remote.reposition(|id| roster.place(id));
        let everyone = roster.order().iter().map(|id| Entry { place: roster.place(*id), node: *id, slot: 0 });
        self.routes.everyone = everyone.collect();
    }
}
