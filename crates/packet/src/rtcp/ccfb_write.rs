//! Writing congestion control feedback (RFC 8888).

use super::CcfbMetric;
use super::buffer::Buffer;
use super::ccfb::BLOCK_HEADER_LEN;

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

impl CcfbStream<'_> {
    /// Bytes of the stream's block.
    pub(super) const fn len(&self) -> usize {
        BLOCK_HEADER_LEN + (2 * self.metrics.len()).next_multiple_of(4)
    }

    /// Writes the stream's block; the metrics have been counted.
    pub(super) fn write(&self, buffer: &mut Buffer) {
        buffer.put_words([self.ssrc, u32::from(self.begin_sequence) << 16 | self.metrics.len() as u32]);
        for metric in self.metrics {
            buffer.put(&metric.0.to_be_bytes());
        }
        buffer.put_zeros(2 * (self.metrics.len() % 2));
    }
}
