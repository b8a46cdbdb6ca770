//! The streams that a retransmission may belong to, what they have asked for, and the RTX SSRCs found so far.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use interceptor_core::RtxInfo;
use slab::Slab;

use super::RtxAssociationOptions;

/// One candidate, from [`Candidates::add`] to [`Candidates::remove`].
pub(super) type Key = usize;

/// Whose a packet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// This candidate's.
    Of(Key),
    /// Of no RTX payload type: media, or nobody's.
    NotRtx,
    /// Of an RTX SSRC that was found, with a payload type that its stream does not retransmit with.
    OtherPayloadType,
    /// Without a whole original sequence number, so nothing tells.
    TooShort,
    /// Nobody has asked for it.
    Unasked,
    /// Several have asked for it.
    Ambiguous,
}

/// Packets of unknown SSRCs are what a stranger can send, so all that is looked at for each is found by a key, whatever the
/// number of streams and requests; only streams that have asked for the same number are gone through.
#[derive(Debug)]
pub(super) struct Candidates {
    streams: Slab<Candidate>,
    /// Which candidates retransmit with a payload type.
    by_type: BTreeSet<(u8, Key)>,
    /// How often, among its remembered requests, a candidate has asked for a number.
    asked: BTreeMap<(u16, Key), u32>,
    /// RTX SSRCs on the wire; one a candidate.
    found: BTreeMap<u32, Key>,
    max_requests: usize,
    require_request: bool,
}

#[derive(Debug)]
struct Candidate {
    media: u32,
    /// The RTX SSRC that it was bound with.
    bound: u32,
    payload_types: Vec<u8>,
    /// The SSRC on the wire, once it is known.
    found: Option<u32>,
    /// What it has asked for, the oldest first.
    requests: VecDeque<u16>,
}

impl Candidates {
    pub(super) const fn new(options: &RtxAssociationOptions) -> Self {
        Self {
            streams: Slab::new(),
            by_type: BTreeSet::new(),
            asked: BTreeMap::new(),
            found: BTreeMap::new(),
            max_requests: options.max_requests,
            require_request: options.require_request,
        }
    }

    /// A stream that has an RTX stream.
    pub(super) fn add(&mut self, media: u32, rtx: &RtxInfo) -> Key {
        let (payload_types, requests) = (Vec::new(), VecDeque::new());
        let key =
            self.streams.insert(Candidate { media, bound: rtx.ssrc, payload_types, found: None, requests });
        self.describe(key, rtx);
        key
    }

    /// Its RTX stream is another from now on.
    pub(super) fn describe(&mut self, key: Key, rtx: &RtxInfo) {
        let Some(candidate) = self.streams.get_mut(key) else { return };
        candidate.bound = rtx.ssrc;
        let payload_types = rtx.payload_types.iter().map(|pair| pair.rtx).collect();
        for before in std::mem::replace(&mut candidate.payload_types, payload_types) {
            self.by_type.remove(&(before, key));
        }
        self.by_type.extend(candidate.payload_types.iter().map(|payload_type| (*payload_type, key)));
    }

    pub(super) fn remove(&mut self, key: Key) {
        let Some(candidate) = self.streams.try_remove(key) else { return };
        for payload_type in candidate.payload_types {
            self.by_type.remove(&(payload_type, key));
        }
        for number in candidate.requests {
            self.asked.remove(&(number, key));
        }
        if let Some(ssrc) = candidate.found {
            self.found.remove(&ssrc);
        }
    }

    /// The stream asks for these packets of its media SSRC.
    pub(super) fn ask(&mut self, key: Key, media: u32, numbers: impl IntoIterator<Item = u16>) {
        // A request of what travels on the RTX SSRC is about other numbers.
        let Some(candidate) = self.streams.get_mut(key).filter(|stream| stream.media == media) else {
            return;
        };
        for number in numbers {
            candidate.requests.push_back(number);
            *self.asked.entry((number, key)).or_default() += 1;
            if candidate.requests.len() <= self.max_requests {
                continue;
            }
            let Some(oldest) = candidate.requests.pop_front() else { continue };
            if let Some(times) = self.asked.get_mut(&(oldest, key)) {
                *times -= 1;
                if *times == 0 {
                    self.asked.remove(&(oldest, key));
                }
            }
        }
    }

    /// Whose a packet of an SSRC that no stream has is; `original` is the number that it repeats, if it is long enough.
    pub(super) fn owner(&self, ssrc: u32, payload_type: u8, original: Option<u16>) -> Ownership {
        let carries = |key: Key| self.by_type.contains(&(payload_type, key));
        if let Some(key) = self.found.get(&ssrc).copied() {
            return if carries(key) { Ownership::Of(key) } else { Ownership::OtherPayloadType };
        }
        let mut possible = self.by_type.range((payload_type, Key::MIN)..=(payload_type, Key::MAX));
        let Some((_, first)) = possible.next() else { return Ownership::NotRtx };
        let Some(original) = original else { return Ownership::TooShort };
        let is_only = !self.require_request && possible.next().is_none();
        if is_only && self.found(*first).is_none() {
            return Ownership::Of(*first);
        }
        let asked = self.asked.range((original, Key::MIN)..=(original, Key::MAX));
        let mut asked = asked.map(|((_, key), _)| *key).filter(|key| carries(*key));
        match (asked.next(), asked.next()) {
            (Some(key), None) => Ownership::Of(key),
            (None, _) => Ownership::Unasked,
            (Some(_), Some(_)) => Ownership::Ambiguous,
        }
    }

    /// The stream's retransmissions travel on this SSRC: the one that it was bound with. What they travelled on before is
    /// nobody's.
    pub(super) fn associate(&mut self, key: Key, ssrc: u32) -> Option<u32> {
        let candidate = self.streams.get_mut(key)?;
        let before = candidate.found.replace(ssrc);
        if before != Some(ssrc) {
            tracing::debug!(rtx = ssrc, media = candidate.media, "retransmission stream found");
            before.map(|before| self.found.remove(&before));
            self.found.insert(ssrc, key);
        }
        Some(candidate.bound)
    }

    /// This SSRC has ended or is announced now: whose retransmissions it carried is to be found out anew.
    pub(super) fn forget(&mut self, ssrc: u32) {
        let Some(key) = self.found.remove(&ssrc) else { return };
        if let Some(candidate) = self.streams.get_mut(key) {
            candidate.found = None;
        }
    }

    /// The SSRC on the wire of a candidate's retransmissions, once it is known.
    pub(super) fn found(&self, key: Key) -> Option<u32> {
        self.streams.get(key)?.found
    }
}
