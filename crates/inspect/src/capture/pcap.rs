//! The classic format: a header of 24 bytes, then records of 16 bytes and a frame.

use std::io::Read;
use std::time::Duration;

use pcap_file::Endianness;
use pcap_file::pcap::{PcapHeader, PcapTsResolution};

use super::resync::skip_to;
use super::window::Window;
use super::{DamageKind, Damages, Found, Source};

/// Longer frames are damage: libpcap's own limit.
const MAX_FRAME: u32 = 262_144;
/// A record after damage lies within this time of the last one before it, or of the first, in seconds.
const MAX_STEP: u32 = 86_400;
const RECORD_HEADER: usize = 16;

/// A pcap file's header, and when its records were captured.
#[derive(Debug)]
pub(super) struct Pcap {
    header: PcapHeader,
    link: u16,
    /// When the first and the last record were captured, in seconds.
    span: Option<(u32, u32)>,
}

/// A record's header.
#[derive(Clone, Copy)]
struct Head {
    seconds: u32,
    fraction: u32,
    captured: u32,
    original: u32,
}

impl Pcap {
    pub(super) const HEADER_LEN: usize = 24;

    /// The header that `bytes` start with, and what is wrong with it.
    pub(super) fn open(bytes: &[u8]) -> Option<(Self, Option<&'static str>)> {
        let mut start: [u8; Self::HEADER_LEN] = *bytes.first_chunk()?;
        let mut fault = None;
        if PcapHeader::from_slice(&start).is_err() {
            // Version 2.4 is what every pcap file has had since 1998.
            let magic = match start {
                [_, _, _, _, 2, 0, 4, 0, ..] => 0xd4c3_b2a1_u32,
                [_, _, _, _, 0, 2, 0, 4, ..] => 0xa1b2_c3d4,
                _ => return None,
            };
            if let Some(place) = start.first_chunk_mut() {
                *place = magic.to_be_bytes();
            }
            fault = Some("a magic number that is none begins");
        }
        let (_, header) = PcapHeader::from_slice(&start).ok()?;
        // The upper bits tell of frame check sequences.
        let link = u32::from(header.datalink) as u16;
        Some((Self { header, link, span: None }, fault))
    }

    pub(super) const fn link(&self) -> u16 {
        self.link
    }

    /// The record that the window begins with, or the next one that can be read.
    pub(super) fn find<R: Read>(&mut self, window: &mut Window<R>, damage: &mut Damages) -> Option<Found> {
        loop {
            let offset = window.offset();
            if !window.want(RECORD_HEADER) {
                if !window.bytes().is_empty() {
                    damage.add(offset, DamageKind::Truncated, "the file ends within the record");
                }
                window.consume_all();
                return None;
            }
            let head = self.head(window.bytes())?;
            let len = RECORD_HEADER + head.captured as usize;
            let sane = self.is_sane(head);
            if sane && window.want(len) && (self.is_likely(head) || self.is_followed(head, window)) {
                return Some(self.found(head, len));
            }
            let sane = sane && !window.want(len);
            let skipped = skip_to(window, |bytes| self.starts_with_record(bytes));
            match skipped {
                Some(skipped) => {
                    let what = format!("{skipped} bytes that are no record");
                    damage.add(offset, DamageKind::Damaged, what);
                }
                None if sane => {
                    damage.add(offset, DamageKind::Truncated, "the file ends within the record");
                    return None;
                }
                None => {
                    damage.add(
                        offset,
                        DamageKind::Damaged,
                        "the rest of the file is no record, from the one",
                    );
                    return None;
                }
            }
        }
    }

    fn found(&mut self, head: Head, len: usize) -> Found {
        let first = self.span.map_or(head.seconds, |(first, _)| first);
        self.span = Some((first, head.seconds));
        Found {
            // A fraction of a second or more carries: some programs round it up.
            at: Some(Duration::new(head.seconds.into(), self.nanos(head.fraction))),
            data: RECORD_HEADER..len,
            len,
            wire_len: head.original as usize,
            source: Source::Link(self.link),
        }
    }

    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<Head> {
        let bytes: &[u8; RECORD_HEADER] = bytes.first_chunk()?;
        let mut words = bytes.chunks_exact(4).map(|word| {
            let word = word.try_into().unwrap_or_default();
            if self.header.endianness == Endianness::Big {
                u32::from_be_bytes(word)
            } else {
                u32::from_le_bytes(word)
            }
        });
        let mut word = || words.next().unwrap_or_default();
        Some(Head { seconds: word(), fraction: word(), captured: word(), original: word() })
    }

    const fn is_micro(&self) -> bool {
        matches!(self.header.ts_resolution, PcapTsResolution::MicroSecond)
    }

    /// Of a sane header.
    const fn nanos(&self, fraction: u32) -> u32 {
        if self.is_micro() { fraction * 1000 } else { fraction }
    }

    /// The fractions of a second.
    const fn second(&self) -> u32 {
        if self.is_micro() { 1_000_000 } else { 1_000_000_000 }
    }

    /// Whether a record can have this header. Programs that add to a time, or round it, leave fractions of a second and more.
    const fn is_sane(&self, head: Head) -> bool {
        head.fraction < 2 * self.second() && head.captured <= MAX_FRAME
    }

    /// Whether a record that fits to the last one can have this header.
    fn is_likely(&self, head: Head) -> bool {
        self.is_sane(head)
            && head.fraction <= self.second()
            && head.captured > 0
            && head.captured <= head.original
            && head.original <= MAX_FRAME
            && self.span.is_none_or(|(first, last)| is_near(first, head) || is_near(last, head))
    }

    /// Whether the file ends behind this record, or another one of about the same time follows, and none lies within it.
    /// If not, an odd header is damage: its length leads nowhere, or by chance to a record far behind.
    #[cold]
    fn is_followed<R: Read>(&self, head: Head, window: &mut Window<R>) -> bool {
        let len = RECORD_HEADER + head.captured as usize;
        window.want(len + RECORD_HEADER);
        let next = window.bytes().get(len..).and_then(|rest| self.head(rest));
        let is_whole = |head: Head| head.captured > 0 && head.captured <= head.original;
        let frame = window.bytes().get(RECORD_HEADER..len).unwrap_or_default();
        head.captured > 0
            && next.is_none_or(|next| self.is_sane(next) && is_whole(next) && is_near(head.seconds, next))
            && !(0..frame.len()).any(|at| frame.get(at..).is_some_and(|rest| self.is_chain(rest)))
    }

    /// Whether `bytes` start with two records that fit to the last one.
    fn is_chain(&self, bytes: &[u8]) -> bool {
        let Some(head) = self.head(bytes).filter(|head| self.is_likely(*head)) else { return false };
        let next = bytes.get(RECORD_HEADER + head.captured as usize..).and_then(|rest| self.head(rest));
        next.is_some_and(|next| self.is_likely(next))
    }

    /// Whether `bytes` start with a record, as far as that can be told: one that fits to the last one, and another or
    /// the file's end behind it.
    fn starts_with_record(&self, bytes: &[u8]) -> bool {
        let Some(head) = self.head(bytes).filter(|head| self.is_likely(*head)) else { return false };
        match bytes.get(RECORD_HEADER + head.captured as usize..) {
            None => false,
            Some([]) => true,
            Some(rest) => self.head(rest).is_none_or(|next| self.is_likely(next)),
        }
    }
}

const fn is_near(seconds: u32, head: Head) -> bool {
    seconds.abs_diff(head.seconds) <= MAX_STEP
}
