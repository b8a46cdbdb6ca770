//! What a link did so far.

/// Counters of one link since it was made. Every figure is in packets unless its name says bytes.
///
/// At any time `offered + duplicated = delivered + lost + queue_dropped + in flight`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkCounters {
    /// Packets pushed into the link.
    pub offered: u64,
    /// Bytes of the offered packets, without overhead.
    pub offered_bytes: u64,
    /// Packets popped from the link, copies included.
    pub delivered: u64,
    /// Bytes of the delivered packets, without overhead.
    pub delivered_bytes: u64,
    /// Packets that a loss model or the predicate took; they have used capacity. Counted when they are
    /// offered.
    pub lost: u64,
    /// Packets that found the queue full.
    pub queue_dropped: u64,
    /// Additional copies made. Counted when the packet leaves the queue.
    pub duplicated: u64,
    /// Delivered packets that a later packet had overtaken; copies do not count.
    pub reordered: u64,
    /// Packets that the queue marked "congestion experienced".
    pub marked: u64,
}
