//! What became of the packets that a subscriber was to get.

/// What became of the packets of the sources that a subscriber gets, or waits for. The book closes: `given` is the sum of all others but
/// `cuts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubscriptionCounters {
    /// Packets that came for it. While it waits for a key frame they come once it is certain that none begins before them: up to 64 packets
    /// later.
    pub given: u64,
    /// Packets that its session took.
    pub sent: u64,
    /// Packets of layers above its own limit, left out without a gap.
    pub left_out_by_limit: u64,
    /// Packets of upper layers, left out without a gap because too many wait, or until a frame from which their layer can be decoded again.
    pub left_out_by_backlog: u64,
    /// Packets of upper layers, and padding, that did not find room, and whose number stands as others behind them had left: it misses them, and
    /// goes on.
    pub missed: u64,
    /// Packets of frames of layer 0 that did not find room. It gets nothing more then until a key frame.
    pub cut_packets: u64,
    /// How often that was.
    pub cuts: u64,
    /// Packets that have no place in its stream: before a key frame, too late, padding. Its rewriter's counters say which.
    pub refused: u64,
    /// Packets that had a number, and whose room others took meanwhile: interceptors that sent packets again. It is cut then, too.
    pub lost: u64,
    /// Packets that came after its session or its stream had ended, or while taking them panicked, which ends it.
    pub ended: u64,
}

impl SubscriptionCounters {
    /// Packets that are in none of the counters: 0 unless some got lost in silence.
    #[must_use]
    pub const fn unaccounted(&self) -> i64 {
        let left_out = self.left_out_by_limit + self.left_out_by_backlog;
        let known =
            self.sent + left_out + self.cut_packets + self.refused + self.missed + self.lost + self.ended;
        self.given.cast_signed() - known.cast_signed()
    }
}
