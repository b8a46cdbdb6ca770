//! SSRCs that no stream has, and what their packets say of whose they are.

use std::collections::VecDeque;

use interceptor_core::StreamInfo;
use interceptor_core::packet::ext::{Mid, RepairedRid, Rid};
use interceptor_core::packet::{HeaderExtension, RtpPacket};

/// Raised when a packet of an SSRC that no stream has says whose it is: once an SSRC, and again should it say something else. Who knows
/// the media section binds the stream, or amends the one that the SSRC repairs.
///
/// Nobody has checked it: a peer can say anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnboundStream {
    /// The SSRC.
    pub ssrc: u32,
    /// The media section (RFC 8843).
    pub mid: Option<Mid>,
    /// The encoding, of a media stream (RFC 8852).
    pub rid: Option<Rid>,
    /// The encoding that is repaired, of a stream of retransmissions or repair packets.
    pub repaired_rid: Option<Rid>,
    /// The payload type of the packet.
    pub payload_type: u8,
}

/// Identifiers of the extensions in what comes in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) mid: Option<u8>,
    pub(crate) rid: Option<u8>,
    pub(crate) repaired_rid: Option<u8>,
}

impl Ids {
    /// Those that a stream names; what it does not name is as before.
    pub(crate) fn learn(&mut self, info: &StreamInfo) {
        let learn = |id: &mut Option<u8>, uri| *id = info.extension_id(uri).or(*id);
        learn(&mut self.mid, Mid::URI);
        learn(&mut self.rid, Rid::URI);
        learn(&mut self.repaired_rid, RepairedRid::URI);
    }

    /// These, and where there is none the other's.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            mid: self.mid.or(other.mid),
            rid: self.rid.or(other.rid),
            repaired_rid: self.repaired_rid.or(other.repaired_rid),
        }
    }

    /// What a packet says, with the number of elements that say nothing that could be.
    pub(crate) fn read(self, packet: &RtpPacket) -> (UnboundStream, u64) {
        let mut malformed = 0;
        let stream = UnboundStream {
            ssrc: packet.ssrc(),
            mid: element(packet, self.mid, &mut malformed),
            rid: element(packet, self.rid, &mut malformed),
            repaired_rid: element(packet, self.repaired_rid, &mut malformed).map(|RepairedRid(rid)| rid),
            payload_type: packet.payload_type(),
        };
        (stream, malformed)
    }
}

fn element<E: HeaderExtension>(packet: &RtpPacket, id: Option<u8>, malformed: &mut u64) -> Option<E> {
    let value = packet.extension(id?)?;
    let element = E::read(value);
    *malformed += u64::from(element.is_none());
    element
}

impl UnboundStream {
    pub(crate) const fn is_anonymous(&self) -> bool {
        self.mid.is_none() && self.rid.is_none() && self.repaired_rid.is_none()
    }

    /// Payload types may change; whose a packet is does not.
    fn says_the_same(&self, other: &Self) -> bool {
        (self.mid, self.rid, self.repaired_rid) == (other.mid, other.rid, other.repaired_rid)
    }
}

/// What has been told, the oldest first.
#[derive(Debug)]
pub(crate) struct Told {
    /// Apart from what they say, as every packet is looked for.
    ssrcs: VecDeque<u32>,
    streams: VecDeque<UnboundStream>,
    max: usize,
}

impl Told {
    pub(crate) const fn new(max: usize) -> Self {
        Self { ssrcs: VecDeque::new(), streams: VecDeque::new(), max }
    }

    pub(crate) fn contains(&self, stream: &UnboundStream) -> bool {
        let told = self.position(stream.ssrc).and_then(|at| self.streams.get(at));
        told.is_some_and(|told| told.says_the_same(stream))
    }

    pub(crate) fn insert(&mut self, stream: UnboundStream) {
        self.remove(stream.ssrc);
        if self.ssrcs.len() >= self.max {
            self.ssrcs.pop_front();
            self.streams.pop_front();
        }
        self.ssrcs.push_back(stream.ssrc);
        self.streams.push_back(stream);
    }

    /// The SSRC is a stream's now.
    pub(crate) fn remove(&mut self, ssrc: u32) {
        if let Some(at) = self.position(ssrc) {
            self.ssrcs.remove(at);
            self.streams.remove(at);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ssrcs.len()
    }

    fn position(&self, ssrc: u32) -> Option<usize> {
        self.ssrcs.iter().position(|told| *told == ssrc)
    }
}
