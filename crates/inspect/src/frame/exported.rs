//! Wireshark's "Exported PDU": tags, then what one protocol carried.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Datagram, Frame, half};
use crate::Endpoints;

const END: u16 = 0;
const PROTOCOL: u16 = 12;
const IPV4_SRC: u16 = 20;
const IPV4_DST: u16 = 21;
const IPV6_SRC: u16 = 22;
const IPV6_DST: u16 = 23;
const PORT_TYPE: u16 = 24;
const SRC_PORT: u16 = 25;
const DST_PORT: u16 = 26;
/// The port type of UDP.
const UDP: u32 = 3;

pub(super) fn dissect(data: &[u8], wire_len: usize) -> Frame<'_> {
    tags(data, wire_len).unwrap_or(Frame::Other)
}

fn tags(data: &[u8], wire_len: usize) -> Option<Frame<'_>> {
    let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);
    let mut endpoints = Endpoints { src: nowhere, dst: nowhere };
    let (mut declared, mut is_udp) = (false, true);
    let mut rest = data;
    loop {
        let (tag, len) = (half(rest, 0)?, usize::from(half(rest, 2)?));
        let value = rest.get(4..4 + len)?;
        rest = rest.get(4 + len.next_multiple_of(4)..)?;
        let number = || value.first_chunk().copied().map(u32::from_be_bytes);
        let v4 = || value.first_chunk::<4>().map(|bytes| IpAddr::from(Ipv4Addr::from(*bytes)));
        let v6 = || value.first_chunk::<16>().map(|bytes| IpAddr::from(Ipv6Addr::from(*bytes)));
        match tag {
            END => break,
            PROTOCOL => {
                let name = value.split(|byte| *byte == 0).next().unwrap_or_default();
                declared = matches!(name, b"rtp" | b"rtcp");
                if !declared && !matches!(name, b"udp" | b"sdp") {
                    return None;
                }
            }
            IPV4_SRC => endpoints.src.set_ip(v4()?),
            IPV4_DST => endpoints.dst.set_ip(v4()?),
            IPV6_SRC => endpoints.src.set_ip(v6()?),
            IPV6_DST => endpoints.dst.set_ip(v6()?),
            PORT_TYPE => is_udp = number()? == UDP,
            SRC_PORT => endpoints.src.set_port(number()? as u16),
            DST_PORT => endpoints.dst.set_port(number()? as u16),
            _ => {}
        }
    }
    if !declared && !is_udp {
        return None;
    }
    let before = data.len() - rest.len();
    let wire_len = wire_len.saturating_sub(before).max(rest.len());
    Some(Frame::Udp(Datagram { endpoints, payload: rest, wire_len, declared }))
}
