//! What interceptors will add to a stream's packets: whoever sums or budgets packets above them reserves it.

use smallvec::SmallVec;

use crate::place::{NodeId, Place};

/// A header extension that an interceptor nearer the wire writes into every packet of a stream.
///
/// Who computes over whole packets (FEC), or may not exceed a size (RED, pacing, the MTU), puts `len` zeros there first:
/// the stamp then overwrites them in place, and neither size nor sum changes on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The extension's identifier on the wire, 1..=255.
    pub id: u8,
    /// The length of its value in bytes.
    pub len: u8,
}

/// One interceptor's declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reserve {
    Stamp(Stamp),
    /// Bytes of a packet besides header extensions.
    Headroom(u16),
}

/// What one interceptor has declared for one stream in one hook.
pub(crate) type Declared = SmallVec<[Reserve; 4]>;

/// The declarations of all interceptors for one stream.
#[derive(Default)]
pub(crate) struct Reserves {
    /// Mostly none, or one that stamps.
    all: SmallVec<[(NodeId, Place, Reserve); 2]>,
}

/// The largest identifier and length of the one-byte form (RFC 8285 §4.2).
const ONE_BYTE_MAX: (u8, u8) = (14, 16);
/// Profile and length in front of a packet's extensions (RFC 3550 §5.3.1).
const EXTENSION_HEADER: usize = 4;

impl Reserves {
    /// What an interceptor declares in one hook takes the place of what it had declared before.
    pub(crate) fn declare(&mut self, node: NodeId, place: Place, declared: Declared) {
        if !declared.is_empty() {
            self.withdraw(node);
            self.all.extend(declared.into_iter().map(|reserve| (node, place, reserve)));
        }
    }

    /// What all interceptors have declared.
    pub(crate) fn all(&self) -> Declared {
        self.all.iter().map(|(_, _, reserve)| *reserve).collect()
    }

    pub(crate) fn withdraw(&mut self, node: NodeId) {
        self.all.retain(|(other, ..)| *other != node);
    }

    pub(crate) fn reposition(&mut self, place_of: impl Fn(NodeId) -> Place) {
        self.all.iter_mut().for_each(|(node, place, _)| *place = place_of(*node));
    }

    /// What is stamped nearer the wire than `place`.
    pub(crate) fn stamps(&self, place: Place) -> impl Iterator<Item = Stamp> + '_ {
        self.all.iter().filter(move |(_, at, _)| *at < place).filter_map(|(_, _, reserve)| match reserve {
            Reserve::Stamp(stamp) => Some(*stamp),
            Reserve::Headroom(_) => None,
        })
    }

    /// The bytes that all of it takes at the most.
    pub(crate) fn bytes(&self) -> usize {
        let headroom = self.all.iter().map(|(_, _, reserve)| match reserve {
            Reserve::Headroom(bytes) => usize::from(*bytes),
            Reserve::Stamp(_) => 0,
        });
        headroom.sum::<usize>() + extension_bytes(|| self.stamps(Place::TOP))
    }
}

/// The size of a packet's extension block with these elements, in whole words as it travels.
fn extension_bytes<I: Iterator<Item = Stamp>>(stamps: impl Fn() -> I) -> usize {
    let one_byte = stamps().all(|stamp| stamp.id <= ONE_BYTE_MAX.0 && stamp.len <= ONE_BYTE_MAX.1);
    let element_header = if one_byte { 1 } else { 2 };
    match stamps().map(|stamp| element_header + usize::from(stamp.len)).sum::<usize>() {
        0 => 0,
        bytes => EXTENSION_HEADER + bytes.next_multiple_of(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reserves(declared: &[Reserve]) -> Reserves {
        let mut reserves = Reserves::default();
        reserves.declare(NodeId::new(1).unwrap(), Place::new(1), declared.iter().copied().collect());
        reserves
    }

    const fn stamp(id: u8, len: u8) -> Reserve {
        Reserve::Stamp(Stamp { id, len })
    }

    #[test]
    fn sums_what_travels() {
        assert_eq!(reserves(&[]).bytes(), 0);
        assert_eq!(reserves(&[Reserve::Headroom(2)]).bytes(), 2);
        assert_eq!(reserves(&[stamp(3, 2)]).bytes(), 8, "header, element and a byte of padding");
        assert_eq!(reserves(&[stamp(3, 2), stamp(4, 3), Reserve::Headroom(2)]).bytes(), 14);
        assert_eq!(reserves(&[stamp(3, 2), stamp(15, 3)]).bytes(), 16, "two-byte form");
    }

    #[test]
    fn shows_who_stands_above_what_is_stamped_below() {
        let mut reserves = reserves(&[stamp(3, 2)]);
        let stamps = |reserves: &Reserves, place| reserves.stamps(Place::new(place)).collect::<Vec<_>>();
        assert_eq!(stamps(&reserves, 2), [Stamp { id: 3, len: 2 }]);
        assert_eq!(stamps(&reserves, 1), [], "not to the one who stamps");
        reserves.reposition(|_| Place::new(5));
        assert_eq!(stamps(&reserves, 2), []);
        reserves.declare(NodeId::new(1).unwrap(), Place::new(5), Declared::new());
        assert_eq!(stamps(&reserves, 6).len(), 1, "nothing declared changes nothing");
        reserves.declare(NodeId::new(1).unwrap(), Place::new(5), Declared::from_slice(&[stamp(7, 1)]));
        assert_eq!(stamps(&reserves, 6), [Stamp { id: 7, len: 1 }], "the newer declaration counts");
        reserves.withdraw(NodeId::new(1).unwrap());
        assert_eq!(stamps(&reserves, 6), []);
    }
}
