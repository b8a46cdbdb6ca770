//! What a chain's interceptor finds out about each stream besides counts: spacing, jitter, drift, runs of losses.
//!
//! Losses and jitter are those of [`interceptor_packet::rfc3550`], sampled at every packet.

mod clock;
mod runs;
mod spread;

use std::time::{Duration, Instant};

use interceptor_core::{
    BuildContext, BuildError, Context, Factory, Flow, Interceptor, Result, Stage, StreamInfo,
};
use interceptor_packet::RtpPacket;
use interceptor_packet::rfc3550::{Arrival, SourceState};

pub(super) use clock::ClockFigures;
use clock::Clocks;
pub(super) use runs::RunFigures;
use runs::Runs;
use spread::Spread;
pub use spread::SpreadMs;

/// Makes [`Figures`].
#[derive(Debug)]
pub(super) struct FiguresFactory;

impl Factory for FiguresFactory {
    type Interceptor = Figures;

    fn name(&self) -> &'static str {
        "inspect"
    }

    fn stage(&self) -> Stage {
        Stage::CAPTURE
    }

    fn build(&self, cx: &BuildContext<'_>) -> Result<Figures, BuildError> {
        Ok(Figures { start: cx.now() })
    }
}

/// Watches the packets of each stream; raises [`StreamFigures`] when a stream is unbound.
#[derive(Debug)]
pub(super) struct Figures {
    start: Instant,
}

/// What was found out about a stream.
#[derive(Clone, Debug)]
pub(super) struct StreamFigures {
    pub(super) expected: u64,
    pub(super) delta: Option<SpreadMs>,
    pub(super) runs: RunFigures,
    /// `None` when the clock rate is not known and could not be guessed.
    pub(super) clock: Option<ClockFigures>,
    /// The first and the last packet, since the chain's start.
    pub(super) first: Duration,
    pub(super) last: Duration,
}

/// A stream while it runs.
#[derive(Debug)]
pub(super) struct Watched {
    source: SourceState,
    runs: Runs,
    clocks: Clocks,
    delta: Spread,
    packets: u64,
    first: Duration,
    last: Duration,
    /// The latest; packets of a capture are not always in order of time.
    latest: Duration,
}

impl Watched {
    fn new(clock_rate: u32) -> Self {
        Self {
            source: SourceState::default(),
            runs: Runs::default(),
            clocks: Clocks::new(clock_rate),
            delta: Spread::default(),
            packets: 0,
            first: Duration::ZERO,
            last: Duration::ZERO,
            latest: Duration::ZERO,
        }
    }

    fn receive(&mut self, packet: &RtpPacket, at: Duration) {
        let seq = packet.sequence_number();
        let verdict = self.source.update(seq, packet.timestamp(), at, self.clocks.known_rate());
        match verdict {
            Arrival::Newest { skipped } => self.runs.advance(skipped),
            Arrival::Resumed { lost, skipped } => {
                self.runs.advance(lost);
                self.runs.advance(skipped);
            }
            Arrival::Late | Arrival::Duplicate => self.runs.fill(seq),
            Arrival::First => self.runs.restart(seq),
            Arrival::Restarted => {
                self.clocks.resync();
                self.runs.restart(seq);
            }
            Arrival::Stray | Arrival::Probation => {}
        }
        if self.packets == 0 {
            self.first = at;
        } else {
            let delta = (at.as_secs_f64() - self.last.as_secs_f64()) * 1000.0;
            self.delta.add(delta, packet.marker(), self.packets);
        }
        if verdict.counts() {
            self.clocks.receive(packet, at, verdict.is_newest(), self.packets);
        }
        self.packets += 1;
        self.last = at;
        self.latest = self.latest.max(at);
    }

    fn finish(self) -> StreamFigures {
        StreamFigures {
            expected: self.source.total_expected(),
            delta: self.delta.finish(),
            runs: self.runs.finish(),
            clock: self.clocks.finish(),
            first: self.first,
            last: self.latest,
        }
    }
}

impl Interceptor for Figures {
    type Local = ();
    type Remote = Watched;

    fn bind_remote(&mut self, stream: &StreamInfo, _: &mut Context<'_>) -> Result<Option<Watched>> {
        Ok(Some(Watched::new(stream.primary().map_or(0, |codec| codec.clock_rate))))
    }

    fn unbind_remote(&mut self, _: &StreamInfo, stream: Watched, cx: &mut Context<'_>) {
        cx.raise(stream.finish());
    }

    fn read_rtp(
        &mut self,
        stream: &mut Watched,
        packet: &mut RtpPacket,
        cx: &mut Context<'_>,
    ) -> Result<Flow> {
        let arrival = packet.info().arrival.unwrap_or_else(|| cx.now());
        stream.receive(packet, arrival.saturating_duration_since(self.start));
        Ok(Flow::Forward)
    }
}
