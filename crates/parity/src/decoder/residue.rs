//! What is left of repairs when all that has come is taken away: the packet that has not, if it can be one.

use bytes::{Bytes, BytesMut};
use interceptor_packet::fec::RecoveryFields;
use interceptor_packet::{Origin, Recovery, RtpPacket};

use super::ring::Slot;
use super::{Repair, Scope};
use crate::xor::xor;
use crate::{Summand, Zeroing};

const FIXED_HEADER_LEN: usize = 12;

/// The running sum of repairs and packets, in the buffer of the packet that comes back.
#[derive(Debug)]
pub(super) struct Residue {
    fields: RecoveryFields,
    /// Room for a fixed header, and the sum.
    bytes: BytesMut,
    scope: Scope,
    is_cut: bool,
}

/// Why what is left is no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It contradicts itself: what was summed is not what has come.
    Inconsistent,
    /// Only the first bytes of the packet are protected.
    Partial,
    /// A packet that it needs has come and is not kept any more.
    OutOfReach,
}

impl Residue {
    /// Begins with nothing, with room for sums of so many bytes.
    pub(super) fn new(body_len: usize, scope: Scope) -> Self {
        let bytes = BytesMut::zeroed(FIXED_HEADER_LEN + body_len);
        Self { fields: RecoveryFields::default(), bytes, scope, is_cut: false }
    }

    pub(super) fn add_repair(&mut self, repair: &Repair) {
        self.fields.add(&repair.fields);
        xor(self.body(), &repair.body);
    }

    /// Takes away a packet that has come.
    pub(super) fn take_away(&mut self, slot: &Slot, zeroing: &mut Zeroing) -> Result<(), Fault> {
        if !slot.is_here() {
            return Err(Fault::OutOfReach);
        }
        match self.scope {
            Scope::Payload => self.add(&Summand::payload_of(&slot.header, slot.payload_without_padding())),
            _ => self.add(&zeroing.summand_of(&slot.header, &slot.payload)),
        }
        Ok(())
    }

    fn add(&mut self, packet: &Summand<'_>) {
        self.fields.add(&packet.fields());
        let body = self.body();
        let is_cut = packet.len() > body.len();
        let (head, payload) = body.split_at_mut(packet.head.len().min(body.len()));
        xor(head, packet.head);
        xor(payload, packet.payload);
        self.is_cut |= is_cut;
    }

    fn body(&mut self) -> &mut [u8] {
        self.bytes.get_mut(FIXED_HEADER_LEN..).unwrap_or_default()
    }

    /// The packet with this SSRC and number, if what is left can be it.
    pub(super) fn finish(mut self, ssrc: u32, seq: u16) -> Result<RtpPacket, Fault> {
        let len = usize::from(self.fields.length);
        if self.is_cut && self.scope != Scope::Prefix {
            return Err(Fault::Inconsistent);
        }
        let scope = self.scope;
        match self.body().get(len..) {
            None if scope == Scope::Prefix => return Err(Fault::Partial),
            Some(behind) if behind.iter().all(|byte| *byte == 0) => {}
            _ => return Err(Fault::Inconsistent),
        }
        self.bytes.truncate(FIXED_HEADER_LEN + len);
        let header = self.fixed_header(ssrc, seq);
        if let Some(room) = self.bytes.first_chunk_mut() {
            *room = header;
        }
        let bytes: Bytes = self.bytes.freeze();
        let mut packet = RtpPacket::parse(bytes).map_err(|_| Fault::Inconsistent)?;
        let info = packet.info_mut();
        (info.origin, info.recovered_by) = (Origin::Media, Some(Recovery::Fec));
        Ok(packet)
    }

    fn fixed_header(&self, ssrc: u32, seq: u16) -> [u8; FIXED_HEADER_LEN] {
        let [a, b] = match self.scope {
            Scope::Payload => [0, self.fields.first[1] & 0x7f],
            Scope::Packet | Scope::Prefix => self.fields.first,
        };
        let ([q0, q1], [t0, t1, t2, t3]) = (seq.to_be_bytes(), self.fields.timestamp.to_be_bytes());
        let [s0, s1, s2, s3] = ssrc.to_be_bytes();
        // RFC 8627 §6.3.2: version 2.
        [0x80 | a, b, q0, q1, t0, t1, t2, t3, s0, s1, s2, s3]
    }
}
