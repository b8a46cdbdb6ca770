//! What is known about a packet besides its bytes.

use std::fmt;
use std::time::Instant;

use crate::Attributes;

/// What is known about a packet besides its bytes. Costs no allocation while [`attributes`](Self::attributes) is empty.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct PacketInfo {
    /// When the packet came off the wire; `None` for packets that did not, or whose transport did not say.
    pub arrival: Option<Instant>,
    /// The ECN bits of the IP header that carried it (RFC 3168 §5); `None` when the transport does not tell.
    pub ecn: Option<Ecn>,
    /// Why the packet exists.
    pub origin: Origin,
    /// How a packet that was lost came back; `None` for one that was not.
    pub recovered_by: Option<Recovery>,
    /// The packet has passed the chain before, while no stream had its SSRC, and passes it again now that one has.
    /// Who records what crosses the wire has it already.
    pub seen_unbound: bool,
    /// Which of several networks carries the packet, where one stream goes over several at once (RFC 7198, SMPTE ST
    /// 2022-7): the one it came over, or is to leave by. 0, the first, unless somebody says otherwise.
    pub path: u8,
    /// The cluster of packets that this one was sent with to find out what the path can carry, by the number that who
    /// asked for the probe gave it; `None` outside of probes.
    pub probe: Option<u8>,
    /// Anything else, one value a type.
    pub attributes: Attributes,
}

const _: () = assert!(size_of::<PacketInfo>() <= 32, "every packet carries one");

impl fmt::Debug for PacketInfo {
    /// What is known; what is as in the default is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arrival, ecn, origin, recovered_by, seen_unbound, path, probe, attributes } = self;
        let mut info = f.debug_struct("PacketInfo");
        if let Some(arrival) = arrival {
            info.field("arrival", arrival);
        }
        if let Some(ecn) = ecn {
            info.field("ecn", ecn);
        }
        if *origin != Origin::default() {
            info.field("origin", origin);
        }
        if let Some(recovered_by) = recovered_by {
            info.field("recovered_by", recovered_by);
        }
        if *seen_unbound {
            info.field("seen_unbound", seen_unbound);
        }
        if *path != 0 {
            info.field("path", path);
        }
        if let Some(probe) = probe {
            info.field("probe", probe);
        }
        if !attributes.is_empty() {
            info.field("attributes", attributes);
        }
        info.finish()
    }
}

/// The two ECN bits of an IP header (RFC 3168 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Ecn {
    /// The sender does not take part.
    NotEct = 0b00,
    /// ECN-capable, codepoint 1 (L4S, RFC 9331).
    Ect1 = 0b01,
    /// ECN-capable, codepoint 0.
    Ect0 = 0b10,
    /// Congestion experienced.
    Ce = 0b11,
}

impl Ecn {
    /// The codepoint in the two low bits of `bits`; the other bits (DSCP) are ignored.
    #[inline]
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        match bits & 0b11 {
            0b00 => Self::NotEct,
            0b01 => Self::Ect1,
            0b10 => Self::Ect0,
            _ => Self::Ce,
        }
    }

    /// The two bits.
    #[inline]
    #[must_use]
    pub const fn bits(self) -> u8 {
        self as u8
    }
}

/// Why a packet exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// The application's media.
    #[default]
    Media,
    /// A copy of an earlier packet (RFC 4588, or a plain repeat).
    Retransmission,
    /// A forward error correction repair packet.
    FecRepair,
    /// Only padding, to probe or to keep a path alive.
    Padding,
}

/// How a lost packet came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Recovery {
    /// From a retransmission.
    Rtx,
    /// From forward error correction.
    Fec,
}
