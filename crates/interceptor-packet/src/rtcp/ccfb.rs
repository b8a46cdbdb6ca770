//! Congestion control feedback (RFC 8888).

use std::time::Duration;

use rtcp_types::prelude::{RtcpPacket, RtcpPacketWriter};
use rtcp_types::{RtcpWriteError, utils::writer};

use super::{Frame, frame};
use crate::Ecn;

const BLOCK_HEADER_LEN: usize = 8;
/// RFC 8888 §3.1.
const MAX_METRICS: usize = 16_384;
const RECEIVED_BIT: u16 = 0x8000;
const ECN_SHIFT: u32 = 13;
const OFFSET_MASK: u16 = 0x1fff;
const OVER_RANGE: u16 = 0x1ffe;
const UNAVAILABLE: u16 = 0x1fff;
const OFFSET_UNITS_PER_SECOND: u128 = 1024;
/// The largest offset with a value of its own: 8189/1024 s, rounded down.
const MAX_OFFSET_NANOS: u128 = 7_997_070_312;

/// Which packets of which streams arrived, when, and with which ECN marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ccfb<'a> {
    pub(super) base: Frame<'a>,
}

impl<'a> Ccfb<'a> {
    /// Malformed without sender SSRC and report timestamp, when a block reaches over the end, or when one
    /// counts over 16 384 packets (RFC 8888 §3.1).
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let view = Self { base };
        let mut rest = view.block_bytes()?;
        while !rest.is_empty() {
            rest = CcfbBlock::split_first(rest)?.1;
        }
        Some(view)
    }

    /// SSRC of who sends the feedback.
    #[must_use]
    pub fn sender_ssrc(&self) -> u32 {
        self.base.word(0)
    }

    /// When it was made: [`NtpTime::middle_32`](crate::NtpTime::middle_32) of the receiver's clock.
    #[must_use]
    pub fn report_timestamp(&self) -> u32 {
        self.base.word(self.base.body().len().saturating_sub(4))
    }

    /// One block a stream.
    pub fn blocks(&self) -> impl Iterator<Item = CcfbBlock<'a>> + use<'a> {
        let mut rest = self.block_bytes().unwrap_or_default();
        std::iter::from_fn(move || {
            let (block, after) = CcfbBlock::split_first(rest)?;
            rest = after;
            Some(block)
        })
    }

    fn block_bytes(&self) -> Option<&'a [u8]> {
        let body = self.base.body();
        body.get(4..body.len().checked_sub(4)?)
    }
}

/// The packets of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CcfbBlock<'a> {
    ssrc: u32,
    begin_sequence: u16,
    metrics: &'a [[u8; 2]],
}

impl<'a> CcfbBlock<'a> {
    /// SSRC of the stream.
    #[must_use]
    pub const fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// Sequence number of the first packet reported.
    #[must_use]
    pub const fn begin_sequence(&self) -> u16 {
        self.begin_sequence
    }

    /// Number of packets reported, 0..=16 384.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.metrics.len()
    }

    /// Whether no packet is reported.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// Each packet's sequence number and what became of it.
    pub fn metrics(&self) -> impl Iterator<Item = (u16, CcfbMetric)> + use<'a> {
        let begin = self.begin_sequence;
        (0..).zip(self.metrics).map(move |(offset, bytes): (u16, _)| {
            (begin.wrapping_add(offset), CcfbMetric(u16::from_be_bytes(*bytes)))
        })
    }

    fn split_first(data: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, rest) = data.split_first_chunk::<BLOCK_HEADER_LEN>()?;
        let count = usize::from(frame::half(header, 6));
        if count > MAX_METRICS {
            return None;
        }
        let (metrics, rest) = rest.split_at_checked((2 * count).next_multiple_of(4))?;
        let metrics = metrics.as_chunks().0.get(..count)?;
        Some((Self { ssrc: frame::word(header, 0), begin_sequence: frame::half(header, 4), metrics }, rest))
    }
}

/// What became of one packet: the 16 bits on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CcfbMetric(
    /// Received bit, two ECN bits, 13 bits of arrival time offset.
    pub u16,
);

impl CcfbMetric {
    /// A packet that did not arrive.
    pub const LOST: Self = Self(0);

