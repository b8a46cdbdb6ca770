//! Datagrams made by hand, and what an inspector makes of them.

use std::time::Duration;

use interceptor_inspect::frame::Datagram;
use interceptor_inspect::{Endpoints, InspectOptions, Inspector, StreamSummary, Summary};

/// A datagram from one port of a host to one of another.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) at: Duration,
    pub(crate) ports: (u16, u16),
    pub(crate) data: Vec<u8>,
}

/// An RTP packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rtp {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) seq: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload_len: usize,
}

pub(crate) const RTP: Rtp =
    Rtp { payload_type: 0, marker: false, seq: 0, timestamp: 0, ssrc: 0x1122_3344, payload_len: 160 };

impl Rtp {
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut bytes = vec![0x80, self.payload_type | u8::from(self.marker) << 7];
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.resize(12 + self.payload_len, 0xd5);
        bytes
    }

    /// Sent so many milliseconds after the first packet, from port 40 000 to 5004.
    pub(crate) fn at(self, ms: f64) -> Made {
        made(ms, self.bytes())
    }
}

pub(crate) fn made(ms: f64, data: Vec<u8>) -> Made {
    Made { at: Duration::from_secs_f64(ms / 1000.0), ports: (40_000, 5004), data }
}

/// PCMU of 50 packets a second without jitter: the packet of this number.
pub(crate) fn audio(number: u32) -> Made {
    audio_of(RTP.ssrc, number)
}

pub(crate) fn audio_of(ssrc: u32, number: u32) -> Made {
    Rtp { seq: number as u16, timestamp: 160 * number, ssrc, ..RTP }.at(20.0 * f64::from(number))
}

/// What is found in these datagrams, in the order in which they are given.
pub(crate) fn inspect(datagrams: &[Made], options: &InspectOptions) -> Summary {
    let mut inspector = Inspector::new(options.clone());
    for Made { at, ports: (src, dst), data } in datagrams {
        let ends = Endpoints::new(([10, 0, 0, 1], *src).into(), ([10, 0, 0, 2], *dst).into());
        inspector.datagram(*at, &Datagram::new(ends, data));
    }
    inspector.summary()
}

pub(crate) fn find(datagrams: &[Made]) -> Summary {
    inspect(datagrams, &InspectOptions::default())
}

/// The only stream.
pub(crate) fn single(summary: &Summary) -> &StreamSummary {
    assert_eq!(summary.streams.len(), 1, "{summary:?}");
    &summary.streams[0]
}

/// Numbers that look random, from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 ^ (self.0 >> 17) as u32
    }

    pub(crate) fn below(&mut self, end: u32) -> u32 {
        self.next() % end
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}
