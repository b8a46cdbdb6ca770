//! Streams and interceptors that come and go, and the end.

use std::sync::Arc;
use std::time::Instant;

use super::Chain;
use super::walk::call;
use crate::erased::{Erased, ErasedInterceptor};
use crate::routes::{Entry, Table};
use crate::{ChainError, Interceptor, Stage, StreamInfo};

/// Which table of streams is meant.
#[derive(Clone, Copy)]
enum Direction {
    Local,
    Remote,
}

impl Chain {
    /// Starts a local (outgoing) stream: each interceptor decides whether it takes part, from the wire up.
    ///
    /// # Errors
    /// An SSRC that is bound already, the limit of streams, an interceptor that refuses (the bind is rolled back), or
    /// a closed chain.
    pub fn bind_local(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.bind(Direction::Local, info, now)
    }

    /// Starts a remote (incoming) stream: each interceptor decides whether it takes part, from the wire up.
    ///
    /// # Errors
    /// As [`bind_local`](Self::bind_local).
    pub fn bind_remote(&mut self, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        self.bind(Direction::Remote, info, now)
    }

    /// Ends a local stream, named by its media SSRC. What interceptors send on that occasion (a BYE) still leaves.
    ///
    /// # Errors
    /// No such stream, or a closed chain.
    pub fn unbind_local(&mut self, ssrc: u32, now: Instant) -> Result<(), ChainError> {
        self.unbind(Direction::Local, ssrc, now)
    }

    /// Ends a remote stream, named by its media SSRC.
    ///
    /// # Errors
    /// No such stream, or a closed chain.
    pub fn unbind_remote(&mut self, ssrc: u32, now: Instant) -> Result<(), ChainError> {
        self.unbind(Direction::Remote, ssrc, now)
    }

    /// The local stream that this SSRC (media, RTX or FEC) belongs to.
    #[must_use]
    pub fn local_stream(&self, ssrc: u32) -> Option<&StreamInfo> {
        self.routes.local.info(ssrc).map(|info| &**info)
    }

    /// The remote stream that this SSRC (media, RTX or FEC) belongs to.
    #[must_use]
    pub fn remote_stream(&self, ssrc: u32) -> Option<&StreamInfo> {
        self.routes.remote.info(ssrc).map(|info| &**info)
    }

