//! What is kept of a local stream, and which of its older payloads go along with a packet.

use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::red::{MAX_OFFSET, PRIMARY_HEADER_LEN, Redundant};
use interceptor_core::{Context, Loss, RedInfo, StreamInfo};
use smallvec::SmallVec;

use super::overhead::Overhead;
use super::recent::Recent;
use crate::copies::{Adaptive, Copies, MOST};
use crate::{RedSenderOptions, Redundancy, SendCounters};

/// What a retransmission is longer by on an RTX stream (RFC 4588 §4).
const OSN_LEN: usize = 2;
/// Header of an extension block, and of an element of the longer form (RFC 8285).
const EXTENSIONS: usize = 4;
const ELEMENT: usize = 2;

/// What [`RedSender`](crate::RedSender) keeps of a stream: its last eight payloads, which it shares with who made them, and what it has
/// counted. At most 640 bytes.
#[derive(Debug)]
pub struct LocalStream {
    pub(super) red: RedInfo,
    redundancy: Redundancy,
    adaptive: Adaptive,
    /// No older than that, in ticks.
    max_offset: u32,
    /// A retransmission has to fit as well.
    rtx: bool,
    pub(super) recent: Recent,
    pub(super) overhead: Overhead,
    pub(super) counters: SendCounters,
}

const _: () = assert!(size_of::<LocalStream>() <= 640, "as documented");

/// The blocks of a packet, the oldest first.
pub(super) type Blocks<'a> = SmallVec<[Redundant<'a>; MOST]>;

impl LocalStream {
    pub(super) fn new(info: &StreamInfo, red: RedInfo, options: &RedSenderOptions) -> Self {
        let mut stream = Self {
            red,
            redundancy: options.redundancy,
            adaptive: Adaptive::default(),
            max_offset: 0,
            rtx: false,
            recent: Recent::default(),
            overhead: Overhead::default(),
            counters: SendCounters::default(),
        };
        stream.describe(info, red, options);
        stream
    }

    pub(super) fn describe(&mut self, info: &StreamInfo, red: RedInfo, options: &RedSenderOptions) {
        (self.red, self.rtx) = (red, info.rtx.is_some());
        let clock = u128::from(info.clock_rate(red.primary));
        let ticks = options.max_age.as_millis() * clock / 1000;
        let most = u32::from(MAX_OFFSET);
        // A clock that nobody has told: as far back as a block reaches.
        self.max_offset =
            if clock == 0 { most } else { u32::try_from(ticks).map_or(most, |it| it.min(most)) };
    }

    /// What has been counted for it.
    #[must_use]
    pub const fn counters(&self) -> &SendCounters {
        &self.counters
    }

    /// Which older payloads go along at present.
    #[must_use]
    pub fn copies(&self) -> Copies {
        match self.redundancy {
            Redundancy::Adaptive => self.adaptive.copies(),
            Redundancy::Described => Copies::levels(self.red.levels.min(MOST as u8)).unwrap_or_default(),
            Redundancy::Fixed(copies) => copies,
        }
    }

    pub(super) fn hear(&mut self, loss: Loss, cx: &Context<'_>) {
        let before = self.adaptive.copies();
        self.adaptive.hear(loss, cx.elapsed_nanos());
        let copies = self.adaptive.copies();
        if copies != before {
            tracing::debug!(
                ssrc = loss.ssrc,
                loss_ppm = loss.ppm,
                copies = copies.count(),
                "redundancy changes"
            );
        }
    }

    /// The older payloads that go along with a packet: where there is not room for all, the nearest.
    #[inline]
    pub(super) fn blocks(&mut self, packet: &RtpPacket, cx: &Context<'_>) -> Blocks<'_> {
        let (seq, timestamp) = (packet.sequence_number(), packet.timestamp());
        let mut room = self.room(packet, cx);
        let mut blocks = Blocks::new();
        let copies = self.copies();
        for distance in copies.distances() {
            let Some(sent) = self.recent.get(seq.wrapping_sub(distance)) else { continue };
            let offset = timestamp.wrapping_sub(sent.timestamp);
            if offset == 0 || offset > self.max_offset {
                self.counters.left_out_age += 1;
                continue;
            }
            let block = Redundant::new(self.red.primary, offset, &sent.payload);
            let fits = block.filter(|block| !sent.is_too_long() && block.written_len() <= room);
            let Some(block) = fits else {
                self.counters.left_out_size += 1;
                continue;
            };
            room -= block.written_len();
            self.counters.blocks += 1;
            blocks.push(block);
        }
        blocks.reverse();
        blocks
    }

    /// Bytes that a packet may grow by, behind the header of its primary payload.
    fn room(&self, packet: &RtpPacket, cx: &Context<'_>) -> usize {
        let stamps =
            cx.stamps().fold(0, |bytes, stamp| bytes.max(EXTENSIONS) + ELEMENT + usize::from(stamp.len));
        let taken = packet.header_len() + packet.payload_len() + PRIMARY_HEADER_LEN;
        let reserved = cx.config().transport_overhead + stamps + if self.rtx { OSN_LEN } else { 0 };
        cx.config().mtu.saturating_sub(taken + reserved)
    }
}
