//! A rewriter, packets given by number, and an instant to count from.

use std::time::{Duration, Instant};

use interceptor_rewriter::{
    Header, LeftOut, Numbers, OutgoingStream, Refusal, Rewriter, RewriterOptions, SourceId, SourceNumber,
};

pub(crate) const A: SourceId = SourceId(0xa);
pub(crate) const B: SourceId = SourceId(0xb);
pub(crate) const SSRC: u32 = 0x5eed;

/// Any instant will do.
#[expect(clippy::disallowed_methods, reason = "only distances from it matter")]
pub(crate) fn start() -> Instant {
    Instant::now()
}

/// A rewriter with instants counted in milliseconds.
pub(crate) struct Bench {
    pub(crate) rewriter: Rewriter,
    start: Instant,
}

impl Bench {
    /// Begins at number 100 and timestamp 1000.
    pub(crate) fn new() -> Self {
        Self::with(RewriterOptions::default(), 100)
    }

    pub(crate) fn with(options: RewriterOptions, first: u16) -> Self {
        let stream = OutgoingStream::new(SSRC, 90_000).starting_at(first, 1000);
        Self { rewriter: Rewriter::new(stream, options).unwrap(), start: start() }
    }

    pub(crate) fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// A packet that begins a key frame.
    pub(crate) fn key(
        &mut self,
        source: SourceId,
        seq: u16,
        timestamp: u32,
        ms: u64,
    ) -> Result<Numbers, Refusal> {
        let header = Header { sequence_number: seq, timestamp, starts_key_frame: true };
        self.rewriter.place(source, header, self.at(ms))
    }

    /// Another packet.
    pub(crate) fn delta(
        &mut self,
        source: SourceId,
        seq: u16,
        timestamp: u32,
        ms: u64,
    ) -> Result<Numbers, Refusal> {
        let header = Header { sequence_number: seq, timestamp, starts_key_frame: false };
        self.rewriter.place(source, header, self.at(ms))
    }

    /// Where a packet of A goes, whose timestamp does not matter.
    pub(crate) fn number(&mut self, seq: u16) -> Result<u16, Refusal> {
        self.delta(A, seq, 0, 0).map(|numbers| numbers.sequence_number)
    }

    pub(crate) fn leave_out(&mut self, seq: u16) -> Result<LeftOut, Refusal> {
        self.rewriter.leave_out(A, seq)
    }

    /// A is sent from number `seq` on.
    pub(crate) fn begin(&mut self, seq: u16) -> u16 {
        self.rewriter.switch_to(A);
        self.key(A, seq, 0, 0).unwrap().sequence_number
    }

    pub(crate) fn source_of(&self, number: u16) -> Option<(SourceId, u16)> {
        let of = |found: SourceNumber| (found.source, found.sequence_number);
        self.rewriter.source_of(number).map(of)
    }

    pub(crate) fn numbers_of(&self, source: SourceId, seq: u16) -> Option<u16> {
        let packet = SourceNumber { source, sequence_number: seq };
        self.rewriter.numbers_of(packet, 0).map(|numbers| numbers.sequence_number)
    }
}
