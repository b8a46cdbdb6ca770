//! What goes in and out: sources, headers, numbers.

use interceptor_packet::RtpPacket;

/// A source, as the caller numbers them: a publisher, or one of its simulcast layers. Its SSRC will do where no two have the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SourceId(pub u32);

impl From<u32> for SourceId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

/// What a rewriter has to know of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its sequence number.
    pub sequence_number: u16,
    /// Its timestamp.
    pub timestamp: u32,
    /// It begins a key frame, or something else from which on a decoder can go on. With sound each packet does.
    pub starts_key_frame: bool,
}

impl Header {
    #[inline]
    pub(crate) fn of(packet: &RtpPacket, starts_key_frame: bool) -> Self {
        Self { sequence_number: packet.sequence_number(), timestamp: packet.timestamp(), starts_key_frame }
    }
}

/// What a packet's header says in the outgoing stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Its sequence number.
    pub sequence_number: u16,
    /// Its timestamp.
    pub timestamp: u32,
}

/// A packet as its source knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceNumber {
    /// The source.
    pub source: SourceId,
    /// Its sequence number there.
    pub sequence_number: u16,
}

/// What became of a packet that is not to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// The packet after it takes its number.
    WithoutGap,
    /// Packets behind it have been sent, so its number stands: a receiver misses it if it is not sent.
    NumberStands,
}

/// The stream that goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutgoingStream {
    /// Its SSRC.
    pub ssrc: u32,
    /// Its clock and that of all its sources, in units a second.
    pub clock_rate: u32,
    /// The first packet's sequence number. Default 0; RFC 3550 §5.1 wants it random where it is encrypted.
    pub sequence_number: u16,
    /// The first packet's timestamp. Default 0; random, too.
    pub timestamp: u32,
}

impl OutgoingStream {
    /// A stream that begins with number 0 at timestamp 0.
    #[must_use]
    pub const fn new(ssrc: u32, clock_rate: u32) -> Self {
        Self { ssrc, clock_rate, sequence_number: 0, timestamp: 0 }
    }

    /// Begins with these numbers.
    #[must_use]
    pub const fn starting_at(mut self, sequence_number: u16, timestamp: u32) -> Self {
        (self.sequence_number, self.timestamp) = (sequence_number, timestamp);
        self
    }
}
