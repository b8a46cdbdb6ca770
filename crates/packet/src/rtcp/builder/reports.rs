//! Reports, names and goodbyes (RFC 3550 §6), extended reports (RFC 3611).

use super::{MAX_COUNT, MAX_TEXT, RtcpBuilder};
use crate::NtpTime;
use crate::rtcp::{ReportBlockData, SdesItem};

impl RtcpBuilder {
    /// Adds a sender report; at most 31 blocks.
    pub fn sender_report(
        &mut self,
        ssrc: u32,
        ntp: NtpTime,
        rtp_timestamp: u32,
        packet_count: u32,
        octet_count: u32,
        blocks: &[ReportBlockData],
    ) -> &mut Self {
        let [seconds, fraction] = words(ntp);
        self.report(200, &[ssrc, seconds, fraction, rtp_timestamp, packet_count, octet_count], blocks)
    }

    /// Adds a receiver report; at most 31 blocks. More sources need several reports.
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlockData]) -> &mut Self {
        self.report(201, &[ssrc], blocks)
    }

    /// Adds a source description with one canonical name of at most 255 bytes.
    pub fn sdes_cname(&mut self, ssrc: u32, cname: &str) -> &mut Self {
        self.sdes_cnames(&[ssrc], cname)
    }

    /// Adds a source description of at most 31 sources with the same canonical name of at most 255 bytes.
    pub fn sdes_cnames(&mut self, ssrcs: &[u32], cname: &str) -> &mut Self {
        if !self.allows("sources", ssrcs.len(), 0..=MAX_COUNT)
            || !self.allows("bytes of a canonical name", cname.len(), 0..=MAX_TEXT)
        {
            return self;
        }
        // At least one null octet, then as many as make whole words (RFC 3550 §6.5).
        let item = 2 + cname.len();
        let items = (item + 1).next_multiple_of(4);
        self.packet((202, ssrcs.len() as u8), ssrcs.len() * (4 + items), |buffer| {
            for ssrc in ssrcs {
                buffer.put_words([*ssrc]);
                buffer.put(&[SdesItem::CNAME, cname.len() as u8]);
                buffer.put(cname.as_bytes());
                buffer.put_zeros(items - item);
            }
        })
    }

    /// Adds a goodbye of at most 31 sources, with a reason of at most 255 bytes; an empty reason is left out.
    pub fn bye(&mut self, ssrcs: &[u32], reason: &str) -> &mut Self {
        if !self.allows("sources", ssrcs.len(), 0..=MAX_COUNT)
            || !self.allows("bytes of a reason", reason.len(), 0..=MAX_TEXT)
        {
            return self;
        }
        let text = if reason.is_empty() { 0 } else { 1 + reason.len() };
        let text_words = text.next_multiple_of(4);
        self.packet((203, ssrcs.len() as u8), 4 * ssrcs.len() + text_words, |buffer| {
            buffer.put_words(ssrcs.iter().copied());
            if text > 0 {
                buffer.put(&[reason.len() as u8]);
                buffer.put(reason.as_bytes());
                buffer.put_zeros(text_words - text);
            }
        })
    }

    /// Adds an extended report with the receiver's clock.
    pub fn xr_rrtr(&mut self, ssrc: u32, ntp: NtpTime) -> &mut Self {
        self.xr(ssrc, 4, 2, words(ntp))
    }

    /// Adds an extended report with what is known of receivers' clocks, at least one: (SSRC, LRR, DLRR).
    pub fn xr_dlrr(&mut self, ssrc: u32, entries: &[(u32, u32, u32)]) -> &mut Self {
        if !self.allows("entries of a DLRR block", entries.len(), 1..=usize::from(u16::MAX) / 3) {
            return self;
        }
        let words = entries.iter().flat_map(|&(ssrc, last_rr, delay)| [ssrc, last_rr, delay]);
        self.xr(ssrc, 5, 3 * entries.len(), words)
    }

    fn report(&mut self, packet_type: u8, head: &[u32], blocks: &[ReportBlockData]) -> &mut Self {
        if !self.allows("report blocks", blocks.len(), 0..=MAX_COUNT) {
            return self;
        }
        let words = head.iter().copied().chain(blocks.iter().flat_map(ReportBlockData::words));
        self.packet((packet_type, blocks.len() as u8), 4 * head.len() + size_of_val(blocks), |buffer| {
            buffer.put_words(words);
        })
    }

    /// Adds an extended report with one block of so many words behind its header.
    fn xr(
        &mut self,
        ssrc: u32,
        block_type: u8,
        count: usize,
        words: impl IntoIterator<Item = u32>,
    ) -> &mut Self {
        self.packet((207, 0), 8 + 4 * count, |buffer| {
            buffer.put_words([ssrc, u32::from(block_type) << 24 | count as u32]);
            buffer.put_words(words);
        })
    }
}

const fn words(ntp: NtpTime) -> [u32; 2] {
    [(ntp.0 >> 32) as u32, ntp.0 as u32]
}
