//! What a TURN relay and its client wrap datagrams in (RFC 8656).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::span::Span;
use super::{Datagram, Frame};
use crate::Endpoints;

const MAGIC_COOKIE: u32 = 0x2112_a442;
const SEND_INDICATION: u16 = 0x0016;
const DATA_INDICATION: u16 = 0x0017;
const XOR_PEER_ADDRESS: u16 = 0x0012;
const DATA: u16 = 0x0013;
const HEADER: usize = 20;
/// Attributes of one message that are looked at.
const MAX_ATTRIBUTES: usize = 16;

/// What is wrapped in `span`, `None` when it is not TURN's.
pub(super) fn dissect<'a>(endpoints: Endpoints, span: Span<'a>) -> Option<Frame<'a>> {
    match span.half(0)? {
        0x4000..=0x4fff => channel_data(endpoints, span),
        SEND_INDICATION => indication(endpoints, span, |peer| Endpoints { dst: peer, ..endpoints }),
        DATA_INDICATION => indication(endpoints, span, |peer| Endpoints { src: peer, ..endpoints }),
        _ => None,
    }
}

/// RFC 8656 §12.4: a channel, a length, and over UDP at most three bytes of padding. Only the client and the relay know the
/// peer's address, so theirs are shown.
fn channel_data<'a>(endpoints: Endpoints, span: Span<'a>) -> Option<Frame<'a>> {
    let len = usize::from(span.half(2)?);
    let inner = span.behind(4)?;
    if !(len..len + 4).contains(&inner.wire_len) {
        return None;
    }
    Some(datagram(endpoints, inner.of_len(len)))
}

/// RFC 8656 §11: the peer's address, and what it sends or gets.
fn indication<'a>(
    endpoints: Endpoints,
    span: Span<'a>,
    with: impl FnOnce(SocketAddr) -> Endpoints,
) -> Option<Frame<'a>> {
    if span.word(4)? != MAGIC_COOKIE {
        return None;
    }
    let (mut peer, mut data) = (None, None);
    let mut at = HEADER;
    for _ in 0..MAX_ATTRIBUTES {
        let (Some(kind), Some(len)) = (span.half(at), span.half(at + 2)) else { break };
        let len = usize::from(len);
        let Some(value) = span.behind(at + 4) else { break };
        let value = value.of_len(len.min(value.wire_len));
        match kind {
            XOR_PEER_ADDRESS => peer = address(value, span),
            DATA => data = Some(value),
            _ => {}
        }
        at += 4 + len.next_multiple_of(4);
    }
    let endpoints = peer.map_or(endpoints, with);
    Some(data.map_or(Frame::Other, |data| datagram(endpoints, data)))
}

/// RFC 8489 §14.2: a family, the port and the address; mixed with the cookie, and with the transaction behind it.
fn address(value: Span<'_>, message: Span<'_>) -> Option<SocketAddr> {
    let port = value.half(2)? ^ (MAGIC_COOKIE >> 16) as u16;
    let mask: [u8; 16] = *message.data.get(4..)?.first_chunk()?;
    let address = match value.byte(1)? {
        1 => Ipv4Addr::from(value.word(4)? ^ MAGIC_COOKIE).into(),
        2 => {
            let mixed = u128::from_be_bytes(*value.data.get(4..)?.first_chunk()?);
            Ipv6Addr::from(mixed ^ u128::from_be_bytes(mask)).into()
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, port))
}

fn datagram<'a>(endpoints: Endpoints, span: Span<'a>) -> Frame<'a> {
    Frame::Udp(Datagram { endpoints, payload: span.data, wire_len: span.wire_len, declared: false })
}
