//! Headers of links, up to the packet that they carry.

use super::Frame;
use super::opaque::Encapsulation;
use super::span::Span;
use super::walk::Walk;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
/// Ethernet bridged through another protocol.
const TRANSPARENT_ETHERNET: u16 = 0x6558;
const MPLS: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
const PPPOE_SESSION: u16 = 0x8864;
const PPP: u16 = 0x880b;
const MACSEC: u16 = 0x88e5;
/// Labels of one packet.
const MAX_LABELS: usize = 16;

impl Walk {
    #[inline]
    pub(super) fn ethernet<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        self.tagged(span, 12, 14)
    }

    /// An `EtherType` at `at`, then from `start` on what it says, with any number of VLAN tags (IEEE 802.1Q, 802.1ad)
    /// before it.
    #[inline]
    pub(super) fn tagged<'a>(
        &mut self,
        span: Span<'a>,
        mut at: usize,
        mut start: usize,
    ) -> Option<Frame<'a>> {
        let mut kind = span.half(at)?;
        while matches!(kind, 0x8100 | 0x88a8 | 0x9100) {
            (at, start) = (start + 2, start + 4);
            kind = span.half(at)?;
        }
        self.by_type(kind, span.behind(start)?)
    }

    /// What an `EtherType` announces.
    #[inline]
    pub(super) fn by_type<'a>(&mut self, kind: u16, span: Span<'a>) -> Option<Frame<'a>> {
        match kind {
            IPV4 | IPV6 => self.ip(span),
            TRANSPARENT_ETHERNET => self.inside(|walk| walk.ethernet(span)),
            MPLS | MPLS_MULTICAST => self.inside(|walk| walk.mpls(span)),
            PPPOE_SESSION => self.pppoe(span),
            PPP => self.inside(|walk| walk.ppp(span)),
            MACSEC => Some(Frame::Opaque(Encapsulation::Macsec)),
            // IEEE 802.3: a length; then IEEE 802.2 with an EtherType (RFC 1042).
            0..=1500 if span.data.starts_with(&[0xaa, 0xaa, 3, 0, 0, 0]) => {
                let inner = span.of_len(kind.into()).behind(8)?;
                self.inside(|walk| walk.by_type(span.half(6)?, inner))
            }
            _ => Some(Frame::Other),
        }
    }

    /// RFC 2516 §4: version and type, a code, the session, a length; then PPP.
    #[cold]
    pub(super) fn pppoe<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        if span.half(0)? != 0x1100 {
            return Some(Frame::Other);
        }
        let len = span.half(4)?.into();
        let ppp = span.behind(6)?.of_len(len);
        self.inside(|walk| walk.ppp(ppp))
    }

    /// RFC 1661 §2 and §6.5, behind the address and control bytes of RFC 1662 §3.1 if they are there. A protocol whose
    /// first byte is odd has one byte.
    pub(super) fn ppp<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        let span = if span.byte(0)? == 0xff && span.byte(1)? == 3 { span.behind(2)? } else { span };
        let first = span.byte(0)?;
        let (protocol, inner) = match first & 1 {
            1 => (first.into(), span.behind(1)?),
            _ => (span.half(0)?, span.behind(2)?),
        };
        match protocol {
            0x0021 | 0x0057 => self.ip(inner),
            0x0281 | 0x0283 => self.inside(|walk| walk.mpls(inner)),
            // RFC 1962 §2, RFC 1968 §2, one link of several as well; RFC 1990: parts of packets.
            0x00fd | 0x00fb | 0x0053 | 0x0055 | 0x003d => Some(Frame::Opaque(Encapsulation::CompressedPpp)),
            _ => Some(Frame::Other),
        }
    }

    /// Cisco's HDLC, as PPP on a serial line may also be: an address, nothing, an `EtherType`.
    pub(super) fn serial<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        match span.data {
            [0x0f | 0x8f, 0, ..] => self.by_type(span.half(2)?, span.behind(4)?),
            _ => self.ppp(span),
        }
    }

    /// RFC 3032 §2.1: labels, the last of which has a bit set. What they carry nobody says: IP, or a pseudowire
    /// (RFC 4385 §3: four bytes that begin with a zero nibble) with Ethernet.
    pub(super) fn mpls<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        for labels in 1..=MAX_LABELS {
            if span.byte(4 * labels - 2)? & 1 == 1 {
                let inner = span.behind(4 * labels)?;
                return match inner.byte(0)? >> 4 {
                    4 | 6 => self.ip(inner),
                    0 if !is_ethernet(inner) => self.ethernet(inner.behind(4)?),
                    _ => self.ethernet(inner),
                };
            }
        }
        Some(Frame::Other)
    }
}

/// Whether an `EtherType` that is understood stands where one would.
pub(super) fn is_ethernet(span: Span<'_>) -> bool {
    matches!(span.half(12), Some(IPV4 | IPV6 | MPLS | PPPOE_SESSION | 0x8100 | 0x88a8))
}
