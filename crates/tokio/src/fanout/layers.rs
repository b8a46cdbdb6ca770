//! Which layers a subscriber gets, decided frame by frame.

use interceptor_rewriter::SourceId;

use super::part::Part;
use interceptor_packet::RtpClock;

/// Which layers a subscriber gets, and the frames that are on their way. No packets, no clock.
#[derive(Debug)]
pub(super) struct Layers {
    /// The highest that it may get.
    limit: u8,
    /// The highest that it gets.
    current: u8,
    /// Too many packets wait: only the lowest is sent.
    thin: bool,
    /// The newest frame of the source that is sent, and of the one that is to be.
    frames: [Option<Frame>; 2],
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    source: SourceId,
    timestamp: u32,
    /// The highest sequence number that has come of it.
    number: u16,
    /// There was no room for it.
    skipped: bool,
}

/// Why a packet is not wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unwanted {
    Limit,
    Backlog,
    Padding,
}

/// Packets with an older timestamp and a number up to so far behind are late: as many as a rewriter remembers by default. A source that has
/// set its clock back, or counts anew, is past that after as many packets, not only once its clock has caught up.
const MAX_LATE: i16 = 1024;

impl Layers {
    pub(super) const fn new() -> Self {
        Self { limit: u8::MAX, current: u8::MAX, thin: false, frames: [None; 2] }
    }

    pub(super) const fn set_limit(&mut self, limit: u8) {
        self.limit = limit;
    }

    /// Does a frame begin with this packet? Late packets of frames before begin none.
    pub(super) fn is_new(&mut self, source: SourceId, timestamp: u32, number: u16) -> bool {
        let Some(frame) = self.frame_mut(source) else { return true };
        let ahead = number.wrapping_sub(frame.number).cast_signed();
        if timestamp != frame.timestamp {
            let older = RtpClock::difference(timestamp, frame.timestamp) < 0;
            return !(older && (-MAX_LATE..=0).contains(&ahead));
        }
        if ahead > 0 {
            frame.number = number;
        }
        false
    }

    /// A frame begins; `sent` is the source that the subscriber gets, which is not forgotten for another.
    pub(super) fn begin(&mut self, source: SourceId, timestamp: u32, number: u16, sent: Option<SourceId>) {
        let is_free = |frame: &&mut Option<Frame>| frame.is_none_or(|frame| Some(frame.source) != sent);
        let same = |frame: &&mut Option<Frame>| frame.is_some_and(|frame| frame.source == source);
        let slot = if self.frame(source).is_some() {
            self.frames.iter_mut().find(same)
        } else {
            self.frames.iter_mut().find(is_free)
        };
        if let Some(slot) = slot {
            *slot = Some(Frame { source, timestamp, number, skipped: false });
        }
    }

    /// The layers to get from this frame on: fewer at once, more where a decoder can follow.
    pub(super) fn adapt(&mut self, part: Part, waiting: usize, thin_above: usize) {
        self.thin = if self.thin { waiting > thin_above / 2 } else { waiting > thin_above };
        self.settle(part);
    }

    /// Only the lowest layer, from this frame on.
    pub(super) fn thin_out(&mut self, part: Part) {
        self.thin = true;
        self.settle(part);
    }

    fn settle(&mut self, part: Part) {
        let allowed = if self.thin { 0 } else { self.limit };
        let follows = part.sync && part.layer > self.current && part.layer <= allowed;
        self.current = match part {
            Part { starts_key_frame: true, .. } => allowed,
            Part { layer, .. } if follows => layer,
            _ => self.current.min(allowed),
        };
    }

    /// There is no room for the rest of a frame of this layer, nor for those above, until one comes from which a decoder can go on.
    pub(super) fn break_off(&mut self, layer: u8) {
        self.thin = true;
        self.current = self.current.min(layer.saturating_sub(1));
    }

    /// Why a packet of this part is not wanted, if it is not.
    pub(super) const fn above(&self, part: Part) -> Option<Unwanted> {
        if part.layer <= self.current {
            None
        } else if part.layer > self.limit {
            Some(Unwanted::Limit)
        } else {
            Some(Unwanted::Backlog)
        }
    }

    /// The frame of this packet, which is the newest, finds no room.
    pub(super) fn skip(&mut self, source: SourceId) {
        if let Some(frame) = self.frame_mut(source) {
            frame.skipped = true;
        }
    }

    pub(super) fn is_skipped(&self, source: SourceId, timestamp: u32) -> bool {
        self.frame(source).is_some_and(|frame| frame.skipped && frame.timestamp == timestamp)
    }

    fn frame_mut(&mut self, source: SourceId) -> Option<&mut Frame> {
        self.frames.iter_mut().flatten().find(|frame| frame.source == source)
    }

