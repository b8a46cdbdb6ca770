//! Writing congestion control feedback (RFC 8888).

use rtcp_types::prelude::{RtcpPacket, RtcpPacketWriter};
use rtcp_types::{RtcpWriteError, utils::writer};

use super::CcfbMetric;
use super::ccfb::{BLOCK_HEADER_LEN, MAX_METRICS};
use super::fci::Cursor;

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
        let mut out = Cursor::behind_header(buf);
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
