//! From an SSRC to its stream and to the interceptors that take part in it.

use std::sync::Arc;

use interceptor_packet::Origin;
use slab::Slab;
use smallvec::SmallVec;

use crate::ssrc_map::SsrcMap;
use crate::{ChainError, StreamInfo};

/// Streams of both directions.
pub(crate) struct Routes {
    pub(crate) local: Table,
    pub(crate) remote: Table,
    /// Every interceptor from the wire up, for what belongs to no stream.
    pub(crate) everyone: Vec<Entry>,
}

impl Routes {
    pub(crate) fn new(seed: u64, max_streams: usize) -> Self {
        Self {
            local: Table::new(seed, max_streams),
            remote: Table::new(!seed, max_streams),
            everyone: Vec::new(),
        }
    }
}

/// One interceptor's part in one stream.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// Its place, counted from the wire.
    pub(crate) position: u16,
    pub(crate) node: u16,
    /// Its state for this stream.
    pub(crate) slot: u32,
}

pub(crate) struct Stream {
    pub(crate) info: Arc<StreamInfo>,
    /// Ordered from the wire up; eight fit into one cache line.
    pub(crate) entries: SmallVec<[Entry; 8]>,
}

/// The parts nearer the wire than a place.
#[inline]
pub(crate) fn nearer_than(entries: &[Entry], position: u16) -> &[Entry] {
    if position == u16::MAX {
        return entries;
    }
    entries.get(..index_of(entries, position)).unwrap_or_default()
}

/// The parts from a place up.
#[inline]
pub(crate) fn from_place(entries: &[Entry], position: u16) -> &[Entry] {
    if position == 0 {
        return entries;
    }
    entries.get(index_of(entries, position)..).unwrap_or_default()
}

/// Where the part at a place stands, or would. There are so few that looking at one after the other is the quickest.
#[inline]
fn index_of(entries: &[Entry], position: u16) -> usize {
    entries.iter().position(|entry| entry.position >= position).unwrap_or(entries.len())
}

#[derive(Clone, Copy, Debug)]
struct Route {
    stream: u32,
    origin: Origin,
}

/// The streams of one direction.
pub(crate) struct Table {
    by_ssrc: SsrcMap<Route>,
    streams: Slab<Stream>,
    max_streams: usize,
}

impl Table {
    fn new(seed: u64, max_streams: usize) -> Self {
        Self { by_ssrc: SsrcMap::new(seed), streams: Slab::new(), max_streams }
    }

    /// The stream of an SSRC and the SSRC's role in it.
    #[inline]
    pub(crate) fn route(&self, ssrc: u32) -> Option<(&Stream, Origin)> {
        let route = self.by_ssrc.get(ssrc)?;
        self.streams.get(route.stream as usize).map(|stream| (stream, route.origin))
    }

    pub(crate) fn info(&self, ssrc: u32) -> Option<&Arc<StreamInfo>> {
        self.route(ssrc).map(|(stream, _)| &stream.info)
    }

    /// The state slot of interceptor `node` in the stream that `ssrc` belongs to.
    pub(crate) fn slot_of(&self, ssrc: u32, node: u16) -> Option<u32> {
        let (stream, _) = self.route(ssrc)?;
        stream.entries.iter().find(|entry| entry.node == node).map(|entry| entry.slot)
    }

    pub(crate) fn stream(&self, key: u32) -> Option<&Stream> {
        self.streams.get(key as usize)
    }

    pub(crate) fn stream_mut(&mut self, key: u32) -> Option<&mut Stream> {
        self.streams.get_mut(key as usize)
    }

    /// Keys of all streams, in an order that does not depend on the hash.
    pub(crate) fn keys(&self) -> Vec<u32> {
        self.streams.iter().map(|(key, _)| key as u32).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Enters a stream without interceptors under all its SSRCs.
    pub(crate) fn insert(&mut self, info: Arc<StreamInfo>) -> Result<u32, ChainError> {
        if self.streams.len() >= self.max_streams {
            return Err(ChainError::TooManyStreams { limit: self.max_streams });
        }
        if let Some(ssrc) = info.ssrcs().find(|ssrc| self.by_ssrc.get(*ssrc).is_some()) {
            return Err(ChainError::SsrcInUse { ssrc });
        }
        let key = self.streams.insert(Stream { info: Arc::clone(&info), entries: SmallVec::new() }) as u32;
        let origins = [
            (Some(info.ssrc), Origin::Media),
            (info.rtx.as_ref().map(|rtx| rtx.ssrc), Origin::Retransmission),
            (info.fec.map(|fec| fec.ssrc), Origin::FecRepair),
        ];
        for (ssrc, origin) in origins {
            if let Some(ssrc) = ssrc {
                // A stream that names one SSRC for two roles keeps the first: the media SSRC stays media.
                self.by_ssrc.insert(ssrc, Route { stream: key, origin });
            }
        }
        Ok(key)
    }

    /// The key of the stream with this media SSRC.
    pub(crate) fn key(&self, ssrc: u32) -> Result<u32, ChainError> {
        match self.by_ssrc.get(ssrc) {
            Some(route) if route.origin == Origin::Media => Ok(route.stream),
            _ => Err(ChainError::UnknownSsrc { ssrc }),
        }
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<Stream> {
        let stream = self.streams.try_remove(key as usize)?;
        for ssrc in stream.info.ssrcs() {
            self.by_ssrc.remove(ssrc);
        }
        Some(stream)
    }

    pub(crate) fn clear(&mut self) {
        self.by_ssrc.clear();
        self.streams.clear();
    }

    /// Gives an interceptor its part in a stream, at its place.
    pub(crate) fn join(&mut self, key: u32, entry: Entry) {
        if let Some(stream) = self.stream_mut(key) {
            let at = index_of(&stream.entries, entry.position);
            stream.entries.insert(at, entry);
        }
    }

    /// Ends an interceptor's part in a stream.
    pub(crate) fn leave(&mut self, key: u32, node: u16) -> Option<Entry> {
        let stream = self.stream_mut(key)?;
        let at = stream.entries.iter().position(|entry| entry.node == node)?;
        Some(stream.entries.remove(at))
    }

    /// Places have moved: an interceptor came or went.
    pub(crate) fn reposition(&mut self, position_of: impl Fn(u16) -> u16) {
        for (_, stream) in &mut self.streams {
            for entry in &mut stream.entries {
                entry.position = position_of(entry.node);
            }
        }
    }
}