    fn frame(&self, source: SourceId) -> Option<Frame> {
        self.frames.iter().flatten().find(|frame| frame.source == source).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: SourceId = SourceId(1);

    /// The layers that get through of frames given as (layer, sync), with so many packets waiting.
    fn sent(layers: &mut Layers, frames: &[(u8, bool)], waiting: usize) -> Vec<u8> {
        let each = |(layer, sync): &(u8, bool)| {
            let part = Part::of_layer(*layer, *sync);
            layers.adapt(part, waiting, 10);
            layers.above(part).is_none().then_some(*layer)
        };
        frames.iter().filter_map(each).collect()
    }

    #[test]
    fn layers_go_at_once_and_come_back_where_a_decoder_can_follow() {
        let mut layers = Layers::new();
        let frames = [(0, false), (2, false), (1, false), (2, false)];
        let with_sync = [(0, false), (2, true), (1, true), (2, true)];
        layers.adapt(Part::KEY, 0, 10);
        assert_eq!(sent(&mut layers, &frames, 10), [0, 2, 1, 2]);
        assert_eq!(sent(&mut layers, &frames, 11), [0]);
        assert_eq!(sent(&mut layers, &with_sync, 6), [0], "until half as many wait");
        assert_eq!(layers.above(Part::of_layer(1, false)), Some(Unwanted::Backlog));
        assert_eq!(sent(&mut layers, &frames, 5), [0], "and a frame comes from which on it can be decoded");
        layers.set_limit(1);
        assert_eq!(layers.above(Part::of_layer(2, false)), Some(Unwanted::Limit));
        assert_eq!(sent(&mut layers, &with_sync, 5), [0, 1]);
        layers.set_limit(2);
        assert_eq!(sent(&mut layers, &frames, 0), [0, 1]);
        layers.adapt(Part::KEY, 0, 10);
        assert_eq!(sent(&mut layers, &frames, 0), [0, 2, 1, 2], "a key frame is one for all layers");
    }

    #[test]
    fn frames_of_two_sources_are_told_apart_and_late_packets_begin_none() {
        let mut layers = Layers::new();
        let other = SourceId(2);
        assert!(layers.is_new(SOURCE, 5, 10));
        layers.begin(SOURCE, 5, 10, Some(SOURCE));
        layers.begin(other, u32::MAX, 65_535, Some(SOURCE));
        assert!(
            !layers.is_new(SOURCE, 5, 12) && !layers.is_new(SOURCE, 4, 11) && layers.is_new(SOURCE, 6, 13)
        );
        assert!(layers.is_new(other, 0, 0) && !layers.is_new(other, u32::MAX, 0));
        layers.skip(other);
        assert!(layers.is_skipped(other, u32::MAX) && !layers.is_skipped(SOURCE, 5));
        // A third takes the place of the one that is not sent.
        layers.begin(SourceId(3), 1, 1, Some(SOURCE));
        assert!(!layers.is_new(SOURCE, 5, 12) && layers.is_new(other, u32::MAX, 1));
    }

    #[test]
    fn frames_begin_wherever_their_source_sets_its_clock_and_whatever_it_counts() {
        let hour = 324_000_000_u32;
        // Numbers go on; or begin anew, at worst as if they were late, which is over when they have caught up.
        for (back, number, late) in
            [(hour, 11, 0), (1, 11, 0), (1 << 31, 11, 0), (hour, 40_000, 0), (hour, 10, 1), (hour, 0, 11)]
        {
            let mut layers = Layers::new();
            layers.begin(SOURCE, hour, 10, Some(SOURCE));
            let begun = (0..40_u16).filter(|frame| {
                let (number, timestamp) =
                    (number + frame, hour.wrapping_sub(back) + 3000 * u32::from(*frame));
                let new = layers.is_new(SOURCE, timestamp, number);
                if new {
                    layers.begin(SOURCE, timestamp, number, Some(SOURCE));
                }
                new
            });
            assert_eq!(begun.count(), 40 - late, "{back} back, from {number} on");
        }
    }

    #[test]
    fn a_frame_that_is_broken_off_takes_its_layer_and_those_above_along_until_a_decoder_can_follow() {
        let mut layers = Layers::new();
        layers.adapt(Part::KEY, 0, 10);
        layers.break_off(2);
        assert_eq!(layers.above(Part::of_layer(2, false)), Some(Unwanted::Backlog));
        assert_eq!(sent(&mut layers, &[(1, false), (2, false), (0, false), (2, true)], 0), [1, 0, 2]);
        layers.break_off(1);
        assert_eq!(sent(&mut layers, &[(2, true), (1, false), (0, false)], 6), [0]);
    }
}
