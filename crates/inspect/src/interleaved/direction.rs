//! One direction of a TCP connection: segments in order, once each, with gaps marked.

use std::collections::VecDeque;
use std::time::Duration;

use super::Event;
use super::framing::{Channels, Framing};
use crate::Endpoints;
use crate::frame::Segment;

/// Bytes and segments that wait for those before them; when there are more, these are missing from the capture. A receiver
/// would have closed its window.
const MAX_AHEAD_BYTES: usize = 256 << 10;
const MAX_AHEAD: usize = 256;
/// A number further away than this is another connection's.
const MAX_STEP: u32 = 16 << 20;

/// What has come of one direction.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// The number of the next byte; `None` before any came.
    next: Option<u32>,
    /// In the order of their numbers.
    ahead: VecDeque<Ahead>,
    ahead_bytes: usize,
    framing: Framing,
}

/// A segment that waits for those before it.
#[derive(Debug)]
struct Ahead {
    since: Duration,
    seq: u32,
    data: Vec<u8>,
    wire_len: usize,
}

impl Direction {
    pub(super) fn receive(&mut self, since: Duration, segment: &Segment<'_>, out: &mut dyn FnMut(Event<'_>)) {
        let seq = segment.seq.wrapping_add(segment.is_first.into());
        let next = *self.next.get_or_insert(seq);
        let ahead = seq.wrapping_sub(next);
        if segment.is_first && ahead != 0 || (MAX_STEP..MAX_STEP.wrapping_neg()).contains(&ahead) {
            *self = Self { next: Some(seq), ..Self::default() };
        }
        if segment.is_first {
            self.framing.begin();
        }
        if self.framing.is_dull() || segment.wire_len == 0 {
            return;
        }
        let next = self.next.unwrap_or(seq);
        if (1..MAX_STEP).contains(&seq.wrapping_sub(next)) {
            self.keep(since, seq, segment);
            if self.ahead_bytes > MAX_AHEAD_BYTES || self.ahead.len() > MAX_AHEAD {
                self.skip_gap(segment.endpoints, out);
            }
            return;
        }
        self.take(since, seq, segment.payload, segment.wire_len, segment.endpoints, out);
        self.drain(segment.endpoints, out);
    }

    /// What it holds, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.ahead_bytes + self.framing.bytes()
    }

    pub(super) fn is_rtsp(&self) -> bool {
        self.framing.is_rtsp()
    }

    pub(super) fn is_waiting(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Waits for nothing any more, and keeps nothing.
    pub(super) fn give_up(&mut self, endpoints: Endpoints, out: &mut dyn FnMut(Event<'_>)) {
        while !self.ahead.is_empty() {
            self.skip_gap(endpoints, out);
        }
        self.framing.reset();
    }

    /// What a message said of channels since it was asked last; `None`: there was no message.
    pub(super) fn take_learnt(&mut self) -> Option<Channels> {
        self.framing.take_learnt()
    }

    pub(super) fn learn(&mut self, channels: &Channels) {
        self.framing.learn(channels);
    }

    /// What is new of a segment that begins at the next byte or before.
    fn take(
        &mut self,
        since: Duration,
        seq: u32,
        data: &[u8],
        wire_len: usize,
        endpoints: Endpoints,
        out: &mut dyn FnMut(Event<'_>),
    ) {
        let next = self.next.unwrap_or(seq);
        let old = next.wrapping_sub(seq) as usize;
        let Some(new) = wire_len.checked_sub(old).filter(|new| *new > 0) else { return };
        self.next = Some(next.wrapping_add(new as u32));
        let data = data.get(old..).unwrap_or_default();
        self.framing.push(since, data, new - data.len(), endpoints, out);
    }

    /// Segments that have waited for this one.
    fn drain(&mut self, endpoints: Endpoints, out: &mut dyn FnMut(Event<'_>)) {
        while let (Some(first), Some(next)) = (self.ahead.front(), self.next) {
            if (1..MAX_STEP).contains(&first.seq.wrapping_sub(next)) {
                return;
            }
            let Some(Ahead { since, seq, data, wire_len }) = self.ahead.pop_front() else { return };
            self.ahead_bytes -= cost(&data);
            self.take(since, seq, &data, wire_len, endpoints, out);
        }
    }

    /// What is missing before the first segment that waits will not come.
    fn skip_gap(&mut self, endpoints: Endpoints, out: &mut dyn FnMut(Event<'_>)) {
        if let (Some(first), Some(next)) = (self.ahead.front(), self.next) {
            let (since, seq) = (first.since, first.seq);
            self.framing.push(since, &[], seq.wrapping_sub(next) as usize, endpoints, out);
            self.next = Some(seq);
        }
        self.drain(endpoints, out);
    }

    /// In its place; of two that begin alike the longer one.
    fn keep(&mut self, since: Duration, seq: u32, segment: &Segment<'_>) {
        let next = self.next.unwrap_or(seq);
        let ahead = seq.wrapping_sub(next);
        let place = self.ahead.iter().take_while(|other| other.seq.wrapping_sub(next) < ahead).count();
        let (data, wire_len) = (segment.payload.to_vec(), segment.wire_len);
        if let Some(same) = self.ahead.get_mut(place).filter(|other| other.seq == seq) {
            if same.wire_len >= wire_len {
                return;
            }
            self.ahead_bytes -= cost(&same.data);
            self.ahead_bytes += cost(&data);
            *same = Ahead { since, seq, data, wire_len };
        } else {
            self.ahead_bytes += cost(&data);
            self.ahead.insert(place, Ahead { since, seq, data, wire_len });
        }
    }
}

/// Bytes that a waiting segment takes.
const fn cost(data: &[u8]) -> usize {
    size_of::<Ahead>() + data.len()
}
