//! IPv4 and IPv6 headers, and which of their fragments belong together.

use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::span::Span;
use super::walk::Walk;
use super::{FragmentId, Frame};

pub(super) const UDP: u8 = 17;
/// Extension headers of one packet that are walked past.
const MAX_EXTENSIONS: usize = 8;
/// A datagram has no more bytes, however many fragments it came in.
const LONGEST: usize = 65_535;

/// Source and destination of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Addresses {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
}

impl Walk {
    /// IPv4 or IPv6, as the first four bits say.
    #[inline]
    pub(super) fn ip<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        match span.byte(0)? >> 4 {
            4 => self.ipv4(span),
            6 => self.ipv6(span),
            _ => Some(Frame::Other),
        }
    }

    fn ipv4<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        let header: &[u8; 20] = span.data.first_chunk()?;
        let header_len = usize::from(header[0] & 0xf) * 4;
        if header_len < 20 {
            return Some(Frame::Other);
        }
        let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *header;
        let (src, dst) = (Ipv4Addr::new(s0, s1, s2, s3).into(), Ipv4Addr::new(d0, d1, d2, d3).into());
        // 0: the network card was to cut the packet into smaller ones.
        let total = match usize::from(u16::from_be_bytes([header[2], header[3]])) {
            0 => span.wire_len,
            total => total,
        };
        let payload = span.of_len(total).behind(header_len)?;
        // RFC 791 §3.1: more fragments follow, or the place of this one in units of eight bytes.
        let fragment = u16::from_be_bytes([header[6], header[7]]) & 0x3fff;
        let of = Addresses { src, dst };
        if fragment == 0 {
            return self.protocol(header[9], of, payload);
        }
        let id = u32::from(u16::from_be_bytes([header[4], header[5]]));
        self.fragment(fragment & 0x1fff == 0, id, header[9], of, payload)
    }

    fn ipv6<'a>(&mut self, span: Span<'a>) -> Option<Frame<'a>> {
        let header: &[u8; 40] = span.data.first_chunk()?;
        let address = |at: usize| header.get(at..).and_then(|rest| rest.first_chunk::<16>()).copied();
        let of =
            Addresses { src: Ipv6Addr::from(address(8)?).into(), dst: Ipv6Addr::from(address(24)?).into() };
        let total = match usize::from(u16::from_be_bytes([header[4], header[5]])) {
            0 => span.wire_len,
            payload => 40 + payload,
        };
        let span = span.of_len(total);
        let (mut next, mut at) = (header[6], 40);
        for _ in 0..MAX_EXTENSIONS {
            match next {
                // RFC 8200 §4: hop-by-hop, routing and destination options count eight bytes beyond the first eight.
                0 | 43 | 60 => {
                    next = span.byte(at)?;
                    at += 8 + 8 * usize::from(span.byte(at + 1)?);
                }
                // RFC 4302 §2.2: the authentication header counts four bytes, less two.
                51 => {
                    next = span.byte(at)?;
                    at += 8 + 4 * usize::from(span.byte(at + 1)?);
                }
                // RFC 8200 §4.5: place, two reserved bits, more fragments.
                44 => {
                    let place = span.half(at + 2)? & 0xfff9;
                    let (id, inner) = (span.word(at + 4)?, span.byte(at)?);
                    if place != 0 {
                        return self.fragment(place & 0xfff8 == 0, id, inner, of, span.behind(at + 8)?);
                    }
                    next = inner;
                    at += 8;
                }
                _ => return self.protocol(next, of, span.behind(at)?),
            }
        }
        Some(Frame::Other)
    }

    /// The first fragment has all headers, so it stands for its datagram; the others have nothing to look at.
    #[cold]
    fn fragment<'a>(
        &mut self,
        is_first: bool,
        id: u32,
        protocol: u8,
        of: Addresses,
        payload: Span<'a>,
    ) -> Option<Frame<'a>> {
        // Headers that follow the fragment header (RFC 8200 §4.5) are passed only where they are.
        if protocol == UDP {
            let hash = foldhash::fast::FixedState::default().hash_one((of.src, of.dst, id));
            self.fragment.get_or_insert(FragmentId(hash));
            self.is_first_fragment = is_first;
        }
        if is_first {
            // UDP says how long the whole is; other protocols go on in the next fragment.
            let whole = if protocol == UDP { Span::new(payload.data, LONGEST) } else { payload };
            return self.protocol(protocol, of, whole);
        }
        Some(if protocol == UDP { Frame::Fragment } else { Frame::Other })
    }
}
