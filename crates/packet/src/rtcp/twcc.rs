//! Transport-wide congestion control feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).

use super::{Feedback, Frame, TwccPackets, frame};

/// A transport-wide feedback message: which packets arrived, and when.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Twcc<'a> {
    pub(super) base: Feedback<'a>,
}

impl<'a> Twcc<'a> {
    /// Malformed without the eight bytes of header fields. Chunks and deltas are looked at when they are read.
    pub(super) fn of(base: Frame<'a>) -> Option<Self> {
        let base = Feedback::of(base)?;
        (base.fci().len() >= 8).then_some(Self { base })
    }

    /// Transport-wide sequence number of the first packet reported.
    #[must_use]
    pub fn base_sequence_number(&self) -> u16 {
        frame::half(self.base.fci(), 0)
    }

    /// How many packets are reported, received and lost together.
    #[must_use]
    pub fn packet_status_count(&self) -> u16 {
        frame::half(self.base.fci(), 2)
    }

    /// Reference time in units of 64 ms, 24 bits with sign.
    #[must_use]
    pub fn reference_time(&self) -> i32 {
        frame::word(self.base.fci(), 4).cast_signed() >> 8
    }

    /// Number of the feedback message, +1 modulo 256.
    #[must_use]
    pub fn feedback_count(&self) -> u8 {
        self.base.fci().get(7).copied().unwrap_or(0)
    }

    /// What became of each packet; `None` when the feedback is about no packet, or when its chunks or deltas end before its
    /// packets do. Symbols beyond the last packet are not looked at.
    ///
    /// Transport-wide sequence numbers wrap, and so does the reference time, after 12.4 days: who compares messages
    /// unwraps both.
    #[must_use]
    pub fn packets(&self) -> Option<TwccPackets<'a>> {
        TwccPackets::of(self.base_sequence_number(), self.packet_status_count(), self.payload())
    }

    /// Packet status chunks and receive deltas, without padding.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.base.fci().get(8..).unwrap_or_default()
    }
}
