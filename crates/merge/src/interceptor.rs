//! The interceptor that merges: reads like the list of behaviour in the crate's documentation.

use std::time::Duration;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Amend, Context, Deadlines, Flow, Interceptor, Result, StreamInfo, Streams};

use crate::fingerprint::fingerprint;
use crate::log::Reach;
use crate::merging::{Arrival, Taken};
use crate::{MergeCounters, MergeOptions, MergedStream, Order, PathChange};

/// Merges the paths of one connection; the [crate] says what it does.
#[derive(Debug)]
pub struct Merge {
    pub(crate) options: MergeOptions,
    reach: Reach,
    /// In nanoseconds.
    pub(crate) skew: u64,
    pub(crate) counters: MergeCounters,
    /// When the first gap of each stream is given up.
    pub(crate) deadlines: Deadlines<u64>,
}

impl Merge {
    pub(crate) fn new(options: MergeOptions) -> Self {
        let micros = u32::try_from(options.skew.as_micros()).unwrap_or(u32::MAX);
        Self {
            reach: Reach { most: options.window as usize, micros },
            skew: u64::from(micros) * 1000,
            options,
            counters: MergeCounters::default(),
            deadlines: Deadlines::default(),
        }
    }

    /// What was counted so far, of all streams.
    #[must_use]
    pub const fn counters(&self) -> &MergeCounters {
        &self.counters
    }

    #[inline]
    fn merge_media(
        &mut self,
        stream: &mut MergedStream,
        arrival: Arrival,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        let Arrival { path, now, .. } = arrival;
        let Some(state) = stream.media.begun(path) else { return Flow::Forward };
        let (returned, distrusted) = (state.arrive(now), state.distrusted);
        if let Some(after) = returned {
            tell(PathChange::Returned { ssrc: stream.ssrc, path, after }, cx);
        }
        stream.liveness.note(path, now, stream.media.paths_mut());
        if let Some((path, silent)) = stream.liveness.look(now, self.skew, stream.media.paths_mut()) {
            tell(PathChange::Died { ssrc: stream.ssrc, path, silent }, cx);
        }
        if distrusted {
            self.counters.distrusted += 1;
            return Flow::Consumed;
        }
        let taken = stream.media.take(arrival, self.reach);
        if let Taken::First(_) = taken
            && stream.held.is_none()
        {
            self.counters.passed += 1;
            return Flow::Forward;
        }
        self.sort(stream, taken, now, packet, cx)
    }

    /// What is no first copy, or must be in order.
    fn sort(
        &mut self,
        stream: &mut MergedStream,
        taken: Taken,
        now: u64,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Flow {
        let number = match taken {
            Taken::Copy { blamed } => {
                self.counters.copies += 1;
                if let Some(blamed) = blamed {
                    self.mismatch(stream, blamed, now, cx);
                }
                return Flow::Consumed;
            }
            Taken::TooOld => {
                self.counters.too_old += 1;
                return Flow::Consumed;
            }
            Taken::Stray => {
                self.counters.strays += 1;
                self.counters.passed += 1;
                return Flow::Forward;
            }
            Taken::First(number) => number,
            Taken::Restart(number) => {
                self.counters.restarts += 1;
                if let Some(held) = &mut stream.held {
                    held.restart(number);
                }
                number
            }
        };
        if stream.held.is_some() {
            return self.order(stream, number, packet, cx);
        }
        self.counters.passed += 1;
        Flow::Forward
    }

    /// Two paths differ: the one with the lower number is believed.
    #[cold]
    fn mismatch(&mut self, stream: &mut MergedStream, blamed: u8, now: u64, cx: &mut Context<'_>) {
        self.counters.mismatched += 1;
        if stream.media.begun(blamed).is_some_and(|path| path.mismatch(now)) {
            tell(PathChange::Distrusted { ssrc: stream.ssrc, path: blamed }, cx);
        }
    }

    /// Retransmissions and FEC: the same without order, and without looking after the paths.
    #[cold]
    fn merge_repair(&mut self, stream: &mut MergedStream, ssrc: u32, arrival: Arrival) -> Flow {
        if stream.media.begun(arrival.path).is_some_and(|path| path.distrusted) {
            self.counters.distrusted += 1;
            return Flow::Consumed;
        }
        let taken = stream.repair_mut(ssrc).map_or(Taken::Stray, |merging| merging.take(arrival, self.reach));
        match taken {
            Taken::Copy { .. } => self.counters.copies += 1,
            Taken::TooOld => self.counters.too_old += 1,
            Taken::First(_) | Taken::Stray | Taken::Restart(_) => {
                self.counters.passed += 1;
                return Flow::Forward;
            }
        }
        Flow::Consumed
    }

    fn end(&mut self, stream: &MergedStream) {
        let (waiting, _) = stream.held();
        self.counters.dropped_ended += waiting as u64;
        self.deadlines.set(stream.key, None);
    }
}

/// Tells the chain's owner.
#[cold]
fn tell(change: PathChange, cx: &mut Context<'_>) {
    tracing::debug!(?change, "a path changes");
    cx.raise(change);
}

impl Interceptor for Merge {
    type Local = ();
    type Remote = MergedStream;