    /// Numbers of bound local and remote streams.
    #[must_use]
    pub fn stream_counts(&self) -> (usize, usize) {
        (self.routes.local.len(), self.routes.remote.len())
    }

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
        let id = self.add_erased(name, stage, Erased::boxed(interceptor))?;
        let joined = [Direction::Local, Direction::Remote].into_iter().try_for_each(|direction| {
            let keys = self.table(direction).keys();
            keys.into_iter().try_for_each(|key| self.join(direction, key, id, now))
        });
        if joined.is_err() {
            self.take_out(id, now);
        }
        self.run_emitted(now);
        joined
    }

    /// Takes an interceptor out of a running chain: its streams are unbound, it is closed, and what it sends on that
    /// occasion still leaves. Of several with the same name the one farthest from the wire goes.
    ///
    /// # Errors
    /// What its `close` returned; it is gone all the same. `Ok(false)`: there is none of that name.
    pub fn remove(&mut self, name: &str, now: Instant) -> Result<bool, ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let Some(id) = self.nodes.find(name) else { return Ok(false) };
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
        let ids: Vec<u16> = self.nodes.order().iter().rev().copied().collect();
        let errors: Vec<_> = ids.into_iter().filter_map(|id| self.close_node(id, now)).collect();
        self.closed = true;
        self.routes.local.clear();
        self.routes.remote.clear();
        self.shared.wakes.clear_all();
        if errors.is_empty() { Ok(()) } else { Err(ChainError::Close(errors)) }
    }

    /// Closes what a registry had built before a factory failed, in reverse order of building.
    pub(crate) fn abandon(&mut self) {
        let now = self.shared.config.now;
        for id in (0..self.shared.names.len() as u16).rev() {
            // Nobody is left to hear of it: the registry reports the factory that failed.
            let _ = self.close_node(id, now);
        }
        self.closed = true;
    }

    pub(crate) fn add_erased(
        &mut self,
        name: &'static str,
        stage: Stage,
        interceptor: Box<dyn ErasedInterceptor>,
    ) -> Result<u16, ChainError> {
        let id = self.nodes.insert(name, stage, interceptor)?;
        let slots = usize::from(id) + 1;
        if self.shared.names.len() < slots {
            self.shared.wakes.reserve(slots);
            self.shared.names.resize(slots, "");
            self.shared.errors.resize(slots, 0);
        }
        self.enter_name(id, name);
        self.reposition();
        Ok(id)
    }

    fn bind(&mut self, direction: Direction, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let key = self.table_mut(direction).insert(Arc::new(info))?;
        let order = self.nodes.order().to_vec();
        let joined = order.into_iter().try_for_each(|id| self.join(direction, key, id, now));
        if joined.is_err() {
            self.end_stream(direction, key, now);
        }
        self.run_emitted(now);
        joined
    }

    fn unbind(&mut self, direction: Direction, ssrc: u32, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let key = self.table(direction).key(ssrc)?;
        self.end_stream(direction, key, now);
        Ok(())
    }

    /// Offers a stream to an interceptor and enters its state if it takes part.
    fn join(&mut self, direction: Direction, key: u32, id: u16, now: Instant) -> Result<(), ChainError> {
        let Some(info) = self.table(direction).stream(key).map(|stream| Arc::clone(&stream.info)) else {
            return Ok(());
        };
        let (nodes, mut cx) = self.parts(now);
        let bound = call(nodes, &mut cx, id, |interceptor, cx| match direction {
            Direction::Local => interceptor.bind_local(key, &info, cx),
            Direction::Remote => interceptor.bind_remote(key, &info, cx),
        });
        match bound {
            Some(Ok(Some(slot))) => {
                let entry = Entry { position: self.nodes.position(id), node: id, slot };
                self.table_mut(direction).join(key, entry);
                Ok(())
            }
            Some(Err(error)) => Err(ChainError::Refused { interceptor: cx.name(), error }),
            Some(Ok(None)) | None => Ok(()),
        }
    }

    /// Unbinds a stream's interceptors, from the application down, then forgets it.
    fn end_stream(&mut self, direction: Direction, key: u32, now: Instant) {
        let Some(stream) = self.table(direction).stream(key) else { return };
        let (info, entries) = (Arc::clone(&stream.info), stream.entries.clone());
        for entry in entries.iter().rev() {
            self.leave(direction, key, entry.node, &info, now);
        }
        self.table_mut(direction).remove(key);
    }

    /// Ends one interceptor's part in one stream. What it sends still passes the others' parts.
    fn leave(&mut self, direction: Direction, key: u32, id: u16, info: &StreamInfo, now: Instant) {
        let Some(entry) = self.table_mut(direction).leave(key, id) else { return };
        let (nodes, mut cx) = self.parts(now);
        call(nodes, &mut cx, id, |interceptor, cx| match direction {
            Direction::Local => interceptor.unbind_local(entry.slot, info, cx),
            Direction::Remote => interceptor.unbind_remote(entry.slot, info, cx),
        });
        self.run_emitted(now);
    }

    /// Ends an interceptor's part in all streams.
    fn part(&mut self, id: u16, now: Instant) {
        for direction in [Direction::Local, Direction::Remote] {
            for key in self.table(direction).keys() {
                let Some(info) = self.table(direction).stream(key).map(|stream| Arc::clone(&stream.info))
                else {
                    continue;
                };
                self.leave(direction, key, id, &info, now);
            }
        }
    }

    fn close_node(&mut self, id: u16, now: Instant) -> Option<(&'static str, crate::Error)> {
        let (nodes, mut cx) = self.parts(now);
        let result = call(nodes, &mut cx, id, |interceptor, cx| interceptor.close(cx));
        let name = cx.name();
        self.run_emitted(now);
        result.and_then(Result::err).map(|error| (name, error))
    }

    fn take_out(&mut self, id: u16, now: Instant) {
        self.part(id, now);
        self.shared.wakes.clear(id);
        self.nodes.remove(id);
        self.enter_name(id, "");
        self.reposition();
    }

    /// An interceptor of this name, or none, has this id from now on, and no error yet.
    fn enter_name(&mut self, id: u16, name: &'static str) {
        if let Some(slot) = self.shared.names.get_mut(usize::from(id)) {
            *slot = name;
        }
        if let Some(errors) = self.shared.errors.get_mut(usize::from(id)) {
            *errors = 0;
        }
    }

    fn reposition(&mut self) {
        let nodes = &self.nodes;
        self.routes.local.reposition(|id| nodes.position(id));
        self.routes.remote.reposition(|id| nodes.position(id));
        let everyone = nodes.order().iter().zip(0..);
        self.routes.everyone =
            everyone.map(|(node, position)| Entry { position, node: *node, slot: 0 }).collect();
    }

    const fn table(&self, direction: Direction) -> &Table {
        match direction {
            Direction::Local => &self.routes.local,
            Direction::Remote => &self.routes.remote,
        }
    }

    const fn table_mut(&mut self, direction: Direction) -> &mut Table {
        match direction {
            Direction::Local => &mut self.routes.local,
            Direction::Remote => &mut self.routes.remote,
        }
    }
}
