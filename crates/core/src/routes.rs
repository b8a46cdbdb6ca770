//! From an SSRC to its stream and to the interceptors that take part in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use interceptor_packet::Origin;
use smallvec::SmallVec;

use crate::place::{NodeId, Place};
use crate::reserve::Reserves;
use crate::ssrc_map::SsrcMap;
use crate::states::States;
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
    pub(crate) place: Place,
    pub(crate) node: NodeId,
    /// Its state for this stream.
    pub(crate) slot: u32,
}

/// What a packet needs of it comes first, within the 56 bytes that [`States`] leaves of a cache line.
#[repr(C)]
pub(crate) struct Stream {
    pub(crate) info: Arc<StreamInfo>,
    /// Ordered from the wire up.
    pub(crate) entries: SmallVec<[Entry; 5]>,
    /// What interceptors will add to the stream's packets.
    pub(crate) reserves: Reserves,
}

/// The parts nearer the wire than a place.
#[inline]
pub(crate) fn nearer_than(entries: &[Entry], place: Place) -> &[Entry] {
    if place == Place::TOP {
        return entries;
    }
    entries.get(..index_of(entries, place)).unwrap_or_default()
}

/// The parts from a place up.
#[inline]
pub(crate) fn from_place(entries: &[Entry], place: Place) -> &[Entry] {
    if place == Place::BOTTOM {
        return entries;
    }
    entries.get(index_of(entries, place)..).unwrap_or_default()
}

/// Where the part at a place stands, or would. There are so few that looking at one after the other is the quickest.
#[inline]
fn index_of(entries: &[Entry], place: Place) -> usize {
    entries.iter().position(|entry| entry.place >= place).unwrap_or(entries.len())
}

#[derive(Clone, Copy, Debug)]
struct Route {
    stream: u32,
    origin: Origin,
}

/// The streams of one direction.
#[repr(C)]
pub(crate) struct Table {
    /// By media SSRC, of which the first is compared before any is looked up: most connections have one stream each way, and with many
    /// connections a look-up waits for memory twice.
    streams: States<Stream>,
    by_ssrc: SsrcMap<Route>,
    /// The streams that name each FEC SSRC, in order of binding; its packets take the way of the first.
    fec_groups: BTreeMap<u32, SmallVec<[u32; 2]>>,
    max_streams: usize,
}

impl Table {
    fn new(seed: u64, max_streams: usize) -> Self {
        Self {
            by_ssrc: SsrcMap::new(seed),
            streams: States::default(),
            fec_groups: BTreeMap::new(),
            max_streams,
        }
    }

    /// The stream of an SSRC and the SSRC's role in it.
    #[inline]
    pub(crate) fn route(&self, ssrc: u32) -> Option<(&Stream, Origin)> {
        if let Some(stream) = self.streams.first_of(ssrc) {
            return Some((stream, Origin::Media));
        }
        let route = self.by_ssrc.get(ssrc)?;
        self.streams.get(route.stream).map(|stream| (stream, route.origin))
    }

    pub(crate) fn info(&self, ssrc: u32) -> Option<&Arc<StreamInfo>> {
        self.route(ssrc).map(|(stream, _)| &stream.info)
    }

    /// The state slot of interceptor `node` in the stream that `ssrc` belongs to.
    pub(crate) fn slot_of(&self, ssrc: u32, node: NodeId) -> Option<u32> {
        let (stream, _) = self.route(ssrc)?;
        stream.entries.iter().find(|entry| entry.node == node).map(|entry| entry.slot)
    }

    pub(crate) fn stream(&self, key: u32) -> Option<&Stream> {
        self.streams.get(key)
    }

    pub(crate) fn stream_mut(&mut self, key: u32) -> Option<&mut Stream> {
        self.streams.get_mut(key)
    }