    fn bind_remote(&mut self, info: &StreamInfo, cx: &mut Context<'_>) -> Result<Option<MergedStream>> {
        let holds = self.options.order == Order::Held;
        Ok(Some(MergedStream::new(info, cx.stream_key(), cx.config().now, holds)))
    }

    fn amend_remote(
        &mut self,
        _: &StreamInfo,
        new: &StreamInfo,
        stream: &mut MergedStream,
        _: &mut Context<'_>,
    ) -> Result<Amend> {
        stream.amend(new);
        Ok(Amend::Keep)
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: MergedStream, _: &mut Context<'_>) {
        self.end(&stream);
    }

    #[inline]
    fn read_rtp(
        &mut self,
        stream: &mut MergedStream,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let path = packet.info().path;
        let now = packet.info().arrival.map_or_else(|| cx.elapsed_nanos(), |arrival| cx.nanos_at(arrival));
        let ssrc = packet.ssrc();
        if ssrc != stream.ssrc && stream.renumber(packet) {
            self.counters.renumbered += 1;
        }
        if path >= self.options.paths {
            self.counters.unknown_path += 1;
            self.counters.passed += 1;
            return Ok(Flow::Forward);
        }
        let (seq, fingerprint) = (packet.sequence_number(), fingerprint(packet.payload()));
        let arrival = Arrival { path, seq, fingerprint, now };
        if packet.ssrc() == stream.ssrc {
            return Ok(self.merge_media(stream, arrival, packet, cx));
        }
        Ok(self.merge_repair(stream, ssrc, arrival))
    }

    fn handle_timeout(&mut self, mut streams: Streams<'_, Self>, cx: &mut Context<'_>) -> Result<()> {
        while let Some((_, key)) = self.deadlines.take_due(cx.elapsed_nanos()) {
            if let Some(stream) = streams.remote_by_key(key) {
                self.release_due(stream, cx);
            }
            if cx.emit_budget() == 0 {
                break;
            }
        }
        self.arm(cx);
        Ok(())
    }

    fn close(&mut self, mut streams: Streams<'_, Self>, _: &mut Context<'_>) -> Result<()> {
        for (_, stream) in streams.remotes() {
            self.counters.dropped_ended += stream.held().0 as u64;
            stream.held = None;
            self.deadlines.set(stream.key, None);
        }
        Ok(())
    }
}

impl Merge {
    /// Asks to be woken when the first gap of all streams is given up.
    pub(crate) fn arm(&self, cx: &mut Context<'_>) {
        let next = self.deadlines.next().map(|(due, _)| Duration::from_nanos(due));
        if let Some(at) = next.and_then(|due| cx.config().now.checked_add(due)) {
            cx.wake_for("gap", at);
        }
    }
}
