//! Layers of simulcast: the host announces none of their SSRCs, their packets name them (RFC 8852).

use std::time::Instant;

use interceptor_packet::RtpPacket;
use interceptor_packet::ext::{HeaderExtension, Mid, RepairedRid, Rid};

use crate::book::Told;
use crate::state::State;

impl Told {
    /// Takes the names from a packet of this stream, if it bears any.
    pub(crate) fn name(&mut self, packet: &RtpPacket) {
        if let Some(rid) = self.read::<Rid>(packet) {
            rid.as_str().clone_into(&mut self.stream.rid);
        }
        if let Some(mid) = self.read::<Mid>(packet) {
            mid.as_str().clone_into(&mut self.stream.mid);
        }
    }

    fn read<E: HeaderExtension>(&self, packet: &RtpPacket) -> Option<E> {
        E::read(packet.extension(self.stream.extension_id(E::URI)?)?)
    }
}

impl State {
    /// A packet on a stream that repeats another, of which the host has not said which: it may say so itself.
    pub(crate) fn find_repaired(&mut self, ssrc: u32, packet: &RtpPacket, now: Instant) {
        let Some(told) = self.remote.told(ssrc).filter(|told| told.repairs.is_none()) else { return };
        let Some(RepairedRid(rid)) = told.read(packet) else { return };
        let mid = told.read::<Mid>(packet);
        let is_meant = |other: &Told| {
            other.stream.rid == rid.as_str() && mid.is_none_or(|mid| other.stream.mid == mid.as_str())
        };
        let Some(media) = self.remote.find(is_meant) else { return };
        self.remote.associate(ssrc, media, packet.payload_type());
        self.refresh_remote(media, now);
    }
}
