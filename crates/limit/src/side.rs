//! What an interceptor shares with handles: counters that it writes, rates that they set. Packets read one number of it.

use std::collections::BTreeMap;
use std::sync::atomic::{
    AtomicU32, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_core::{OptionsError, StreamKey};

use crate::counters::Cells;
use crate::{Bounds, LimitCounters, LimitOptions, LimitTotals, Rates, Scope, StreamLimit, Way};

/// One interceptor's: one way of one connection.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) id: Arc<str>,
    pub(crate) way: Way,
    /// Changes with every new rate.
    generation: AtomicU32,
    bounds: Mutex<SideBounds>,
    streams: Mutex<BTreeMap<StreamKey, Arc<StreamSide>>>,
    /// What ended streams had counted.
    ended: Mutex<LimitCounters>,
    pub(crate) unbound: Cells,
    pub(crate) rtcp: Cells,
    refused: AtomicU64,
}

/// The bounds in force. Policies stay as they are; only rates change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SideBounds {
    pub(crate) stream: Option<Bounds>,
    pub(crate) connection: Option<Bounds>,
    pub(crate) rtcp: Option<Bounds>,
}

/// What one stream shares.
#[derive(Debug)]
pub(crate) struct StreamSide {
    ssrc: u32,
    generation: AtomicU32,
    /// Rates of its own, in place of those that all streams have.
    own: Mutex<Option<Rates>>,
    pub(crate) cells: Cells,
}

/// Nothing is done under a lock that could leave things half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Side {
    pub(crate) fn new(id: Arc<str>, way: Way, options: &LimitOptions) -> Self {
        let stream = match way {
            Way::Outgoing => options.local,
            Way::Incoming => options.remote,
        };
        let bounds = SideBounds { stream, connection: options.connection, rtcp: options.rtcp };
        Self {
            id,
            way,
            generation: AtomicU32::new(0),
            bounds: Mutex::new(bounds),
            streams: Mutex::default(),
            ended: Mutex::default(),
            unbound: Cells::default(),
            rtcp: Cells::default(),
            refused: AtomicU64::new(0),
        }
    }

    #[inline(always)]
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Acquire)
    }

    pub(crate) fn bounds(&self) -> SideBounds {
        *lock(&self.bounds)
    }

    /// The rates in force of one stream.
    pub(crate) fn rates_of(&self, stream: &StreamSide) -> Rates {
        let own = *lock(&stream.own);
        own.unwrap_or_else(|| self.bounds().stream.unwrap_or_default().rates())
    }

    pub(crate) fn open(&self, key: StreamKey, ssrc: u32) -> Arc<StreamSide> {
        let stream = Arc::new(StreamSide {
            ssrc,
            generation: AtomicU32::new(0),
            own: Mutex::default(),
            cells: Cells::default(),
        });
        lock(&self.streams).insert(key, Arc::clone(&stream));
        stream
    }

    pub(crate) fn end(&self, key: StreamKey) {
        // One lock inside the other: who reads totals finds the stream here or there.
        let mut streams = lock(&self.streams);
        if let Some(stream) = streams.remove(&key) {
            *lock(&self.ended) += stream.cells.snapshot();
        }
    }

    pub(crate) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Sets what `scope` means here. Gives how many heard it: the side, or its streams of an SSRC.
    pub(crate) fn set_rate(&self, scope: Scope, rates: Rates) -> usize {
        match scope.here(self.way) {
            Here::Nothing => 0,
            Here::Bounds(field) => self.set_bounds(field, rates),
            Here::Stream(ssrc) => self.set_stream(ssrc, rates),
        }
    }

    fn set_bounds(&self, field: Field, rates: Rates) -> usize {
        let mut bounds = lock(&self.bounds);
        let Some(bounds) = bounds.get_mut(field) else { return 0 };
        (bounds.packets, bounds.bytes) = (rates.packets, rates.bytes);
        // Before the streams': a packet that hears of it by its stream looks here as well.
        self.generation.fetch_add(1, Release);
        for stream in lock(&self.streams).values() {
            if field == Field::Stream {
                *lock(&stream.own) = None;
            }
            stream.generation.fetch_add(1, Release);
        }
        1
    }

    fn set_stream(&self, ssrc: u32, rates: Rates) -> usize {
        if lock(&self.bounds).stream.is_none() {
            return 0;
        }
        let streams = lock(&self.streams);
        let of_ssrc = streams.values().filter(|stream| stream.ssrc == ssrc);
        of_ssrc
            .map(|stream| {
                *lock(&stream.own) = Some(rates);
                self.generation.fetch_add(1, Release);
                stream.generation.fetch_add(1, Release);
            })
            .count()
    }

    /// What has been counted, ended streams included.
    pub(crate) fn totals(&self) -> LimitTotals {
        let bound = lock(&self.streams);
        let mut streams = *lock(&self.ended);
        let mut waiting = self.unbound.waiting();
        for stream in bound.values() {
            streams += stream.cells.snapshot();
            waiting += stream.cells.waiting();
        }
        LimitTotals {
            streams,
            unbound: self.unbound.snapshot(),
            rtcp: self.rtcp.snapshot(),
            waiting,
            rtcp_waiting: self.rtcp.waiting(),
            streams_refused: self.refused.load(Relaxed),
        }
    }

    /// Everything is over: what still waits, will not leave.
    pub(crate) fn final_totals(&self) -> LimitTotals {
        lock(&self.streams).values().for_each(|stream| stream.cells.end_all());
        [&self.unbound, &self.rtcp].into_iter().for_each(Cells::end_all);
        self.totals()
    }

    pub(crate) fn streams(&self) -> Vec<StreamLimit> {
        let streams: Vec<_> = lock(&self.streams).values().cloned().collect();
        streams.iter().map(|stream| self.stream(stream)).collect()
    }

    fn stream(&self, stream: &StreamSide) -> StreamLimit {
        StreamLimit {
            connection: Arc::clone(&self.id),
            way: self.way,
            ssrc: stream.ssrc,
            rates: self.rates_of(stream),
            counters: stream.cells.snapshot(),
            waiting: stream.cells.waiting(),
        }
    }
}

