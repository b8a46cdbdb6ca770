//! What is kept of a remote stream.

use std::sync::Arc;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{ClockRates, StreamInfo, StreamKey};

use crate::counters::{Cells, StreamPlayout};
use crate::handle::Hub;
use crate::held::Queue;
use crate::numbers::Numbers;
use crate::repair::Repeats;
use crate::schedule::Schedule;
use crate::source::Source;
use crate::{JitterBufferCounters, JitterBufferOptions};

/// What [`JitterBuffer`](crate::JitterBuffer) keeps of a remote stream.
#[derive(Debug)]
pub struct BufferedStream {
    pub(crate) key: StreamKey,
    pub(crate) ssrc: u32,
    pub(crate) video: bool,
    /// Were NACKs negotiated?
    pub(crate) nack: bool,
    clocks: ClockRates,
    payload_type: Option<u8>,
    pub(crate) numbers: Numbers,
    pub(crate) schedule: Schedule,
    pub(crate) queue: Queue,
    /// The number after that which left last; `None`: none has since the sender began.
    pub(crate) next: Option<i64>,
    /// The highest number so far.
    pub(crate) highest: i64,
    /// A packet far from all others, and when it came: the next shows what it is.
    pub(crate) stray: Option<Box<(RtpPacket, i64)>>,
    /// For when it is to be seen to.
    pub(crate) armed: Option<i64>,
    pub(crate) repeats: Repeats,
    pub(crate) source: Source,
    /// When the others are told next, and what they were told of how long packets are of use.
    pub(crate) tells_at: i64,
    pub(crate) told_delay: i64,
    pub(crate) cells: Arc<Cells>,
    hub: Arc<Hub>,
    connection: Arc<str>,
}

impl BufferedStream {
    pub(crate) fn new(
        info: &StreamInfo,
        key: StreamKey,
        options: &JitterBufferOptions,
        hub: &Arc<Hub>,
        connection: &Arc<str>,
    ) -> Self {
        let rate = info.primary().map_or(0, |codec| codec.clock_rate);
        let shrink = if info.is_audio() { options.shrink_audio } else { options.shrink_video };
        Self {
            key,
            ssrc: info.ssrc,
            video: info.is_video(),
            nack: info.has_feedback("nack", ""),
            clocks: ClockRates::of(info),
            payload_type: None,
            numbers: Numbers::default(),
            schedule: Schedule::new(options, rate, shrink),
            queue: Queue::default(),
            next: None,
            highest: i64::MIN,
            stray: None,
            armed: None,
            repeats: Repeats::default(),
            source: Source::default(),
            tells_at: i64::MIN,
            told_delay: 0,
            cells: hub.open(connection, info.ssrc),
            hub: Arc::clone(hub),
            connection: Arc::clone(connection),
        }
    }

    /// It is described anew.
    pub(crate) fn describe(&mut self, info: &StreamInfo) {
        (self.video, self.nack) = (info.is_video(), info.has_feedback("nack", ""));
        self.clocks = ClockRates::of(info);
        self.payload_type = None;
    }

    /// RFC 7160: each payload type runs on its own clock; one that nobody has described on that of those before it.
    #[inline]
    pub(crate) fn note_payload_type(&mut self, packet: &RtpPacket, arrival: i64) {
        if self.payload_type != Some(packet.payload_type()) {
            self.payload_type = Some(packet.payload_type());
            if let Some(rate) = self.clocks.rate(packet.payload_type()).filter(|rate| *rate != self.rate()) {
                self.schedule.set_rate(rate, packet.timestamp(), arrival);
            }
        }
    }

    pub(crate) const fn rate(&self) -> u32 {
        self.schedule.clock.rate()
    }

    /// Does nothing lie between this number and what has left?
    #[inline]
    pub(crate) fn follows(&self, number: i64) -> bool {
        self.next.is_none_or(|next| next == number)
    }

    /// Is what waits first a frame without a hole, to its end?
    pub(crate) fn has_whole_frame(&self) -> bool {
        let Some(first) = self.queue.front() else { return false };
        let timestamp = first.packet.timestamp();
        for (number, held) in (first.number..).zip(self.queue.iter()) {
            if held.number != number {
                return false;
            }
            if held.packet.timestamp() != timestamp || held.packet.marker() {
                return true;
            }
        }
        false
    }

    /// How it is now.
    #[must_use]
    pub fn playout(&self) -> StreamPlayout {
        self.cells.playout()
    }

    /// What was counted of it.
    #[must_use]
    pub fn counters(&self) -> JitterBufferCounters {
        self.cells.counters()
    }
}

impl Drop for BufferedStream {
    /// However it ends, its counters are kept.
    fn drop(&mut self) {
        self.cells.strays.add(u64::from(self.stray.take().is_some()));
        self.cells.ended.add(self.queue.len() as u64);
        self.hub.close(&self.connection, self.ssrc, &self.cells);
    }
}

const _: () = assert!(size_of::<BufferedStream>() <= 728, "as documented, with counters less than 1 KiB");
