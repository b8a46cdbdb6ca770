//! Feedback (RFC 4585, RFC 5104, RFC 8888).

use super::RtcpBuilder;
use crate::BuildError;
use crate::rtcp::bandwidth::remb_fci;
use crate::rtcp::ccfb::MAX_METRICS;
use crate::rtcp::{CcfbStream, NackPair, TmmbEntry, nack_pairs};

impl RtcpBuilder {
    /// Adds a NACK of sequence numbers in wrap order, at least one; see [`nack_pairs`] for how they are packed.
    pub fn nack(&mut self, sender_ssrc: u32, media_ssrc: u32, sequence_numbers: &[u16]) -> &mut Self {
        self.nack_from(sender_ssrc, media_ssrc, nack_pairs(sequence_numbers.iter().copied()))
    }

    /// Adds a NACK of ready-made pairs, at least one: 12 bytes and 4 a pair.
    pub fn nack_from(
        &mut self,
        sender_ssrc: u32,
        media_ssrc: u32,
        pairs: impl IntoIterator<Item = NackPair>,
    ) -> &mut Self {
        let pairs =
            pairs.into_iter().map(|pair| u32::from(pair.packet_id) << 16 | u32::from(pair.lost_packets));
        self.entries((205, 1), [sender_ssrc, media_ssrc], pairs)
    }

    /// Adds a picture loss indication.
    pub fn pli(&mut self, sender_ssrc: u32, media_ssrc: u32) -> &mut Self {
        self.feedback((206, 1), [sender_ssrc, media_ssrc], [])
    }

    /// Adds a full intra request of at least one (SSRC, request number); the media SSRC is 0 (RFC 5104 §4.3.1.2).
    pub fn fir(&mut self, sender_ssrc: u32, entries: &[(u32, u8)]) -> &mut Self {
        let words = entries.iter().flat_map(|(ssrc, seq)| [*ssrc, u32::from(*seq) << 24]);
        self.entries((206, 4), [sender_ssrc, 0], words)
    }

    /// Adds a REMB of at most 255 streams; the bit rate is rounded down to 18 significant bits.
    pub fn remb(&mut self, sender_ssrc: u32, bits_per_second: u64, ssrcs: &[u32]) -> &mut Self {
        if !self.allows("streams of a REMB", ssrcs.len(), 0..=usize::from(u8::MAX)) {
            return self;
        }
        self.feedback((206, 15), [sender_ssrc, 0], remb_fci(bits_per_second, ssrcs))
    }

    /// Adds a temporary maximum media bit rate request of at least one entry; the media SSRC is 0.
    pub fn tmmbr(&mut self, sender_ssrc: u32, entries: &[TmmbEntry]) -> &mut Self {
        if !self.allows("entries of a TMMBR", entries.len(), 1..=usize::MAX) {
            return self;
        }
        self.tmmb(3, sender_ssrc, entries)
    }

    /// Adds a temporary maximum media bit rate notification; the media SSRC is 0.
    pub fn tmmbn(&mut self, sender_ssrc: u32, entries: &[TmmbEntry]) -> &mut Self {
        self.tmmb(4, sender_ssrc, entries)
    }

    /// Adds congestion control feedback (RFC 8888); at most 16 384 packets a stream, no streams are legal.
    ///
    /// `report_timestamp` is [`NtpTime::middle_32`](crate::NtpTime::middle_32) of now.
    pub fn ccfb(&mut self, sender_ssrc: u32, streams: &[CcfbStream<'_>], report_timestamp: u32) -> &mut Self {
        for stream in streams {
            if !self.allows("packets of a stream", stream.metrics.len(), 0..=MAX_METRICS) {
                return self;
            }
        }
        let blocks: usize = streams.iter().map(CcfbStream::len).sum();
        self.packet((205, 11), 8 + blocks, |buffer| {
            buffer.put_words([sender_ssrc]);
            streams.iter().for_each(|stream| stream.write(buffer));
            buffer.put_words([report_timestamp]);
        })
    }

    /// Adds a slice loss indication of ready-made entries, at least one.
    #[cfg(feature = "rtcp")]
    pub(crate) fn sli(&mut self, sender_ssrc: u32, media_ssrc: u32, entries: impl Iterator<Item = u32>) {
        self.entries((206, 2), [sender_ssrc, media_ssrc], entries);
    }

    fn tmmb(&mut self, format: u8, sender_ssrc: u32, entries: &[TmmbEntry]) -> &mut Self {
        if let Some(entry) = entries.iter().find(|entry| entry.overhead > 511) {
            let value = u64::from(entry.overhead);
            return self.fail(BuildError::OutOfRange { what: "packet overhead", value, min: 0, max: 511 });
        }
        let words = entries.iter().flat_map(|entry| entry.words());
        self.feedback((205, format), [sender_ssrc, 0], words)
    }

    /// Adds a feedback message with control information of at least one word.
    fn entries(
        &mut self,
        kind: (u8, u8),
        ssrcs: [u32; 2],
        words: impl IntoIterator<Item = u32>,
    ) -> &mut Self {
        let mut words = words.into_iter().peekable();
        if words.peek().is_none() {
            return self.fail(BuildError::Empty("feedback entries"));
        }
        self.feedback(kind, ssrcs, words)
    }

    /// Adds a feedback message: packet type and format, sender and media, control information.
    fn feedback(
        &mut self,
        kind: (u8, u8),
        ssrcs: [u32; 2],
        words: impl IntoIterator<Item = u32>,
    ) -> &mut Self {
        let words = words.into_iter();
        self.packet(kind, 8 + 4 * words.size_hint().0, |buffer| {
            buffer.put_words(ssrcs);
            buffer.put_words(words);
        })
    }
}
