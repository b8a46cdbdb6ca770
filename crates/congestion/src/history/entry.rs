//! What is remembered of one packet.

use super::Leaving;
use crate::{PacketClass, Time};

/// One packet that has left, in 16 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry {
    /// Microseconds since the connection began in the upper 48 bits (eight years), bytes in the lower 16.
    sent_and_bytes: u64,
    /// The number of its SSRC among those of the connection.
    source: u16,
    sequence_number: u16,
    probe: u8,
    /// State in the lower three bits, then class, then [`HAS_PROBE`] and [`MARKED`].
    flags: u8,
}

const _: () = assert!(size_of::<Entry>() == 16, "the ring's size is documented");

const STATE: u8 = 0b111;
const CLASS_SHIFT: u32 = 3;
const HAS_PROBE: u8 = 1 << 6;
const MARKED: u8 = 1 << 7;

/// What is known of a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum State {
    /// No packet had it.
    #[default]
    Unused,
    /// On the way, as far as anybody knows.
    InFlight,
    /// Nobody has told of it for so long that it is on the way no more.
    Expired,
    /// It was told lost.
    Lost,
    /// It was told that nobody knows.
    Unknown,
    /// It has come.
    Received,
}

impl Entry {
    /// Of a packet that leaves now.
    #[inline]
    pub(super) fn new(now: Time, packet: Leaving) -> Self {
        let flags = State::InFlight as u8
            | (class_bits(packet.class) << CLASS_SHIFT)
            | if packet.probe.is_some() { HAS_PROBE } else { 0 }
            | if packet.marked { MARKED } else { 0 };
        let bytes = u64::from(packet.bytes.min(u16::MAX.into()));
        Self {
            sent_and_bytes: (now.micros().max(0).cast_unsigned() << 16) | bytes,
            source: packet.source,
            sequence_number: packet.sequence_number,
            probe: packet.probe.unwrap_or(0),
            flags,
        }
    }

    /// The number of its SSRC.
    #[inline]
    pub(super) const fn source(self) -> u16 {
        self.source
    }

    #[inline]
    pub(super) const fn sequence_number(self) -> u16 {
        self.sequence_number
    }

    #[inline]
    pub(super) fn probe(self) -> Option<u8> {
        (self.flags & HAS_PROBE != 0).then_some(self.probe)
    }

    /// Did it leave ECN-capable?
    #[inline]
    pub(super) const fn is_marked(self) -> bool {
        self.flags & MARKED != 0
    }

    #[inline]
    pub(super) const fn sent(self) -> Time {
        Time::from_micros((self.sent_and_bytes >> 16).cast_signed())
    }

    #[inline]
    pub(super) const fn bytes(self) -> u32 {
        self.sent_and_bytes as u16 as u32
    }

    #[inline]
    pub(super) const fn state(self) -> State {
        match self.flags & STATE {
            1 => State::InFlight,
            2 => State::Expired,
            3 => State::Lost,
            4 => State::Unknown,
            5 => State::Received,
            _ => State::Unused,
        }
    }

    #[inline]
    pub(super) const fn set_state(&mut self, state: State) {
        self.flags = (self.flags & !STATE) | state as u8;
    }

    #[inline]
    pub(super) const fn class(self) -> PacketClass {
        match self.flags >> CLASS_SHIFT & 0b111 {
            0 => PacketClass::Audio,
            1 => PacketClass::Retransmission,
            2 => PacketClass::Video,
            3 => PacketClass::Fec,
            _ => PacketClass::Padding,
        }
    }
}

#[inline]
const fn class_bits(class: PacketClass) -> u8 {
    match class {
        PacketClass::Audio => 0,
        PacketClass::Retransmission => 1,
        PacketClass::Video => 2,
        PacketClass::Fec => 3,
        PacketClass::Padding => 4,
    }
}
