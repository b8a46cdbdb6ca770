//! Streams that come and go.

use std::sync::Arc;
use std::time::Instant;

use super::Chain;
use super::walk::call;
use crate::erased::ErasedInterceptor;
use crate::place::NodeId;
use crate::reserve::Declared;
use crate::routes::{Entry, Table};
use crate::{ChainError, Context, StreamInfo};

/// Which table of streams is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Local,
    Remote,
}

impl Chain {
    /// Starts a local (outgoing) stream: each interceptor decides whether it takes part, from the wire up.
    ///
    /// # Errors
    /// A description that cannot be ([`StreamInfo::check`]), an SSRC that is bound already, the limit of streams, an interceptor that refuses (the bind is rolled back), or
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

    /// The bytes of a packet of this local stream (SSRC of media, RTX or FEC) that a packetiser leaves free below
    /// [`ChainConfig::mtu`](crate::ChainConfig::mtu), besides its own header: for the header extensions that interceptors
    /// stamp, for what RTX, RED and FEC put in front, and for the transport. `None`: no such stream.
    #[must_use]
    pub fn headroom(&self, ssrc: u32) -> Option<usize> {
        let (stream, _) = self.routes.local.route(ssrc)?;
        Some(stream.reserves.bytes() + self.shared.config.transport_overhead)
    }

    /// In a nested chain: what its interceptors have declared for each local stream.
    pub(super) fn reserved(&self) -> Vec<(u32, Declared)> {
        let streams = self.routes.local.keys().into_iter().filter_map(|key| self.routes.local.stream(key));
        streams.map(|stream| (stream.info.ssrc, stream.reserves.all())).collect()
    }

    fn bind(&mut self, direction: Direction, info: StreamInfo, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        info.check()?;
        let key = self.table_mut(direction).insert(Arc::new(info))?;
        let order = self.shared.roster.order().to_vec();
        let joined = order.into_iter().try_for_each(|id| self.join(direction, key, id, now));
        if joined.is_err() {
            self.end_stream(direction, key, now);
        }
        self.settle(now);
        joined
    }

    fn unbind(&mut self, direction: Direction, ssrc: u32, now: Instant) -> Result<(), ChainError> {
        let now = self.enter(now).ok_or(ChainError::Closed)?;
        let key = self.table(direction).key(ssrc)?;
        self.end_stream(direction, key, now);
        Ok(())
    }

    /// Offers a stream to an interceptor and enters its state if it takes part.
    pub(super) fn join(
        &mut self,
        direction: Direction,
        key: u32,
        id: NodeId,
        now: Instant,
    ) -> Result<(), ChainError> {
        let Some(info) = self.table(direction).stream(key).map(|stream| Arc::clone(&stream.info)) else {
            return Ok(());
        };
        let (bound, declared) = self.ask(direction, id, now, |interceptor, cx| match direction {
            Direction::Local => interceptor.bind_local(key, &info, cx),
            Direction::Remote => interceptor.bind_remote(key, &info, cx),
        });
        match bound {
            Some(Ok(Some(slot))) => {
                let place = self.shared.roster.place(id);
                self.table_mut(direction).join(key, Entry { place, node: id, slot });
                self.reserve(direction, key, id, declared);
                Ok(())
            }
            Some(Err(error)) => Err(ChainError::Refused { interceptor: self.shared.roster.name(id), error }),
            Some(Ok(None)) | None => Ok(()),
        }
    }

    /// Asks an interceptor about a stream; gives also what it has declared that it will add to its packets. Only packets of
    /// local streams are anything to add to.
    pub(super) fn ask<R>(
        &mut self,
        direction: Direction,
        id: NodeId,
        now: Instant,
        hook: impl FnOnce(&mut dyn ErasedInterceptor, &mut Context<'_>) -> R,
    ) -> (Option<R>, Declared) {
        self.shared.declared = (direction == Direction::Local).then(Declared::new);
        let (interceptors, mut cx) = self.parts(now);
        let answer = call(interceptors, &mut cx, id, hook);
        (answer, self.shared.declared.take().unwrap_or_default())
    }

    pub(super) fn reserve(&mut self, direction: Direction, key: u32, id: NodeId, declared: Declared) {
        let place = self.shared.roster.place(id);
        if let Some(stream) = self.table_mut(direction).stream_mut(key) {
            stream.reserves.declare(id, place, declared);
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
        match direction {
            Direction::Local => self.shared.facts.forget_local(info.ssrc),
            Direction::Remote => self.shared.facts.forget_remote(info.ssrc),
        }
    }

    /// Ends one interceptor's part in one stream. What it sends still passes the others' parts.
    pub(super) fn leave(
        &mut self,
        direction: Direction,
        key: u32,
        id: NodeId,
        info: &StreamInfo,
        now: Instant,
    ) {
        let Some(entry) = self.table_mut(direction).leave(key, id) else { return };
        let (interceptors, mut cx) = self.parts(now);
        call(interceptors, &mut cx, id, |interceptor, cx| match direction {
            Direction::Local => interceptor.unbind_local(entry.slot, info, cx),
            Direction::Remote => interceptor.unbind_remote(entry.slot, info, cx),
        });
        self.settle(now);
    }

    /// Ends an interceptor's part in all streams.
    pub(super) fn part(&mut self, id: NodeId, now: Instant) {
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

    pub(super) const fn table(&self, direction: Direction) -> &Table {
        match direction {
            Direction::Local => &self.routes.local,
            Direction::Remote => &self.routes.remote,
        }
    }

    pub(super) const fn table_mut(&mut self, direction: Direction) -> &mut Table {
        match direction {
            Direction::Local => &mut self.routes.local,
            Direction::Remote => &mut self.routes.remote,
        }
    }
}
