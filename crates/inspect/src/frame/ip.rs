//! IPv4, IPv6 and UDP headers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Datagram, Frame, half};
use crate::Endpoints;

const UDP: u8 = 17;
/// Extension headers of one packet that are walked past.
const MAX_EXTENSIONS: usize = 8;

/// Takes an IP packet apart, of which the capture has cut `cut` bytes.
pub(super) fn dissect(data: &[u8], cut: usize) -> Frame<'_> {
    let dissected = match data.first().map(|first| first >> 4) {
        Some(4) => ipv4(data, cut),
        Some(6) => ipv6(data, cut),
        _ => None,
    };
    dissected.unwrap_or(Frame::Other)
}

fn ipv4(data: &[u8], cut: usize) -> Option<Frame<'_>> {
    let header: &[u8; 20] = data.first_chunk()?;
    let header_len = usize::from(header[0] & 0xf) * 4;
    if header_len < 20 || header[9] != UDP {
        return None;
    }
    // RFC 791: more fragments, or not the first.
    if u16::from_be_bytes([header[6], header[7]]) & 0x3fff != 0 {
        return Some(Frame::Fragment);
    }
    let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *header;
    let (src, dst) = (Ipv4Addr::new(s0, s1, s2, s3), Ipv4Addr::new(d0, d1, d2, d3));
    // 0: the network card was to cut the packet into smaller ones.
    let total = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
        0 => data.len() + cut,
        total => total,
    };
    let payload = data.get(header_len..total.min(data.len()))?;
    udp(src.into(), dst.into(), payload, total.saturating_sub(header_len))
}

fn ipv6(data: &[u8], cut: usize) -> Option<Frame<'_>> {
    let header: &[u8; 40] = data.first_chunk()?;
    let address = |at: usize| header.get(at..).and_then(|rest| rest.first_chunk::<16>()).copied();
    let (src, dst) = (Ipv6Addr::from(address(8)?), Ipv6Addr::from(address(24)?));
    let total = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
        0 => data.len() + cut,
        payload => 40 + payload,
    };
    let (mut next, mut at) = (header[6], 40);
    for _ in 0..MAX_EXTENSIONS {
        match next {
            UDP => {
                let payload = data.get(at..total.min(data.len()))?;
                return udp(src.into(), dst.into(), payload, total.saturating_sub(at));
            }
            // RFC 8200 §4: hop-by-hop, routing and destination options count eight bytes beyond the first eight.
            0 | 43 | 60 => {
                next = *data.get(at)?;
                at += 8 + 8 * usize::from(*data.get(at + 1)?);
            }
            // RFC 4302 §2.2: the authentication header counts four bytes, less two.
            51 => {
                next = *data.get(at)?;
                at += 8 + 4 * usize::from(*data.get(at + 1)?);
            }
            44 => {
                if half(data, at + 2)? & 0xfff9 != 0 {
                    return (*data.get(at)? == UDP).then_some(Frame::Fragment);
                }
                next = *data.get(at)?;
                at += 8;
            }
            _ => return None,
        }
    }
    None
}

fn udp(src: IpAddr, dst: IpAddr, data: &[u8], on_wire: usize) -> Option<Frame<'_>> {
    let (header, payload) = data.split_first_chunk::<8>()?;
    let [s0, s1, d0, d1, l0, l1, ..] = *header;
    let endpoints = Endpoints {
        src: SocketAddr::new(src, u16::from_be_bytes([s0, s1])),
        dst: SocketAddr::new(dst, u16::from_be_bytes([d0, d1])),
    };
    let on_wire = on_wire.saturating_sub(8);
    let wire_len = match usize::from(u16::from_be_bytes([l0, l1])) {
        0..8 => on_wire,
        len => (len - 8).min(on_wire),
    };
    let payload = payload.get(..wire_len.min(payload.len()))?;
    Some(Frame::Udp(Datagram { endpoints, payload, wire_len, declared: false }))
}
