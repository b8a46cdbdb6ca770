//! What the link has dropped and what has come back all the same: packet by packet, whatever either end counts.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
};
use serde::Serialize;

/// An RTP packet by what encryption leaves to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PacketId {
    pub(crate) ssrc: u32,
    pub(crate) seq: u16,
}

/// The book of a call.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    tally: Tally,
    /// Media streams that have begun: what is lost before nobody can miss.
    begun: HashSet<u32>,
    missing: BTreeSet<PacketId>,
    /// The same in the order in which they were lost, with some that have come back since.
    order: VecDeque<PacketId>,
    /// Which media packet is in which retransmission that we send: only below encryption it can be read.
    contents: HashMap<PacketId, PacketId>,
    contents_order: VecDeque<PacketId>,
}

/// Media packets, both ways together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tally {
    /// Put into the link.
    pub(crate) sent: u64,
    /// Dropped there.
    pub(crate) lost: u64,
    /// Of these, come by a retransmission.
    pub(crate) back: u64,
    /// Retransmissions that were put into the link.
    pub(crate) repeats: u64,
    /// Of these, dropped there.
    pub(crate) repeats_lost: u64,
}

/// Beyond that the oldest are forgotten: they stay lost.
const MAX_MISSING: usize = 8192;
/// Retransmissions are on their way for less than a second.
const MAX_CONTENTS: usize = 4096;

impl Ledger {
    /// The link has taken or dropped a media packet.
    pub(crate) fn media(&mut self, packet: PacketId, dropped: bool) {
        // Numbers come round again: who had one of half a circle ago stays lost.
        self.missing.remove(&PacketId { seq: packet.seq.wrapping_add(1 << 15), ..packet });
        if !dropped {
            self.begun.insert(packet.ssrc);
        }
        if !self.begun.contains(&packet.ssrc) {
            return;
        }
        self.tally.sent += 1;
        // A plain repeat of what was lost before brings it back.
        if !dropped {
            self.back(packet);
        } else if self.missing.insert(packet) {
            self.tally.lost += 1;
            self.order.push_back(packet);
            if self.order.len() > MAX_MISSING {
                self.order.pop_front().map(|oldest| self.missing.remove(&oldest));
            }
        }
    }

    /// The link has taken or dropped a retransmission.
    pub(crate) fn repeat(&mut self, packet: PacketId, dropped: bool) {
        self.tally.repeats += 1;
        self.tally.repeats_lost += u64::from(dropped);
        let content = self.contents.remove(&packet);
        if let (false, Some(media)) = (dropped, content) {
            self.back(media);
        }
    }

    pub(crate) const fn tally(&self) -> Tally {
        self.tally
    }

    fn back(&mut self, packet: PacketId) {
        self.tally.back += u64::from(self.missing.remove(&packet));
    }

    fn contains(&mut self, repeat: PacketId, media: PacketId) {
        self.contents.insert(repeat, media);
        self.contents_order.push_back(repeat);
        if self.contents_order.len() > MAX_CONTENTS {
            self.contents_order.pop_front().map(|oldest| self.contents.remove(&oldest));
        }
    }
}

/// The ledger, for the link and for the interceptor that opens retransmissions.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedLedger(Arc<Mutex<Ledger>>);

impl SharedLedger {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a [`Reader`] nearest the wire.
#[derive(Debug)]
pub(crate) struct ReaderFactory(pub(crate) SharedLedger);

/// An interceptor that tells the ledger what is in retransmissions.
#[derive(Debug)]
pub(crate) struct Reader(SharedLedger);

impl Factory for ReaderFactory {
    type Interceptor = Reader;

    fn name(&self) -> &'static str {
        "ledger"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE
    }

    fn build(&self, _: &BuildContext<'_>) -> Result<Reader, BuildError> {
        Ok(Reader(self.0.clone()))
    }
}

impl Interceptor for Reader {
    /// The media SSRC.
    type Local = u32;
    type Remote = u32;

    fn bind_local(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        Ok(Some(stream.ssrc))
    }

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<u32>> {
        Ok(Some(stream.ssrc))
    }

    fn write_rtp(&mut self, ssrc: &mut u32, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        if let Some(media) = repeated(*ssrc, packet) {
            let repeat = PacketId { ssrc: packet.ssrc(), seq: packet.sequence_number() };
            self.0.lock().contains(repeat, media);
        }
        Ok(Flow::Forward)
    }

    fn read_rtp(&mut self, ssrc: &mut u32, packet: &mut RtpPacket, _: &mut Context<'_>) -> Result<Flow> {
        if let Some(media) = repeated(*ssrc, packet) {
            self.0.lock().back(media);
        }
        Ok(Flow::Forward)
    }
}

/// The packet of this media SSRC that an RTX packet holds (RFC 4588 §4). One that is all padding holds none.
fn repeated(ssrc: u32, packet: &RtpPacket) -> Option<PacketId> {
    let on_its_own_ssrc = packet.ssrc() != ssrc && packet.info().origin != Origin::FecRepair;
    let number = packet.payload().first_chunk().filter(|_| on_its_own_ssrc)?;
    Some(PacketId { ssrc, seq: u16::from_be_bytes(*number) })
}

#[cfg(test)]
mod tests {
    use super::{Ledger, PacketId};

    const fn media(seq: u16) -> PacketId {
        PacketId { ssrc: 1, seq }
    }

    const fn repeat(seq: u16) -> PacketId {
        PacketId { ssrc: 2, seq }
    }

    #[test]
    fn a_packet_is_lost_once_and_comes_back_once() {
        let mut ledger = Ledger::default();
        for (seq, dropped) in [(1, false), (2, true), (2, true), (3, true)] {
            ledger.media(media(seq), dropped);
        }
        for (seq, dropped) in [(10, true), (11, false), (12, false)] {
            ledger.contains(repeat(seq), media(2));
            ledger.repeat(repeat(seq), dropped);
        }
        let tally = ledger.tally();
        assert_eq!((tally.sent, tally.lost, tally.back), (4, 2, 1));
        assert_eq!((tally.repeats, tally.repeats_lost), (3, 1));
    }

    #[test]
    fn a_number_that_comes_round_again_brings_nothing_back() {
        let mut ledger = Ledger::default();
        ledger.media(media(0), false);
        ledger.media(media(1), true);
        for seq in (2..=u16::MAX).chain(0..10) {
            ledger.media(media(seq), seq == 5);
        }
        assert_eq!((ledger.tally().lost, ledger.tally().back), (3, 0));
    }

    #[test]
    fn what_is_lost_before_a_stream_begins_is_not_missed() {
        let mut ledger = Ledger::default();
        ledger.media(media(1), true);
        assert_eq!(ledger.tally().lost, 0);
    }
}
