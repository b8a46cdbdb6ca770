//! What a report interceptor has counted.

/// What one connection's [`Report`](crate::Report) has counted since it was built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReportCounters {
    /// Sender reports sent.
    pub sender_reports: u64,
    /// Receiver reports sent, empty ones included.
    pub receiver_reports: u64,
    /// Report blocks sent, in reports of both kinds.
    pub blocks: u64,
    /// Datagrams that carried them.
    pub datagrams: u64,
    /// Local SSRCs that BYE was sent for.
    pub goodbyes: u64,
    /// Others' feedback that was put behind a report, because reduced-size RTCP was not negotiated.
    pub wrapped: u64,
    /// Round-trip times measured.
    pub round_trips: u64,
    /// Round-trip times dropped because they were negative or above 60 s: a peer's clock stepped, or it lies.
    pub absurd_round_trips: u64,
    /// [`Loss`](interceptor_core::Loss)es published.
    pub losses_told: u64,
    /// Report blocks that are older than the one before of their reporter; their losses are ignored.
    pub old_blocks: u64,
    /// Report blocks whose numbers leap, or go back for the second time: losses are counted from there.
    pub leaped_blocks: u64,
    /// Report blocks that say that more was lost since the one before than there were packets; all of them count as lost.
    pub absurd_losses: u64,
    /// Report blocks whose losses did not count, because four others report on the stream.
    pub uncounted_reporters: u64,
    /// Sender reports, report blocks, DLRR entries and BYEs about SSRCs that are none of the connection's streams; ignored.
    /// With more than two ends in a session this includes what the others tell one another.
    pub unknown_ssrcs: u64,
    /// Sender reports that came with an NTP time of 0: their sender has no clock.
    pub without_clock: u64,
    /// Report blocks that came about a local source and without LSR: the peer has not heard a sender report of it.
    pub without_lsr: u64,
    /// Blocks sent with a jitter of more than 10 s: the timestamps of their source jump.
    pub absurd_jitters: u64,
    /// Receivers that told their clock and got no answer, because 16 others did so after them.
    pub forgotten_clocks: u64,
    /// Members whose BYE was forgotten within 2 s, because 10 000 others said BYE after them, with
    /// [`RtcpInterval::Rfc3550`](crate::RtcpInterval).
    pub forgotten_goodbyes: u64,
    /// How often a source was not counted as a member because 10 000 were known, with [`RtcpInterval::Rfc3550`](crate::RtcpInterval).
    pub uncounted_members: u64,
    /// Incoming packets that did not count: far from all others of their source, or on probation.
    pub strays: u64,
    /// Remote sources that started numbering again.
    pub restarts: u64,
}
