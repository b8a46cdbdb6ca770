//! Packets in packets: GRE, and tunnels over UDP.

use super::Frame;
use super::link::is_ethernet;
use super::opaque::Encapsulation;
use super::span::Span;
use super::walk::Walk;
use crate::Endpoints;

/// RFC 7348 §5.
pub(super) const VXLAN: u16 = 4789;
/// What Linux took before there was a number.
pub(super) const VXLAN_LINUX: u16 = 8472;
/// 3GPP TS 29.281 §4.4.2.
pub(super) const GTP_U: u16 = 2152;
/// RFC 8926 §3.3.
pub(super) const GENEVE: u16 = 6081;
/// RFC 3948 §2.
const ESP_OVER_UDP: u16 = 4500;
/// RFC 2661 §8.1.
const L2TP: u16 = 1701;
/// RFC 4380 §2.7: IPv6 behind address translators.
pub(super) const TEREDO: u16 = 3544;
/// What `wg` takes in its examples.
const WIRE_GUARD: u16 = 51_820;
/// Extension headers of one packet.
const MAX_EXTENSIONS: usize = 8;

impl Walk {
    /// RFC 2784 §2, RFC 2890 §2: flags and version, an `EtherType`, then what the flags say. Version 1 (RFC 2637 §4.1)
    /// has a key always and may have an acknowledgment.
    #[cold]
    pub(super) fn gre<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        let (flags, kind) = (span.half(0)?, span.half(2)?);
        // RFC 1701: a list of routes, as long as it is.
        if flags & 0x4000 != 0 {
            return Some(Frame::Opaque(Encapsulation::RoutedGre));
        }
        let set = |bit: u16| usize::from(flags & bit != 0);
        let version = flags & 7;
        let acknowledgment = if version == 1 { set(0x0080) } else { 0 };
        let header_len = 4 + 4 * (set(0x8000) + set(0x2000) + set(0x1000) + acknowledgment);
        let inner = span.behind(header_len)?;
        self.inside(|walk| match (version, kind) {
            (2.., _) => Some(Frame::Other),
            // A mirrored port: without numbers there is no header, else one of 8 bytes, or 12 and perhaps 8 more.
            (_, 0x88be) => walk.ethernet(inner.behind(8 * set(0x1000))?),
            (_, 0x22eb) => {
                let more = usize::from(inner.byte(11)? & 1);
                walk.ethernet(inner.behind(12 + 8 * more)?)
            }
            _ => walk.by_type(kind, inner),
        })
    }

    /// RFC 7348 §5: a flag that there is a network number, that number, then an Ethernet frame.
    pub(super) fn vxlan<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        if span.byte(0)? & 0x08 == 0 {
            return None;
        }
        let inner = span.behind(8)?;
        self.inside(|walk| walk.ethernet(inner)).or_else(|| Some(inner.missing()))
    }

    /// RFC 8926 §3.4: version and length of the options in words, flags, an `EtherType`, a network number, options.
    pub(super) fn geneve<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        let first = span.byte(0)?;
        if first >> 6 != 0 {
            return None;
        }
        let (kind, inner) = (span.half(2)?, span.behind(8 + 4 * usize::from(first & 0x3f))?);
        self.inside(|walk| walk.by_type(kind, inner)).or_else(|| Some(inner.missing()))
    }

    /// 3GPP TS 29.281 §5.1: flags, a type, a length, the tunnel; four bytes if any flag is set, of which the last announces
    /// extension headers, each of which announces the next one in its last byte.
    pub(super) fn gtp_u<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        const PACKET: u8 = 255;
        let flags = span.byte(0)?;
        // Version 1, not the charging protocol.
        if flags >> 4 != 0b0011 {
            return None;
        }
        if span.byte(1)? != PACKET {
            return Some(Frame::Other);
        }
        let len = span.half(2)?.into();
        let span = span.behind(8)?.of_len(len);
        let mut at = 0;
        if flags & 0b0111 != 0 {
            at = 4;
            let mut next = if flags & 0b0100 == 0 { 0 } else { span.byte(3)? };
            for _ in 0..MAX_EXTENSIONS {
                if next == 0 {
                    break;
                }
                let len = 4 * usize::from(span.byte(at)?.max(1));
                next = span.byte(at + len - 1)?;
                at += len;
            }
            if next != 0 {
                return Some(Frame::Other);
            }
        }
        let inner = span.behind(at)?;
        // A 5G session may carry Ethernet; nobody says so.
        let is_packet = matches!(inner.byte(0)? >> 4, 4 | 6);
        let bridged = !is_packet || is_ethernet(inner) && !is_ip(inner);
        let frame = self.inside(|walk| if bridged { walk.ethernet(inner) } else { walk.ip(inner) });
        frame.or_else(|| Some(inner.missing()))
    }
}

/// Whether a packet is as long as it would be if it were IP.
fn is_ip(span: Span<'_>) -> bool {
    let len = match span.byte(0).map(|first| first >> 4) {
        Some(4) => span.half(2).map(usize::from),
        Some(6) => span.half(4).map(|payload| 40 + usize::from(payload)),
        _ => None,
    };
    len == Some(span.wire_len)
}

/// What a datagram's ports and first bytes say it hides.
pub(super) fn opaque(endpoints: Endpoints, span: Span<'_>) -> Option<Encapsulation> {
    let has = |port| endpoints.src.port() == port || endpoints.dst.port() == port;
    match span.data {
        // RFC 3948 §2.2: four zeros would be a key exchange, one byte keeps the way open.
        [_, _, _, _, ..] if has(ESP_OVER_UDP) && span.word(0) != Some(0) => Some(Encapsulation::Esp),
        // RFC 2661 §3.1: no control message, version 2 or 3.
        [flags, version, ..] if has(L2TP) && flags >> 7 == 0 && matches!(version & 0xf, 2 | 3) => {
            Some(Encapsulation::L2tp)
        }
        [4, 0, 0, 0, ..] if has(WIRE_GUARD) => Some(Encapsulation::WireGuard),
        _ => None,
    }
}
