//! UDP datagrams of the captures beside the tests: classic pcap, raw IPv4.

use std::path::PathBuf;
use std::time::Duration;

/// One datagram; what was cut off when the capture was made small is zero again.
pub(crate) struct Captured {
    /// Since 1970.
    pub(crate) at: Duration,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

pub(crate) fn read(name: &str) -> Vec<Captured> {
    let file = std::fs::read(path(name)).expect("the capture is part of the crate");
    assert_eq!(&file[..4], [0xd4, 0xc3, 0xb2, 0xa1], "microseconds, little endian");
    let mut rest = &file[24..];
    let mut datagrams = Vec::new();
    while !rest.is_empty() {
        let field = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().expect("four bytes"));
        let (seconds, micros, captured) = (field(0), field(4), field(8) as usize);
        let (packet, after) = rest[16..].split_at(captured);
        rest = after;
        let at = Duration::from_secs(seconds.into()) + Duration::from_micros(micros.into());
        datagrams.push(datagram(at, packet));
    }
    datagrams
}

fn datagram(at: Duration, packet: &[u8]) -> Captured {
    let udp = &packet[usize::from(packet[0] & 15) * 4..];
    let half = |at: usize| u16::from_be_bytes([udp[at], udp[at + 1]]);
    let len = usize::from(half(4)) - 8;
    let mut bytes = udp[8..].to_vec();
    let padded = bytes[0] & 0x20 != 0;
    if bytes.len() < len {
        // A packet with padding was cut so that its last byte, the count, stayed.
        let count = padded.then(|| bytes.pop()).flatten();
        bytes.resize(len, 0);
        if let (Some(count), Some(last)) = (count, bytes.last_mut()) {
            *last = count;
        }
    }
    Captured { at, from: half(0), to: half(2), bytes }
}
