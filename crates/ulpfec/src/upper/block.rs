//! Packets that are protected together, as running sums.

use bytes::Bytes;
use interceptor_core::packet::fec::{Mask, UlpFec};
use interceptor_parity::{Sum, Summand};

use crate::Protection;

/// In front of the header: the payload type in RED.
const RED_LEN: usize = 1;

/// The open block: of its packets the sums alone are kept.
#[derive(Debug)]
pub(super) struct Block {
    protection: Protection,
    /// The first packet's number.
    base: u16,
    packets: u8,
    /// Packet `i` is in sum `i` mod their number.
    sums: Vec<(Sum, Mask)>,
}

impl Block {
    pub(super) fn new(protection: Protection) -> Self {
        let sums = (0..protection.repairs).map(|_| (Sum::default(), Mask::EMPTY)).collect();
        Self { protection, base: 0, packets: 0, sums }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.packets == 0
    }

    /// Has the block as many packets as it is to have?
    pub(super) const fn is_full(&self) -> bool {
        self.packets >= self.protection.packets
    }

    /// Can a mask say this number? Always, while the block is empty.
    pub(super) const fn reaches(&self, seq: u16) -> bool {
        self.is_empty() || seq.wrapping_sub(self.base) < UlpFec::MASK_BITS as u16
    }

    /// Adds a packet that it [`reaches`](Self::reaches).
    #[inline]
    pub(super) fn add(&mut self, seq: u16, packet: &Summand<'_>) {
        if self.is_empty() {
            self.base = seq;
        }
        let offset = seq.wrapping_sub(self.base) as u8;
        let count = self.sums.len().max(1);
        if let Some((sum, mask)) = self.sums.get_mut(usize::from(self.packets) % count)
            && !mask.contains(offset)
        {
            sum.add(packet);
            mask.insert(offset);
        }
        self.packets = self.packets.saturating_add(1);
    }

    /// Ends the block: the payloads of its repair packets, as RED blocks of this payload type.
    pub(super) fn close(&mut self, payload_type: u8, mut repair: impl FnMut(Bytes)) {
        let first = self.base;
        for (sum, mask) in self.sums.iter_mut().filter(|(sum, _)| !sum.is_empty()) {
            let (mask, len) = (std::mem::take(mask), sum.body_len() as u16);
            // RFC 5109 §7.3: the base is the lowest number that is protected.
            let lowest = mask.min().unwrap_or(0);
            let base = first.wrapping_add(lowest.into());
            let mask: Mask = mask.offsets().map(|offset| offset - lowest).collect();
            let payload = sum.take(RED_LEN + UlpFec::header_len(mask), |fields, header| {
                let (red, header) = header.split_at_mut(RED_LEN);
                red.fill(payload_type);
                UlpFec::write(&fields, base, mask, len, header)
            });
            match payload {
                Ok(payload) => repair(payload),
                // A sum over packets of nothing but their fixed headers has nothing to protect.
                Err(_) => sum.clear(),
            }
        }
        self.packets = 0;
    }
}
