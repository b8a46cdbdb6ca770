//! The format of rtptools: a line of text, a header, then datagrams without their IP headers.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::window::Window;
use super::{DamageKind, Damages, Found, Source};
use crate::Endpoints;

pub(super) const MAGIC: &[u8] = b"#!rtpplay1.0 ";
const MAX_LINE: usize = 256;
const HEADER: usize = 16;
const RECORD_HEADER: usize = 8;

/// What the header says.
#[derive(Debug)]
pub(super) struct RtpDump {
    start: Duration,
    endpoints: Endpoints,
}

impl RtpDump {
    /// Reads the header. `None`: it is not whole.
    pub(super) fn open<R: Read>(window: &mut Window<R>, damage: &mut Damages) -> Option<Self> {
        window.want(MAX_LINE + HEADER);
        let bytes = window.bytes();
        let Some(line) = bytes.iter().take(MAX_LINE).position(|byte| *byte == b'\n') else {
            let kind = if bytes.len() < MAX_LINE { DamageKind::Truncated } else { DamageKind::Damaged };
            damage.add(bytes.len().min(MAX_LINE) as u64, kind, "the first line has no end");
            return None;
        };
        let Some(header) = bytes.get(line + 1..).and_then(|rest| rest.first_chunk::<HEADER>()) else {
            damage.add(bytes.len() as u64, DamageKind::Truncated, "the file ends within its header");
            return None;
        };
        let word = |at: usize| {
            header.get(at..).and_then(|rest| rest.first_chunk()).copied().map_or(0, u32::from_be_bytes)
        };
        let start = Duration::new(word(0).into(), word(4).min(999_999) * 1000);
        let src = SocketAddr::from((Ipv4Addr::from(word(8)), (word(12) >> 16) as u16));
        let dst = bytes.get(MAGIC.len()..line).and_then(destination);
        let dst = dst.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));
        window.consume(line + 1 + HEADER);
        Some(Self { start, endpoints: Endpoints { src, dst } })
    }

    pub(super) fn find<R: Read>(&self, window: &mut Window<R>, damage: &mut Damages) -> Option<Found> {
        let offset = window.offset();
        if !window.want(RECORD_HEADER) {
            if !window.bytes().is_empty() {
                damage.add(offset, DamageKind::Truncated, "the file ends within the record");
            }
            window.consume_all();
            return None;
        }
        let &[l0, l1, p0, p1, o0, o1, o2, o3] = window.bytes().first_chunk::<RECORD_HEADER>()?;
        let len = usize::from(u16::from_be_bytes([l0, l1]));
        // 0 marks RTCP, whose length is then that of the record.
        let wire_len = usize::from(u16::from_be_bytes([p0, p1]));
        if len < RECORD_HEADER || !window.want(len) {
            let (kind, what) = if len < RECORD_HEADER {
                (DamageKind::Damaged, "the rest of the file is no record, from the one")
            } else {
                (DamageKind::Truncated, "the file ends within the record")
            };
            damage.add(offset, kind, what);
            window.consume_all();
            return None;
        }
        let at = self.start + Duration::from_millis(u32::from_be_bytes([o0, o1, o2, o3]).into());
        Some(Found {
            at: Some(at),
            data: RECORD_HEADER..len,
            len,
            wire_len,
            source: Source::Datagram(self.endpoints),
        })
    }
}

/// `address/port`.
fn destination(text: &[u8]) -> Option<SocketAddr> {
    let (address, port) = std::str::from_utf8(text).ok()?.trim().split_once('/')?;
    Some(SocketAddr::new(address.parse().ok()?, port.parse().ok()?))
}
