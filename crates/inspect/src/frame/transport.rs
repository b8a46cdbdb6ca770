//! What IP carries: UDP, TCP, and tunnels.

use std::net::SocketAddr;

use super::ip::{Addresses, UDP};
use super::opaque::Encapsulation;
use super::span::Span;
use super::walk::Walk;
use super::{Datagram, Frame, Segment, tunnel, turn};
use crate::Endpoints;

const IPV4: u8 = 4;
const TCP: u8 = 6;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const ESP: u8 = 50;
const ETHER_IP: u8 = 97;
const L2TP: u8 = 115;
const MPLS: u8 = 137;

impl Walk {
    /// What follows an IP header (<https://www.iana.org/assignments/protocol-numbers>).
    #[inline]
    pub(super) fn protocol<'a>(&mut self, number: u8, of: Addresses, span: Span<'a>) -> Option<Frame<'a>> {
        match number {
            UDP => self.udp(of, span),
            TCP => tcp(of, span),
            IPV4 | IPV6 => self.inside(|walk| walk.ip(span)),
            GRE => self.gre(span),
            ESP => Some(Frame::Opaque(Encapsulation::Esp)),
            // RFC 3378 §3: a version, then an Ethernet frame.
            ETHER_IP => self.inside(|walk| walk.ethernet(span.behind(2)?)),
            L2TP => Some(Frame::Opaque(Encapsulation::L2tp)),
            MPLS => self.inside(|walk| walk.mpls(span)),
            _ => Some(Frame::Other),
        }
    }

    #[inline]
    fn udp<'a>(&mut self, of: Addresses, span: Span<'a>) -> Option<Frame<'a>> {
        let [s0, s1, d0, d1, l0, l1, ..] = *span.data.first_chunk::<8>()?;
        let endpoints = endpoints(of, [s0, s1, d0, d1]);
        let payload = span.behind(8)?;
        let wire_len = match usize::from(u16::from_be_bytes([l0, l1])) {
            0..8 => payload.wire_len,
            len => (len - 8).min(payload.wire_len),
        };
        let payload = payload.of_len(wire_len);
        // RFC 7983 §7: RTP and RTCP begin with 128 or more, no tunnel over UDP does.
        if let Some(..128) = payload.byte(0)
            && let Some(inner) = self.over_udp(endpoints, payload)
        {
            return Some(inner);
        }
        Some(Frame::Udp(Datagram {
            endpoints,
            payload: payload.data,
            wire_len: payload.wire_len,
            declared: false,
        }))
    }

    /// What is wrapped in a datagram, `None` when nothing is that anybody knows.
    #[cold]
    fn over_udp<'a>(&mut self, endpoints: Endpoints, span: Span<'a>) -> Option<Frame<'a>> {
        let has = |port| endpoints.src.port() == port || endpoints.dst.port() == port;
        if has(tunnel::VXLAN) || has(tunnel::VXLAN_LINUX) {
            return self.vxlan(span);
        }
        if has(tunnel::GTP_U) {
            return self.gtp_u(span);
        }
        if has(tunnel::GENEVE) {
            return self.geneve(span);
        }
        if has(tunnel::TEREDO) && span.byte(0)? >> 4 == 6 {
            return self.inside(|walk| walk.ip(span)).or_else(|| Some(span.missing()));
        }
        turn::dissect(endpoints, span).or_else(|| tunnel::opaque(endpoints, span).map(Frame::Opaque))
    }
}

fn endpoints(of: Addresses, [s0, s1, d0, d1]: [u8; 4]) -> Endpoints {
    Endpoints {
        src: SocketAddr::new(of.src, u16::from_be_bytes([s0, s1])),
        dst: SocketAddr::new(of.dst, u16::from_be_bytes([d0, d1])),
    }
}

/// RFC 9293 §3.1.
#[cold]
fn tcp<'a>(of: Addresses, span: Span<'a>) -> Option<Frame<'a>> {
    let [s0, s1, d0, d1, q0, q1, q2, q3, _, _, _, _, offset, flags, ..] = *span.data.first_chunk::<20>()?;
    let header_len = usize::from(offset >> 4) * 4;
    if header_len < 20 {
        return Some(Frame::Other);
    }
    let payload = span.behind(header_len)?;
    Some(Frame::Tcp(Segment {
        endpoints: endpoints(of, [s0, s1, d0, d1]),
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
        is_first: flags & 0b0010 != 0,
        payload: payload.data,
        wire_len: payload.wire_len,
    }))
}
