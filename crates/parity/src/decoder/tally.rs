//! What a decoder has counted.

/// What a [`Decoder`](super::Decoder) has counted since it was made.
///
/// Every repair that it was given is used, useless, expired, inconsistent, partial, unknown, malformed, or waits still.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecoderTally {
    /// Packets that came back.
    pub recovered: u64,
    /// Packets that had come before, or came back before, where one of the two was restored.
    pub duplicates: u64,
    /// Repairs that a packet came back by.
    pub used: u64,
    /// Repairs of which all packets were there, or that had come before.
    pub useless: u64,
    /// Repairs that waited too long, were pushed out, or protect what is out of reach.
    pub expired: u64,
    /// Repairs that contradict what has come.
    pub inconsistent: u64,
    /// Repairs that protect only the first bytes of a packet that was lost.
    pub partial: u64,
    /// Repairs of a stream that the decoder does not have.
    pub unknown_stream: u64,
    /// Repairs that name a stream twice, or nothing.
    pub malformed: u64,
}

impl DecoderTally {
    /// Repairs that brought nothing back, but for those that wait (`fecPacketsDiscarded` of W3C webrtc-stats).
    #[must_use]
    pub const fn discarded(&self) -> u64 {
        self.useless + self.expired + self.inconsistent + self.partial + self.unknown_stream + self.malformed
    }
}
