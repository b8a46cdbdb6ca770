//! One round of reports: what came of which stream, in as many datagrams as it takes, all with one timestamp.

use std::time::Duration;

use interceptor_core::packet::RtcpBuilder;
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::{Context, Result};
use smallvec::SmallVec;

use crate::arrivals::Arrival;
use crate::{Rfc8888Counters, Rfc8888Options};

/// RTCP header, sender SSRC, report timestamp.
const FIXED_LEN: usize = 12;
/// A block's SSRC, first number and count.
const BLOCK_LEN: usize = 8;
/// Packets of a block (RFC 8888 §3.1).
const MAX_METRICS: usize = 16_384;
/// Receiver report without blocks, and SDES without the name's bytes, its end and its padding.
const COMPOUND_LEN: usize = 8 + 10;
/// Room in the memory that reports are written into, for a few that have not left yet.
const BUFFER: usize = 4096;
/// Missing numbers that a round may say, and how many more for each packet that came: each takes two bytes, and a peer chooses
/// its numbers.
const MISSING: u64 = 256;
const MISSING_A_PACKET: u64 = 8;
/// A source that counts anew is put farther ahead than this: nothing is missing there.
const MAX_GAP: i64 = 32_767;

/// Packets of one SSRC in a row.
#[derive(Clone, Copy, Debug)]
struct Block {
    ssrc: u32,
    begin: u16,
    /// Where its metrics stand.
    from: usize,
    to: usize,
}

#[derive(Debug)]
pub(crate) struct Round {
    metrics: Vec<CcfbMetric>,
    blocks: Vec<Block>,
    /// Missing numbers that may still be said.
    missing: u64,
    builder: RtcpBuilder,
}

impl Default for Round {
    fn default() -> Self {
        let builder = RtcpBuilder::with_capacity(BUFFER);
        Self { metrics: Vec::new(), blocks: Vec::new(), missing: 0, builder }
    }
}

impl Round {
    /// A round about so many packets.
    pub(crate) fn begin(&mut self, packets: u64) {
        self.metrics.clear();
        self.blocks.clear();
        self.missing = MISSING + MISSING_A_PACKET * packets;
    }

    /// Adds what came of a source from the number `next` on; gives how many missing numbers are not said.
    pub(crate) fn add(
        &mut self,
        ssrc: u32,
        (mut next, arrivals): (i64, impl Iterator<Item = Arrival>),
        now: u64,
    ) -> u64 {
        let mut untold = 0;
        let mut begun = false;
        for arrival in arrivals {
            let gap = arrival.number - next;
            let told = if gap > MAX_GAP { 0 } else { (gap as u64).min(self.missing) };
            self.missing -= told;
            if !begun || told < gap as u64 {
                let from = self.metrics.len();
                let begin = (arrival.number - told as i64) as u16;
                self.blocks.push(Block { ssrc, begin, from, to: from });
                untold += if gap > MAX_GAP { 0 } else { gap as u64 - told };
                begun = true;
            }
            self.metrics.resize(self.metrics.len() + told as usize, CcfbMetric::LOST);
            let before = now.checked_sub(arrival.nanos).map(Duration::from_nanos);
            self.metrics.push(CcfbMetric::received(arrival.ecn, before));
            if let Some(block) = self.blocks.last_mut() {
                block.to = self.metrics.len();
            }
            next = arrival.number + 1;
        }
        untold
    }

    /// Sends it; gives bytes and datagrams.
    pub(crate) fn send(
        &mut self,
        options: &Rfc8888Options,
        counters: &mut Rfc8888Counters,
        cx: &mut Context<'_>,
    ) -> Result<(usize, usize)> {
        let (room, timestamp) = (room(options, cx), cx.ntp(cx.now()).middle_32());
        let (mut bytes, mut datagrams) = (0, 0);
        let mut streams: SmallVec<[CcfbStream<'_>; 32]> = SmallVec::new();
        let mut left = room;
        let mut flush = |streams: &mut SmallVec<[CcfbStream<'_>; 32]>| -> Result<()> {
            let config = cx.config();
            if !config.reduced_size_rtcp {
                self.builder
                    .receiver_report(config.sender_ssrc, &[])
                    .sdes_cname(config.sender_ssrc, &config.cname);
            }
            let packet = self.builder.ccfb(config.sender_ssrc, streams, timestamp).build()?;
            (bytes, datagrams) = (bytes + packet.len(), datagrams + 1);
            streams.clear();
            cx.send_rtcp(packet);
            Ok(())
        };
        for block in &self.blocks {
            let mut metrics = self.metrics.get(block.from..block.to).unwrap_or_default();
            let mut begin = block.begin;
            while !metrics.is_empty() {
                let whole = BLOCK_LEN + (2 * metrics.len()).next_multiple_of(4);
                // A block that a datagram of its own would hold is not divided, nor is one begun without room for it.
                if !streams.is_empty() && (left < BLOCK_LEN + 4 || (whole > left && whole <= room)) {
                    flush(&mut streams)?;
                    left = room;
                }
                let fit = (left.saturating_sub(BLOCK_LEN) / 4 * 2).clamp(2, MAX_METRICS);
                let (now, later) = metrics.split_at(fit.min(metrics.len()));
                streams.push(CcfbStream { ssrc: block.ssrc, begin_sequence: begin, metrics: now });
                left = left.saturating_sub(BLOCK_LEN + (2 * now.len()).next_multiple_of(4));
                (begin, metrics) = (begin.wrapping_add(now.len() as u16), later);
            }
        }
        if !streams.is_empty() {
            flush(&mut streams)?;
        }
        counters.reports_sent += datagrams as u64;
        counters.report_bytes += bytes as u64;
        Ok((bytes, datagrams))
    }
}

/// Bytes that the blocks of a datagram may have, behind the report that precedes feedback where reduced size was not negotiated
/// (RFC 3550 §6.1, RFC 5506). That report is empty: ours stands farther from the wire.
fn room(options: &Rfc8888Options, cx: &Context<'_>) -> usize {
    let config = cx.config();
    let compound = if config.reduced_size_rtcp { 0 } else { (COMPOUND_LEN + config.cname.len() + 4) & !3 };
    let datagram = config.mtu.saturating_sub(config.transport_overhead + compound);
    datagram.min(options.max_report_bytes).saturating_sub(FIXED_LEN) & !3
}