impl StreamSide {
    #[inline(always)]
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Acquire)
    }
}

/// What a [`Scope`] means one way.
pub(crate) enum Here {
    Nothing,
    Bounds(Field),
    Stream(u32),
}

/// Which bounds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Stream,
    Connection,
    Rtcp,
}

impl SideBounds {
    const fn get_mut(&mut self, field: Field) -> Option<&mut Bounds> {
        match field {
            Field::Stream => self.stream.as_mut(),
            Field::Connection => self.connection.as_mut(),
            Field::Rtcp => self.rtcp.as_mut(),
        }
    }
}

impl Scope {
    pub(crate) const fn here(self, way: Way) -> Here {
        match (self, way) {
            (Self::Local, Way::Outgoing) | (Self::Remote, Way::Incoming) => Here::Bounds(Field::Stream),
            (Self::Connection, _) | (Self::Outgoing, Way::Outgoing) | (Self::Incoming, Way::Incoming) => {
                Here::Bounds(Field::Connection)
            }
            (Self::Rtcp, _) => Here::Bounds(Field::Rtcp),
            (Self::LocalStream(ssrc), Way::Outgoing) | (Self::RemoteStream(ssrc), Way::Incoming) => {
                Here::Stream(ssrc)
            }
            _ => Here::Nothing,
        }
    }

    /// Can these be the rates in this scope, with what the factory was made with?
    pub(crate) fn check(self, options: &LimitOptions, rates: Rates) -> Result<(), OptionsError> {
        let (field, bounds) = match self {
            Self::Local | Self::LocalStream(_) => ("local", options.local),
            Self::Remote | Self::RemoteStream(_) => ("remote", options.remote),
            Self::Connection | Self::Outgoing | Self::Incoming => ("connection", options.connection),
            Self::Rtcp => ("rtcp", options.rtcp),
        };
        let range = "Some when the factory is made: rates can be changed later, bounds cannot be added";
        OptionsError::unless(bounds.is_some(), "LimitOptions", field, bounds, range)?;
        rates.check(bounds.unwrap_or_default().policy, field)
    }
}