    /// Keys of all streams, in an order that does not depend on the hash.
    pub(crate) fn keys(&self) -> Vec<u32> {
        self.streams.slots().collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Enters a stream without interceptors under all its SSRCs.
    pub(crate) fn insert(&mut self, info: Arc<StreamInfo>) -> Result<u32, ChainError> {
        if self.streams.len() >= self.max_streams {
            return Err(ChainError::TooManyStreams { limit: self.max_streams });
        }
        self.check_free(&info, None)?;
        let stream =
            Stream { info: Arc::clone(&info), entries: SmallVec::new(), reserves: Reserves::default() };
        let key = self.streams.insert(info.ssrc, stream);
        self.enter_media(key, &info);
        if let Some(ssrc) = info.fec.and_then(|fec| fec.ssrc) {
            self.enter_fec(key, ssrc);
        }
        Ok(key)
    }

    /// Gives a stream another description: RTX and FEC SSRCs that it no longer names leave, new ones enter.
    pub(crate) fn amend(&mut self, key: u32, info: Arc<StreamInfo>) -> Result<(), ChainError> {
        self.check_free(&info, Some(key))?;
        let Some(stream) = self.streams.get_mut(key) else { return Ok(()) };
        let old = std::mem::replace(&mut stream.info, Arc::clone(&info));
        let (left, entered) = (old.fec.and_then(|fec| fec.ssrc), info.fec.and_then(|fec| fec.ssrc));
        // Who goes on naming the same FEC SSRC keeps its turn in the group.
        let fec_changes = left != entered;
        self.leave_media(&old);
        if let Some(ssrc) = left.filter(|_| fec_changes) {
            self.leave_fec(key, ssrc);
        }
        self.enter_media(key, &info);
        if let Some(ssrc) = entered.filter(|_| fec_changes) {
            self.enter_fec(key, ssrc);
        }
        Ok(())
    }

    /// Has anybody but stream `own` one of these SSRCs? Several streams may share a FEC SSRC, as that of FEC.
    fn check_free(&self, info: &StreamInfo, own: Option<u32>) -> Result<(), ChainError> {
        let rtx = info.rtx.as_ref().map(|rtx| rtx.ssrc);
        let taken = |ssrc: &u32| self.by_ssrc.get(*ssrc).is_some_and(|route| Some(route.stream) != own);
        let not_as_fec = |ssrc: &u32| taken(ssrc) && !self.fec_groups.contains_key(ssrc);
        let fec = info.fec.and_then(|fec| fec.ssrc);
        let own_or_rtx =
            std::iter::once(info.ssrc).chain(rtx).chain(info.duplicates.iter().copied()).find(taken);
        match own_or_rtx.or(fec.filter(not_as_fec)) {
            Some(ssrc) => Err(ChainError::SsrcInUse { ssrc }),
            None => Ok(()),
        }
    }

    fn enter_media(&mut self, key: u32, info: &StreamInfo) {
        self.by_ssrc.insert(info.ssrc, Route { stream: key, origin: Origin::Media });
        if let Some(rtx) = &info.rtx {
            self.by_ssrc.insert(rtx.ssrc, Route { stream: key, origin: Origin::Retransmission });
        }
        for ssrc in &info.duplicates {
            self.by_ssrc.insert(*ssrc, Route { stream: key, origin: Origin::Media });
        }
    }

    fn leave_media(&mut self, info: &StreamInfo) {
        self.by_ssrc.remove(info.ssrc);
        if let Some(rtx) = &info.rtx {
            self.by_ssrc.remove(rtx.ssrc);
        }
        info.duplicates.iter().for_each(|ssrc| self.by_ssrc.remove(*ssrc));
    }

    fn enter_fec(&mut self, key: u32, ssrc: u32) {
        self.fec_groups.entry(ssrc).or_default().push(key);
        // The first of the group stays.
        self.by_ssrc.insert(ssrc, Route { stream: key, origin: Origin::FecRepair });
    }

    fn leave_fec(&mut self, key: u32, ssrc: u32) {
        self.by_ssrc.remove(ssrc);
        let Some(group) = self.fec_groups.get_mut(&ssrc) else { return };
        group.retain(|member| *member != key);
        match group.first() {
            Some(next) => self.by_ssrc.insert(ssrc, Route { stream: *next, origin: Origin::FecRepair }),
            None => {
                self.fec_groups.remove(&ssrc);
            }
        }
    }

    /// The key of the stream with this media SSRC.
    pub(crate) fn key(&self, ssrc: u32) -> Result<u32, ChainError> {
        let route = self.by_ssrc.get(ssrc).filter(|route| route.origin == Origin::Media);
        let is_media = |key: &u32| self.stream(*key).is_some_and(|stream| stream.info.ssrc == ssrc);
        route.map(|route| route.stream).filter(is_media).ok_or(ChainError::UnknownSsrc { ssrc })
    }

    pub(crate) fn remove(&mut self, key: u32) -> Option<Stream> {
        let stream = self.streams.remove(key)?;
        self.leave_media(&stream.info);
        if let Some(ssrc) = stream.info.fec.and_then(|fec| fec.ssrc) {
            self.leave_fec(key, ssrc);
        }
        Some(stream)
    }

    pub(crate) fn clear(&mut self) {
        self.by_ssrc.clear();
        self.streams.clear();
        self.fec_groups.clear();
    }

    /// Gives an interceptor its part in a stream, at its place.
    pub(crate) fn join(&mut self, key: u32, entry: Entry) {
        if let Some(stream) = self.stream_mut(key) {
            let at = index_of(&stream.entries, entry.place);
            stream.entries.insert(at, entry);
        }
    }

    /// Ends an interceptor's part in a stream.
    pub(crate) fn leave(&mut self, key: u32, node: NodeId) -> Option<Entry> {
        let stream = self.stream_mut(key)?;
        stream.reserves.withdraw(node);
        let at = stream.entries.iter().position(|entry| entry.node == node)?;
        Some(stream.entries.remove(at))
    }

    /// An interceptor stamps nothing any more.
    pub(crate) fn withdraw(&mut self, node: NodeId) {
        self.streams.iter_mut().for_each(|(_, stream)| stream.reserves.withdraw(node));
    }

    /// Places have moved: an interceptor came or went.
    pub(crate) fn reposition(&mut self, place_of: impl Fn(NodeId) -> Place) {
        for (_, stream) in self.streams.iter_mut() {
            for entry in &mut stream.entries {
                entry.place = place_of(entry.node);
            }
            stream.reserves.reposition(&place_of);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    #[test]
    fn a_packet_of_the_first_stream_finds_its_way_in_one_line() {
        assert_eq!((align_of::<Table>(), offset_of!(Table, streams)), (64, 0));
        assert!(
            offset_of!(Stream, reserves) <= 56,
            "info and entries are in the first line, behind tag and SSRC"
        );
    }
}
