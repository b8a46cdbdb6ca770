//! Which RTCP is encrypted (RFC 3711 §3.4): only its first eight bytes are clear, and its end says so.

use std::collections::{BTreeMap, BTreeSet};

use super::Endpoints;
use super::rtcp_form::{is_sub_packet, sub_packet_len};

/// Where the word with the flag of encryption and the packet's index may begin, from the end: last (RFC 7714 §9.2), or before
/// an authentication tag of 4 or 10 bytes (RFC 3711 §4.2, RFC 4568 §6.2); and each with a key identifier (MKI), which may have up
/// to 128 bytes (RFC 4568 §6.1) and has 1, 2, 4 or 8.
const PLACES: [usize; 12] = [4, 5, 6, 8, 9, 10, 12, 14, 15, 16, 18, 22];
/// Packets of one sender between two in the capture: its index counts them.
const MAX_APART: u32 = 1 << 16;

/// What the RTCP of each flow looks like.
#[derive(Debug)]
pub(super) struct Encryption {
    /// Flows, and senders in flows, that are told apart.
    limit: usize,
    /// Flows with RTCP that is clear from the first byte to the last.
    clear: BTreeSet<Endpoints>,
    senders: BTreeMap<(Endpoints, u32), Sender>,
}

/// One sender's RTCP that may be encrypted.
#[derive(Debug, Default)]
struct Sender {
    datagrams: u64,
    /// The last index at each of the [`PLACES`], as long as it may be one. `None`: all datagrams so far were cut off.
    indices: Option<[Option<u32>; PLACES.len()]>,
}

impl Encryption {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, clear: BTreeSet::new(), senders: BTreeMap::new() }
    }

    /// All of a datagram in this flow was well-formed.
    pub(super) fn saw_clear(&mut self, flow: Endpoints) {
        if self.clear.len() < self.limit {
            self.clear.insert(flow);
        }
    }

    pub(super) fn is_clear(&self, flow: Endpoints) -> bool {
        self.clear.contains(&flow)
    }

    /// Takes in a datagram whose first sub-packet fits, while something else is behind it. Whether it looks encrypted, in a flow
    /// that never was anything else.
    pub(super) fn takes(&mut self, flow: Endpoints, data: &[u8], cut: bool) -> bool {
        let Some((header, rest)) = data.split_first_chunk::<4>() else { return false };
        let (Some(sender), Some(hidden)) = (rest.first_chunk(), data.get(sub_packet_len(*header)..)) else {
            return false;
        };
        let next = hidden.first_chunk::<4>();
        let goes_on = next.is_some_and(|next| is_sub_packet(*next) && sub_packet_len(*next) <= hidden.len());
        let key = (flow, u32::from_be_bytes(*sender));
        let has_room = self.senders.len() < self.limit || self.senders.contains_key(&key);
        if goes_on || next.is_none() || !has_room || self.is_clear(flow) {
            return false;
        }
        let found = if cut { None } else { Some(PLACES.map(|place| index(hidden, place))) };
        if found == Some([None; PLACES.len()]) {
            return false;
        }
        let sender = self.senders.entry(key).or_default();
        sender.datagrams += 1;
        if let Some(found) = found {
            let may_follow = |before: Option<u32>, now: &u32| {
                before.is_some_and(|before| before.abs_diff(*now) < MAX_APART)
            };
            let before = sender.indices.unwrap_or(found);
            let both = before.into_iter().zip(found);
            let mut left = both.map(|(before, now)| now.filter(|now| may_follow(before, now)));
            sender.indices = Some(std::array::from_fn(|_| left.next().flatten()));
        }
        true
    }

    /// Datagrams that are encrypted, and those that only looked so.
    pub(super) fn counts(&self) -> (u64, u64) {
        let (mut encrypted, mut malformed) = (0, 0);
        for ((flow, _), sender) in &self.senders {
            let may_be = sender.indices.is_none_or(|indices| indices != [None; PLACES.len()]);
            *(if may_be && !self.is_clear(*flow) { &mut encrypted } else { &mut malformed }) +=
                sender.datagrams;
        }
        (encrypted, malformed)
    }
}

/// The index at a place, if the flag of encryption stands before it.
fn index(hidden: &[u8], place: usize) -> Option<u32> {
    let word = hidden.get(hidden.len().checked_sub(place)?..)?.first_chunk()?;
    let word = u32::from_be_bytes(*word);
    (word >> 31 == 1).then_some(word & 0x7fff_ffff)
}
