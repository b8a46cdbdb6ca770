//! Writing compounds, through the writers of `rtcp-types`.

use bytes::BytesMut;
use rtcp_types::prelude::RtcpPacketWriter;

use super::bandwidth::remb_fci;
use super::ccfb_write::CcfbWriter;
use super::fci::{Fci, Kind};
use super::frame::Frames;
use super::{CcfbStream, NackPair, ReportBlockData, RtcpPacket, TmmbEntry, nack_pairs};
use crate::{BuildError, NtpTime};

/// Five bits of count.
const MAX_COUNT: usize = 31;
/// A 16-bit length field of words, less one.
const MAX_PACKET_LEN: usize = 4 * (u16::MAX as usize + 1);

/// Writes RTCP packets one behind the other into one buffer.
///
/// An error is kept until [`build`](Self::build); what comes after it is not written. The order is the caller's: a
/// compound in the sense of RFC 3550 §6.1 starts with a report and has the canonical name.
///
/// ```
/// # use interceptor_packet::{Rtcp, RtcpPacket};
/// let packet = RtcpPacket::builder().receiver_report(1, &[]).sdes_cname(1, "user").pli(1, 2).build()?;
/// assert!(packet.is_compound());
/// assert!(matches!(packet.packets().last(), Some(Rtcp::Pli(pli)) if pli.media_ssrc() == 2));
/// # Ok::<(), interceptor_packet::BuildError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "a builder does nothing until `build`"]
pub struct RtcpBuilder {
    buffer: BytesMut,
    error: Option<BuildError>,
}

