//! The payloads that a local stream sent last.

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::red::MAX_BLOCK_LEN;

use crate::copies::FARTHEST;

const SLOTS: usize = FARTHEST as usize;

/// The last eight payloads, shared with who made them.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Number `n` is at `n mod 8`.
    slots: [Option<Sent>; SLOTS],
}

/// A payload that was sent.
#[derive(Debug)]
pub(super) struct Sent {
    seq: u16,
    pub(super) timestamp: u32,
    /// Empty when it is too long for a block: then nothing of it is kept.
    pub(super) payload: Bytes,
}

impl Sent {
    /// Was it too long for a block?
    pub(super) const fn is_too_long(&self) -> bool {
        self.payload.is_empty()
    }
}

impl Recent {
    /// What was sent with this number, if that was one of the last.
    #[inline]
    pub(super) fn get(&self, seq: u16) -> Option<&Sent> {
        self.slots.get(usize::from(seq) % SLOTS)?.as_ref().filter(|sent| sent.seq == seq)
    }

    #[inline]
    pub(super) fn push(&mut self, packet: &RtpPacket, payload: Bytes) {
        let (seq, timestamp) = (packet.sequence_number(), packet.timestamp());
        let payload = if payload.len() > MAX_BLOCK_LEN { Bytes::new() } else { payload };
        if let Some(slot) = self.slots.get_mut(usize::from(seq) % SLOTS) {
            *slot = Some(Sent { seq, timestamp, payload });
        }
    }
}
