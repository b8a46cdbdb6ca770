//! From a captured frame to the UDP datagram or TCP segment in it, out of whatever tunnels.

mod exported;
mod ip;
mod link;
mod opaque;
mod span;
mod transport;
mod tunnel;
mod turn;
mod walk;

pub use self::opaque::Encapsulation;
use self::span::Span;
use self::walk::Walk;
use crate::Endpoints;

/// What a frame holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// A UDP datagram, or the first fragment of one: that has all headers, and says how long the whole is.
    Udp(Datagram<'a>),
    /// A TCP segment.
    Tcp(Segment<'a>),
    /// A later fragment of a UDP datagram.
    Fragment,
    /// Something known to carry packets that cannot be seen.
    Opaque(Encapsulation),
    /// The capture cut it off before the end of its headers.
    Cut,
    /// Anything else.
    Other,
    /// The link type is not understood.
    UnknownLink,
}

impl Frame<'_> {
    /// From where to where, of a datagram or a segment.
    #[must_use]
    pub const fn endpoints(&self) -> Option<Endpoints> {
        match self {
            Self::Udp(datagram) => Some(datagram.endpoints),
            Self::Tcp(segment) => Some(segment.endpoints),
            _ => None,
        }
    }
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

/// A segment of a TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Segment<'a> {
    /// From where to where.
    pub endpoints: Endpoints,
    /// Sequence number of the first byte, or of the SYN before it.
    pub seq: u32,
    /// It begins a connection (SYN).
    pub is_first: bool,
    /// What the capture has of the payload.
    pub payload: &'a [u8],
    /// How long the payload was on the wire, in bytes.
    pub wire_len: usize,
}

/// Tells the fragments of one IP packet from those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FragmentId(u64);

#[cfg(test)]
impl FragmentId {
    pub(super) const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// Which part of an IP packet a frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    First(FragmentId),
    Later(FragmentId),
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
/// the capture cut it. Tunnels are looked into, eight in each other at most; addresses are the innermost. No input panics.
#[must_use]
pub fn dissect(link: u16, data: &[u8], wire_len: usize) -> Frame<'_> {
    dissect_part(link, data, wire_len).0
}

/// As [`dissect`]; says which part of a packet it is, too.
#[inline]
pub(super) fn dissect_part(link: u16, data: &[u8], wire_len: usize) -> (Frame<'_>, Part) {
    let (mut walk, span) = (Walk::default(), Span::new(data, wire_len));
    let frame = match link {
        0 => loopback(&mut walk, span),
        1 => walk.ethernet(span),
        9 => walk.ppp(span),
        12 | 14 | 101 | 228 | 229 => walk.ip(span),
        50 | 104 => walk.serial(span),
        51 => walk.pppoe(span),
        108 => span.behind(4).and_then(|span| walk.ip(span)),
        113 => walk.tagged(span, 14, 16),
        252 => Some(exported::dissect(data, wire_len)),
        276 => walk.tagged(span, 0, 20),
        _ => Some(Frame::UnknownLink),
    };
    let part = match walk.fragment {
        None => Part::Whole,
        Some(id) if walk.is_first_fragment => Part::First(id),
        Some(id) => Part::Later(id),
    };
    (frame.unwrap_or_else(|| span.missing()), part)
}

/// The name of a link type, `None` when it is not understood.
#[must_use]
pub const fn link_name(link: u16) -> Option<&'static str> {
    Some(match link {
        0 => "BSD loopback",
        1 => "Ethernet",
        9 => "PPP",
        12 | 14 | 101 => "raw IP",
        50 => "PPP on a serial line",
        51 => "PPPoE",
        104 => "Cisco HDLC",
        108 => "OpenBSD loopback",
        113 => "Linux cooked (SLL)",
        228 => "raw IPv4",
        229 => "raw IPv6",
        252 => "Exported PDU",
        276 => "Linux cooked v2 (SLL2)",
        _ => return None,
    })
}

/// An address family in the byte order of the machine that captured, then the packet.
fn loopback<'a>(walk: &mut Walk, span: Span<'a>) -> Option<Frame<'a>> {
    // AF_INET is 2 everywhere, AF_INET6 is 10, 24, 28 or 30.
    let known = |family| matches!(family, 2 | 10 | 24 | 28 | 30);
    let family = span.word(0)?;
    if !known(family) && !known(family.swap_bytes()) {
        return Some(Frame::Other);
    }
    walk.ip(span.behind(4)?)
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
