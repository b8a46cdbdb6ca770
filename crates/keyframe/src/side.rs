//! What an interceptor shares with handles: what it counts. Packets write plain numbers; locks are taken where streams come and go.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_core::StreamKey;

use crate::counters::{AnswerCells, AskCells, OtherCells};
use crate::{AnswerCounters, AskCounters, KeyframeCounters};

/// One connection's.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) id: Arc<str>,
    pub(crate) other: OtherCells,
    streams: Mutex<Bound>,
}

#[derive(Debug, Default)]
struct Bound {
    remotes: BTreeMap<StreamKey, (u32, Arc<AskCells>)>,
    locals: BTreeMap<StreamKey, (u32, Arc<AnswerCells>)>,
    /// What ended streams had counted.
    ended: KeyframeCounters,
}

/// Nothing is done under a lock that could leave things half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Side {
    pub(crate) fn new(id: Arc<str>) -> Self {
        Self { id, other: OtherCells::default(), streams: Mutex::default() }
    }

    pub(crate) fn open_remote(&self, key: StreamKey, ssrc: u32) -> Arc<AskCells> {
        let cells = Arc::default();
        lock(&self.streams).remotes.insert(key, (ssrc, Arc::clone(&cells)));
        cells
    }

    pub(crate) fn open_local(&self, key: StreamKey, ssrc: u32) -> Arc<AnswerCells> {
        let cells = Arc::default();
        lock(&self.streams).locals.insert(key, (ssrc, Arc::clone(&cells)));
        cells
    }

    pub(crate) fn end_remote(&self, key: StreamKey) {
        let mut streams = lock(&self.streams);
        if let Some((_, cells)) = streams.remotes.remove(&key) {
            streams.ended.asking += cells.snapshot();
        }
    }

    pub(crate) fn end_local(&self, key: StreamKey) {
        let mut streams = lock(&self.streams);
        if let Some((_, cells)) = streams.locals.remove(&key) {
            streams.ended.answering += cells.snapshot();
        }
    }

    /// Ended streams included.
    pub(crate) fn counters(&self) -> KeyframeCounters {
        let streams = lock(&self.streams);
        let mut all = streams.ended;
        streams.remotes.values().for_each(|(_, cells)| all.asking += cells.snapshot());
        streams.locals.values().for_each(|(_, cells)| all.answering += cells.snapshot());
        all.other += self.other.snapshot();
        all
    }

    /// Of the bound remote stream of this media SSRC.
    pub(crate) fn remote(&self, ssrc: u32) -> Option<AskCounters> {
        let streams = lock(&self.streams);
        let found = streams.remotes.values().find(|(known, _)| *known == ssrc);
        found.map(|(_, cells)| cells.snapshot())
    }

    /// Of the bound local stream of this media SSRC.
    pub(crate) fn local(&self, ssrc: u32) -> Option<AnswerCounters> {
        let streams = lock(&self.streams);
        let found = streams.locals.values().find(|(known, _)| *known == ssrc);
        found.map(|(_, cells)| cells.snapshot())
    }
}
