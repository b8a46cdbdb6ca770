//! From a captured frame to the UDP datagram in it.

mod exported;
mod ip;

use crate::Endpoints;

/// What a frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A UDP datagram.
    Udp(Datagram<'a>),
    /// A part of a datagram, which is not put together.
    Fragment,
    /// Anything else.
    Other,
    /// The link type is not understood.
    UnknownLink,
}

/// The payload of a UDP datagram.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram<'a> {
    /// From where to where.
    pub endpoints: Endpoints,
    /// What the capture has of the payload.
    pub payload: &'a [u8],
    /// How long it was on the wire, in bytes; more than `payload` has when the capture cut it.
    pub wire_len: usize,
    /// It is known to be RTP or RTCP: one packet makes a stream, without waiting for more in sequence.
    pub declared: bool,
}

impl<'a> Datagram<'a> {
    /// A whole datagram of which it is not known whether it is RTP.
    #[must_use]
    pub const fn new(endpoints: Endpoints, payload: &'a [u8]) -> Self {
        Self { endpoints, payload, wire_len: payload.len(), declared: false }
    }

    /// It is known to be RTP or RTCP.
    #[must_use]
    pub const fn declared(mut self) -> Self {
        self.declared = true;
        self
    }

    /// Its length on the wire, in bytes, where the capture has cut it; less than there is counts as what there is.
    #[must_use]
    pub const fn with_wire_len(mut self, wire_len: usize) -> Self {
        if wire_len > self.payload.len() {
            self.wire_len = wire_len;
        }
        self
    }
}

/// Takes a frame of a link type (<https://www.tcpdump.org/linktypes.html>) apart; it was `wire_len` bytes long before
/// the capture cut it. No input panics.
#[must_use]
pub fn dissect(link: u16, data: &[u8], wire_len: usize) -> Frame<'_> {
    let cut = wire_len.saturating_sub(data.len());
    let ip = match link {
        0 => loopback(data),
        1 => ethernet(data),
        12 | 14 | 101 | 228 | 229 => Some(data),
        108 => data.get(4..),
        113 => by_type(data, 14, 16),
        252 => return exported::dissect(data, wire_len),
        276 => by_type(data, 0, 20),
        _ => return Frame::UnknownLink,
    };
    ip.map_or(Frame::Other, |ip| ip::dissect(ip, cut))
}

/// The name of a link type, `None` when it is not understood.
#[must_use]
pub const fn link_name(link: u16) -> Option<&'static str> {
    Some(match link {
        0 => "BSD loopback",
        1 => "Ethernet",
        12 | 14 | 101 => "raw IP",
        108 => "OpenBSD loopback",
        113 => "Linux cooked (SLL)",
        228 => "raw IPv4",
        229 => "raw IPv6",
        252 => "Exported PDU",
        276 => "Linux cooked v2 (SLL2)",
        _ => return None,
    })
}

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// Ethernet, with any number of VLAN tags (IEEE 802.1Q, 802.1ad).
fn ethernet(data: &[u8]) -> Option<&[u8]> {
    let mut at = 12;
    while matches!(half(data, at)?, 0x8100 | 0x88a8 | 0x9100) {
        at += 4;
    }
    matches!(half(data, at)?, IPV4 | IPV6).then(|| data.get(at + 2..)).flatten()
}

/// An EtherType at `at`, then from `start` on the packet, with any number of VLAN tags before it.
fn by_type(data: &[u8], mut at: usize, mut start: usize) -> Option<&[u8]> {
    while matches!(half(data, at)?, 0x8100 | 0x88a8) {
        (at, start) = (start + 2, start + 4);
    }
    matches!(half(data, at)?, IPV4 | IPV6).then(|| data.get(start..)).flatten()
}

/// An address family in the byte order of the machine that captured.
fn loopback(data: &[u8]) -> Option<&[u8]> {
    let (family, rest) = data.split_first_chunk()?;
    let family = u32::from_le_bytes(*family);
    // AF_INET is 2 everywhere, AF_INET6 is 10, 24, 28 or 30.
    let known = |family| matches!(family, 2 | 10 | 24 | 28 | 30);
    (known(family) || known(family.swap_bytes())).then_some(rest)
}

fn half(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().copied().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_vlan_tags_takes_no_stack() {
        let tags = [0x81, 0, 0, 1].repeat(1 << 20);
        for (link, before) in [(1, 12), (113, 14), (276, 0)] {
            let frame = [&vec![0; before], &tags[..]].concat();
            assert_eq!(dissect(link, &frame, frame.len()), Frame::Other);
        }
    }
}
