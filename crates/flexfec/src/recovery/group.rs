//! Streams that share an SSRC of repair packets share a decoder: a repair packet may protect several of them.

use std::time::Duration;

use interceptor_core::StreamInfo;
use interceptor_parity::{Decoder, DecoderTally, Zeroing};

use super::counters::RecoveryCells;
use super::stream::Source;
use crate::FlexFecOptions;

/// All decoders of a connection, found by the place that a stream keeps.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Places of groups that have ended are used again.
    all: Vec<Option<Group>>,
}

/// The decoder of one SSRC of repair packets.
#[derive(Debug)]
pub(super) struct Group {
    source: Source,
    pub(super) decoder: Decoder,
    /// For how long a repair packet waits, unless the jitter buffer says less.
    pub(super) window: Duration,
    /// Repair packets that came.
    pub(super) repairs: u64,
    /// When statistics were told last, in nanoseconds.
    pub(super) told_at: u64,
    /// What has been counted already.
    counted: DecoderTally,
}

impl Groups {
    /// A stream joins the group of its repair packets, or tells it of a new description; gives the group's place.
    pub(super) fn join(&mut self, source: Source, info: &StreamInfo, options: &FlexFecOptions) -> usize {
        let is_it = |group: &Option<Group>| group.as_ref().is_some_and(|group| group.source == source);
        let place = self.all.iter().position(is_it).or_else(|| self.all.iter().position(Option::is_none));
        let place = place.unwrap_or_else(|| {
            self.all.push(None);
            self.all.len() - 1
        });
        if let Some(slot) = self.all.get_mut(place) {
            let window = info.fec.map_or_else(Default::default, |fec| fec.repair_window);
            let limits = options.recovery.limits(window);
            let group = slot.get_or_insert_with(|| Group {
                source,
                decoder: Decoder::new(limits),
                window: limits.wait,
                repairs: 0,
                told_at: 0,
                counted: DecoderTally::default(),
            });
            let extensions = info.header_extensions.iter().map(|extension| (extension.id, &*extension.uri));
            let clock_rate = info.primary().map_or(0, |codec| codec.clock_rate);
            group.decoder.add_stream(info.ssrc, clock_rate, Zeroing::new(&options.mutable, extensions));
        }
        place
    }

    /// A stream leaves, and with it the repair packets that wait for packets of it; the last one takes the group along.
    pub(super) fn leave(&mut self, place: usize, ssrc: u32, cells: &RecoveryCells) {
        if let Some(slot) = self.all.get_mut(place)
            && let Some(group) = slot
        {
            group.decoder.remove_stream(ssrc);
            group.count(cells);
            if group.decoder.is_empty() {
                *slot = None;
            }
        }
    }

    #[inline]
    pub(super) fn get(&mut self, place: usize) -> Option<&mut Group> {
        self.all.get_mut(place)?.as_mut()
    }
}

impl Group {
    /// Counts what the decoder has counted since the last time.
    pub(super) fn count(&mut self, cells: &RecoveryCells) {
        let tally = *self.decoder.tally();
        cells.add(&tally, &self.counted);
        self.counted = tally;
    }
}