impl RtcpBuilder {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A builder with room for this many bytes. One that is used again and again writes packet after packet into it, and
    /// has it back when they are gone: then it allocates no more.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { buffer: BytesMut::with_capacity(bytes), error: None }
    }

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
        if !self.allows("report blocks", blocks.len(), 0..=MAX_COUNT) {
            return self;
        }
        let report = rtcp_types::SenderReport::builder(ssrc)
            .ntp_timestamp(ntp.0)
            .rtp_timestamp(rtp_timestamp)
            .packet_count(packet_count)
            .octet_count(octet_count);
        self.writer(&blocks.iter().fold(report, |report, block| report.add_report_block(block.into())))
    }

    /// Adds a receiver report; at most 31 blocks. More sources need several reports.
    pub fn receiver_report(&mut self, ssrc: u32, blocks: &[ReportBlockData]) -> &mut Self {
        if !self.allows("report blocks", blocks.len(), 0..=MAX_COUNT) {
            return self;
        }
        let report = rtcp_types::ReceiverReport::builder(ssrc);
        self.writer(&blocks.iter().fold(report, |report, block| report.add_report_block(block.into())))
    }

    /// Adds a source description with one canonical name of at most 255 bytes.
    pub fn sdes_cname(&mut self, ssrc: u32, cname: &str) -> &mut Self {
        let item = rtcp_types::SdesItem::builder(rtcp_types::SdesItem::CNAME, cname);
        let chunk = rtcp_types::SdesChunk::builder(ssrc).add_item(item);
        self.writer(&rtcp_types::Sdes::builder().add_chunk(chunk))
    }

    /// Adds a goodbye of at most 31 sources, with a reason of at most 255 bytes; an empty reason is left out.
    pub fn bye(&mut self, ssrcs: &[u32], reason: &str) -> &mut Self {
        if !self.allows("sources", ssrcs.len(), 0..=MAX_COUNT) {
            return self;
        }
        let bye = ssrcs.iter().fold(rtcp_types::Bye::builder(), |bye, ssrc| bye.add_source(*ssrc));
        self.writer(&bye.reason(reason))
    }

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
        self.feedback(Kind::Transport, 1, [sender_ssrc, media_ssrc], pairs, 1)
    }

    /// Adds a picture loss indication.
    pub fn pli(&mut self, sender_ssrc: u32, media_ssrc: u32) -> &mut Self {
        self.feedback(Kind::Payload, 1, [sender_ssrc, media_ssrc], [], 0)
    }

    /// Adds a full intra request of at least one (SSRC, request number); the media SSRC is 0 (RFC 5104 §4.3.1.2).
    pub fn fir(&mut self, sender_ssrc: u32, entries: &[(u32, u8)]) -> &mut Self {
        let words = entries.iter().flat_map(|(ssrc, seq)| [*ssrc, u32::from(*seq) << 24]);
        self.feedback(Kind::Payload, 4, [sender_ssrc, 0], words, 1)
    }

    /// Adds a REMB of at most 255 streams; the bit rate is rounded down to 18 significant bits.
    pub fn remb(&mut self, sender_ssrc: u32, bits_per_second: u64, ssrcs: &[u32]) -> &mut Self {
        if !self.allows("streams of a REMB", ssrcs.len(), 0..=usize::from(u8::MAX)) {
            return self;
        }
        self.feedback(Kind::Payload, 15, [sender_ssrc, 0], remb_fci(bits_per_second, ssrcs), 0)
    }

    /// Adds a temporary maximum media bit rate request of at least one entry; the media SSRC is 0.
    pub fn tmmbr(&mut self, sender_ssrc: u32, entries: &[TmmbEntry]) -> &mut Self {
        self.tmmb(3, sender_ssrc, entries, 1)
    }

    /// Adds a temporary maximum media bit rate notification; the media SSRC is 0.
    pub fn tmmbn(&mut self, sender_ssrc: u32, entries: &[TmmbEntry]) -> &mut Self {
        self.tmmb(4, sender_ssrc, entries, 0)
    }

    /// Adds an extended report with the receiver's clock.
    pub fn xr_rrtr(&mut self, ssrc: u32, ntp: NtpTime) -> &mut Self {
        let block = rtcp_types::ReceiverReferenceTime::builder().ntp_timestamp(ntp.0);
        self.writer(&rtcp_types::Xr::builder().sender_ssrc(ssrc).add_block(block))
    }

    /// Adds an extended report with what is known of receivers' clocks, at least one: (SSRC, LRR, DLRR).
    pub fn xr_dlrr(&mut self, ssrc: u32, entries: &[(u32, u32, u32)]) -> &mut Self {
        if !self.allows("entries of a DLRR block", entries.len(), 1..=usize::from(u16::MAX) / 3) {
            return self;
        }
        let block = entries.iter().fold(
            rtcp_types::DelaySinceLastReceiverReport::builder(),
            |block, &(ssrc, last_rr, delay)| {
                block.add_block(
                    rtcp_types::DelaySinceLastReceiverReportBlock::builder()
                        .ssrc(ssrc)
                        .last_receiver_report(last_rr)
                        .delay_since_last_receiver_report_timestamp(delay),
                )
            },
        );
        self.writer(&rtcp_types::Xr::builder().sender_ssrc(ssrc).add_block(block))
    }

    /// Adds congestion control feedback (RFC 8888); at most 16 384 packets a stream, no streams are legal.
    ///
    /// `report_timestamp` is [`NtpTime::middle_32`] of now.
    pub fn ccfb(&mut self, sender_ssrc: u32, streams: &[CcfbStream<'_>], report_timestamp: u32) -> &mut Self {
        for stream in streams {
            if !self.allows("packets of a stream", stream.metrics.len(), 0..=CcfbWriter::MAX_METRICS) {
                return self;
            }
        }
        self.writer(&CcfbWriter { sender_ssrc, streams, report_timestamp })
    }

    /// Adds ready-made packets: whole, of version 2, with lengths and padding that fit. Content is not checked.
    pub fn raw(&mut self, packets: &[u8]) -> &mut Self {
        if let Some(error) = Frames::new(packets).find_map(Result::err) {
            return self.fail(error.into());
        }
        if self.error.is_none() {
            self.buffer.extend_from_slice(packets);
        }
        self
    }

    /// Adds what a writer of `rtcp-types` writes.
    pub fn writer(&mut self, writer: &dyn RtcpPacketWriter) -> &mut Self {
        if self.error.is_some() {
            return self;
        }
        let len = match writer.calculate_size() {
            Ok(len) => len,
            Err(error) => return self.fail(error.into()),
        };
        if len > MAX_PACKET_LEN {
            return self.fail(too_many("bytes in an RTCP packet", len, MAX_PACKET_LEN));
        }
        let start = self.buffer.len();
        self.buffer.resize(start + len, 0);
        if let Some(space) = self.buffer.get_mut(start..) {
            writer.write_into_unchecked(space);
        }
        self
    }

    /// Bytes so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Whether nothing has been written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The packet; the builder is empty again, and keeps what is left of its buffer.
    ///
    /// # Errors
    /// The first [`BuildError`] of what was added; nothing was added.
    pub fn build(&mut self) -> Result<RtcpPacket, BuildError> {
        let data = self.buffer.split().freeze();
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if data.is_empty() {
            return Err(BuildError::Empty("RTCP packet"));
        }
        Ok(RtcpPacket::parse(data)?)
    }

    /// Adds a slice loss indication of ready-made entries, at least one.
    #[cfg(feature = "rtcp")]
    pub(crate) fn sli(&mut self, sender_ssrc: u32, media_ssrc: u32, entries: impl Iterator<Item = u32>) {
        self.feedback(Kind::Payload, 2, [sender_ssrc, media_ssrc], entries, 1);
    }

    /// Adds a packet with a count of at most 31 and a body of whole words.
    #[cfg(feature = "rtcp")]
    pub(crate) fn counted(&mut self, packet_type: u8, what: &'static str, count: usize, body: &[u8]) {
        if self.allows(what, count, 0..=MAX_COUNT) {
            self.writer(&rtcp_types::Unknown::builder(packet_type, body).count(count as u8));
        }
    }

    /// What has been written, to change in place.
    #[cfg(feature = "rtcp")]
    pub(crate) fn written(&mut self) -> &mut [u8] {
        &mut self.buffer
    }

    fn tmmb(&mut self, format: u8, sender_ssrc: u32, entries: &[TmmbEntry], min: usize) -> &mut Self {
        if let Some(entry) = entries.iter().find(|entry| entry.overhead > 511) {
            let value = u64::from(entry.overhead);
            return self.fail(BuildError::OutOfRange { what: "packet overhead", value, min: 0, max: 511 });
        }
        let words = entries.iter().flat_map(|entry| entry.words());
        self.feedback(Kind::Transport, format, [sender_ssrc, 0], words, min)
    }

    /// Adds a feedback message with the control information `words`, at least `min` of them.
    fn feedback(
        &mut self,
        kind: Kind,
        format: u8,
        [sender_ssrc, media_ssrc]: [u32; 2],
        words: impl IntoIterator<Item = u32>,
        min: usize,
    ) -> &mut Self {
        let words: smallvec::SmallVec<[u32; 32]> = words.into_iter().collect();
        if !self.allows("feedback entries", words.len(), min..=MAX_PACKET_LEN / 4 - 3) {
            return self;
        }
        let fci = Fci { kind, format, words: &words };
        match kind {
            Kind::Transport => self.writer(
                &rtcp_types::TransportFeedback::builder(&fci).sender_ssrc(sender_ssrc).media_ssrc(media_ssrc),
            ),
            Kind::Payload => self.writer(
                &rtcp_types::PayloadFeedback::builder(&fci).sender_ssrc(sender_ssrc).media_ssrc(media_ssrc),
            ),
        }
    }

    pub(crate) fn allows(
        &mut self,
        what: &'static str,
        count: usize,
        range: std::ops::RangeInclusive<usize>,
    ) -> bool {
        if count < *range.start() {
            self.fail(BuildError::Empty(what));
        } else if count > *range.end() {
            self.fail(too_many(what, count, *range.end()));
        }
        self.error.is_none()
    }

    pub(crate) fn fail(&mut self, error: BuildError) -> &mut Self {
        self.error.get_or_insert(error);
        self
    }
}

const fn too_many(what: &'static str, count: usize, max: usize) -> BuildError {
    BuildError::TooMany { what, count, max }
}