    /// A packet that arrived `before` the report timestamp; `None` when that is not known, or it came after it.
    ///
    /// The offset is rounded down to 1/1024 s; over 8189/1024 s it is said to be over the range.
    #[must_use]
    pub const fn received(ecn: Ecn, before: Option<Duration>) -> Self {
        let offset = match before {
            None => UNAVAILABLE,
            Some(before) if before.as_nanos() > MAX_OFFSET_NANOS => OVER_RANGE,
            // Half a nanosecond more, because a unit is 976 562.5 ns: what was read is written as it was.
            Some(before) => ((2 * before.as_nanos() + 1) * OFFSET_UNITS_PER_SECOND / 2_000_000_000) as u16,
        };
        Self(RECEIVED_BIT | (ecn.bits() as u16) << ECN_SHIFT | offset)
    }

    /// Whether the packet arrived.
    #[must_use]
    pub const fn is_received(self) -> bool {
        self.0 & RECEIVED_BIT != 0
    }

    /// The packet's ECN mark; `None` when it did not arrive, whatever the bits say (RFC 8888 §3.1).
    #[must_use]
    pub const fn ecn(self) -> Option<Ecn> {
        if self.is_received() { Some(Ecn::from_bits((self.0 >> ECN_SHIFT) as u8)) } else { None }
    }

    /// When the packet arrived; `None` when it did not.
    #[must_use]
    pub const fn arrival(self) -> Option<CcfbArrival> {
        if !self.is_received() {
            return None;
        }
        Some(match self.0 & OFFSET_MASK {
            UNAVAILABLE => CcfbArrival::Unavailable,
            OVER_RANGE => CcfbArrival::OverRange,
            units => CcfbArrival::Before(Duration::from_nanos(units as u64 * 1_000_000_000 / 1024)),
        })
    }
}

/// When a packet arrived, relative to the report timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CcfbArrival {
    /// This long before it, to 1/1024 s.
    Before(Duration),
    /// More than 8189/1024 s before it.
    OverRange,
    /// Unknown, or after it.
    Unavailable,
}

/// One stream of a feedback packet to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CcfbStream<'a> {
    /// SSRC of the stream.
    pub ssrc: u32,
    /// Sequence number of the first metric's packet.
    pub begin_sequence: u16,
    /// What became of that packet and those after it; at most 16 384.
    pub metrics: &'a [CcfbMetric],
}

/// Writer of a whole feedback packet. It has no media SSRC, so it cannot be control information of a common one.
#[derive(Debug)]
pub(super) struct CcfbWriter<'a> {
    pub(super) sender_ssrc: u32,
    pub(super) streams: &'a [CcfbStream<'a>],
    pub(super) report_timestamp: u32,
}

impl CcfbWriter<'_> {
    pub(super) const MAX_METRICS: usize = MAX_METRICS;
    const FORMAT: u8 = 11;
}

impl RtcpPacket for CcfbWriter<'_> {
    const MIN_PACKET_LEN: usize = 12;
    const PACKET_TYPE: u8 = 205;
}

impl RtcpPacketWriter for CcfbWriter<'_> {
    fn calculate_size(&self) -> Result<usize, RtcpWriteError> {
        let blocks = self
            .streams
            .iter()
            .map(|stream| BLOCK_HEADER_LEN + (2 * stream.metrics.len()).next_multiple_of(4));
        Ok(Self::MIN_PACKET_LEN + blocks.sum::<usize>())
    }

    fn write_into_unchecked(&self, buf: &mut [u8]) -> usize {
        writer::write_header_unchecked::<Self>(0, Self::FORMAT, buf);
        let mut out = super::builder::Cursor::behind_header(buf);
        out.put(self.sender_ssrc.to_be_bytes());
        for stream in self.streams {
            out.put(stream.ssrc.to_be_bytes());
            out.put(stream.begin_sequence.to_be_bytes());
            out.put((stream.metrics.len() as u16).to_be_bytes());
            for metric in stream.metrics {
                out.put(metric.0.to_be_bytes());
            }
            if stream.metrics.len() % 2 == 1 {
                out.put([0; 2]);
            }
        }
        out.put(self.report_timestamp.to_be_bytes());
        out.at()
    }

    fn get_padding(&self) -> Option<u8> {
        None
    }
}
