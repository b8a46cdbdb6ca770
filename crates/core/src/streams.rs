//! All states of one interceptor, lent to hooks that concern no single stream.

use crate::place::NodeId;
use crate::routes::Routes;
use crate::states::States;
use crate::{Interceptor, StreamInfo};

/// One of an interceptor's streams of one direction, from its bind to its end: a small number that another stream may get
/// afterwards. Made by [`Context::stream_key`](crate::Context::stream_key).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamKey(pub(crate) u32);

/// The states that an interceptor keeps for its streams, found by SSRC or walked in a steady order.
pub struct Streams<'a, I: Interceptor> {
    pub(crate) locals: &'a mut States<I::Local>,
    pub(crate) remotes: &'a mut States<I::Remote>,
    pub(crate) routes: &'a Routes,
    pub(crate) node: NodeId,
}

impl<I: Interceptor> Streams<'_, I> {
    /// The state of the local stream that this SSRC (media, RTX or FEC) belongs to.
    pub fn local(&mut self, ssrc: u32) -> Option<&mut I::Local> {
        let slot = self.routes.local.slot_of(ssrc, self.node)?;
        self.locals.get_mut(slot)
    }

    /// The state of the remote stream that this SSRC (media, RTX or FEC) belongs to.
    pub fn remote(&mut self, ssrc: u32) -> Option<&mut I::Remote> {
        let slot = self.routes.remote.slot_of(ssrc, self.node)?;
        self.remotes.get_mut(slot)
    }

    /// The state of the local stream that was bound under this key.
    pub fn local_by_key(&mut self, key: StreamKey) -> Option<&mut I::Local> {
        self.locals.get_mut(key.0)
    }

    /// The state of the remote stream that was bound under this key.
    pub fn remote_by_key(&mut self, key: StreamKey) -> Option<&mut I::Remote> {
        self.remotes.get_mut(key.0)
    }

    /// Every local stream that this interceptor takes part in.
    pub fn locals(&mut self) -> impl Iterator<Item = (&StreamInfo, &mut I::Local)> {
        let table = &self.routes.local;
        self.locals
            .iter_mut()
            .filter_map(|(key, state)| table.stream(key).map(|stream| (&*stream.info, state)))
    }

    /// Every remote stream that this interceptor takes part in.
    pub fn remotes(&mut self) -> impl Iterator<Item = (&StreamInfo, &mut I::Remote)> {
        let table = &self.routes.remote;
        self.remotes
            .iter_mut()
            .filter_map(|(key, state)| table.stream(key).map(|stream| (&*stream.info, state)))
    }

    /// [`local`](Self::local), to read.
    #[must_use]
    pub fn peek_local(&self, ssrc: u32) -> Option<&I::Local> {
        let slot = self.routes.local.slot_of(ssrc, self.node)?;
        self.locals.get(slot)
    }

    /// [`remote`](Self::remote), to read.
    #[must_use]
    pub fn peek_remote(&self, ssrc: u32) -> Option<&I::Remote> {
        let slot = self.routes.remote.slot_of(ssrc, self.node)?;
        self.remotes.get(slot)
    }

    /// [`locals`](Self::locals), to read.
    pub fn iter_locals(&self) -> impl Iterator<Item = (&StreamInfo, &I::Local)> {
        let table = &self.routes.local;
        self.locals.iter().filter_map(|(key, state)| table.stream(key).map(|stream| (&*stream.info, state)))
    }

    /// [`remotes`](Self::remotes), to read.
    pub fn iter_remotes(&self) -> impl Iterator<Item = (&StreamInfo, &I::Remote)> {
        let table = &self.routes.remote;
        self.remotes.iter().filter_map(|(key, state)| table.stream(key).map(|stream| (&*stream.info, state)))
    }

    /// The number of local streams that this interceptor takes part in.
    #[must_use]
    pub fn local_count(&self) -> usize {
        self.locals.len()
    }

    /// The number of remote streams that this interceptor takes part in.
    #[must_use]
    pub fn remote_count(&self) -> usize {
        self.remotes.len()
    }
}

impl<I: Interceptor> std::fmt::Debug for Streams<'_, I> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams")
            .field("local", &self.locals.len())
            .field("remote", &self.remotes.len())
            .finish_non_exhaustive()
    }
}
