//! Reads the trimmed captures of `tests/data`.

use std::path::PathBuf;
use std::time::Duration;

/// A UDP datagram; RTP is cut behind its header.
pub(crate) struct Datagram {
    /// Since the first datagram of the capture.
    pub(crate) at: Duration,
    pub(crate) to_port: u16,
    pub(crate) bytes: Vec<u8>,
}

/// The fields of an RTP header that reports need.
pub(crate) struct RtpHeader {
    pub(crate) marker: bool,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

impl Datagram {
    /// `None`: it is RTCP (RFC 5761).
    pub(crate) fn rtp(&self) -> Option<RtpHeader> {
        let word = |at: usize| u32::from_be_bytes(self.bytes[at..at + 4].try_into().unwrap());
        let second = self.bytes[1];
        (!(192..=223).contains(&second)).then(|| RtpHeader {
            marker: second & 0x80 != 0,
            seq: word(0) as u16,
            timestamp: word(4),
            ssrc: word(8),
        })
    }
}

pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).with_extension("pcap")
}

/// The datagrams of a capture: microsecond pcap, Ethernet, IPv4 without options.
pub(crate) fn read(name: &str) -> Vec<Datagram> {
    let file = std::fs::read(path(name)).unwrap();
    let (header, mut rest) = file.split_at(24);
    assert_eq!((&header[..4], header[20]), (&[0xd4, 0xc3, 0xb2, 0xa1][..], 1));
    let mut datagrams: Vec<Datagram> = Vec::new();
    let mut start = None;
    while let Some((record, after)) = rest.split_at_checked(16) {
        let word = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap());
        let time = Duration::from_secs(word(0).into()) + Duration::from_micros(word(4).into());
        let (frame, after) = after.split_at(word(8) as usize);
        rest = after;
        let udp = &frame[14 + 20..];
        datagrams.push(Datagram {
            at: time - *start.get_or_insert(time),
            to_port: u16::from_be_bytes([udp[2], udp[3]]),
            bytes: udp[8..].to_vec(),
        });
    }
    datagrams
}
