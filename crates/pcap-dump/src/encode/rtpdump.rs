//! rtptools' rtpdump: milliseconds from the start, big-endian, RTP and RTCP in one file.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{Encoder, Head, Tally};
use crate::{CaptureEnd, Protocol, Record};

/// Length and flags in front of each packet.
const RECORD_HEADER_LEN: usize = 8;

pub(super) struct Rtpdump {
    buffer: Vec<u8>,
    start: Duration,
}

impl Rtpdump {
    /// `#!rtpplay1.0 address/port`, then seconds, microseconds, IPv4 address, port and padding of the source: the
    /// remote end.
    pub(super) fn start(head: &Head<'_>) -> Self {
        let remote = head.endpoints.remote;
        let address = match remote.ip() {
            IpAddr::V4(ip) => ip,
            IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
        };
        let mut buffer = format!("#!rtpplay1.0 {address}/{}\n", remote.port()).into_bytes();
        buffer.extend((head.start.as_secs() as u32).to_be_bytes());
        buffer.extend(head.start.subsec_micros().to_be_bytes());
        buffer.extend(address.octets());
        buffer.extend(remote.port().to_be_bytes());
        buffer.extend([0, 0]);
        // Offsets count from the start as the header tells it, not from its lost nanoseconds.
        let start = Duration::new(head.start.as_secs(), head.start.subsec_micros() * 1000);
        Self { buffer, start }
    }
}

impl Encoder for Rtpdump {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// `length` counts itself and what was kept; `plen` is the packet's length on the wire, 0 for RTCP.
    fn packet(&mut self, record: &Record<'_>) -> io::Result<()> {
        let field = |value: usize| {
            u16::try_from(value).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
        };
        let length = field(RECORD_HEADER_LEN + record.data().len())?;
        let plen = match record.packet.protocol() {
            Protocol::Rtp => field(record.original_len())?,
            Protocol::Rtcp => 0,
        };
        let offset = record.timestamp.saturating_sub(self.start).as_millis() as u32;
        self.buffer.extend(length.to_be_bytes());
        self.buffer.extend(plen.to_be_bytes());
        self.buffer.extend(offset.to_be_bytes());
        self.buffer.extend(record.data());
        Ok(())
    }

    fn finish(&mut self, _: &Tally, _: Option<&CaptureEnd>) -> io::Result<()> {
        Ok(())
    }
}
