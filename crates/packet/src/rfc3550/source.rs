//! Which packets of a source count, and how many were expected (RFC 3550 A.1, A.3).

use std::time::Duration;

use super::Arrival;
use super::history::{History, Packet};
use super::loss::{Interval, Mark, clamp_cumulative};
use super::ticks::ticks;

/// Packets in sequence that make a source valid, where probation is wanted (RFC 3550 A.1).
pub const MIN_SEQUENTIAL: u8 = 2;

/// Sequence number state of one source, RFC 3550 A.1, with the sums of A.3.
///
/// Late packets and duplicates count as received, so the loss may be negative. The limits of A.1 are those of 50 packets a
/// second; here they are times, at the rate that the stream has, and at least those of A.1:
///
/// - **Late.** A number among the newest 4096 that is known to be missing is late, and never part of a restart; one that
///   has come before is a duplicate. A number from before the first packet is late for 2 s, at least
///   [`MAX_MISORDER`](super::MAX_MISORDER) and at most 4096 numbers.
/// - **Lost.** Less than [`MAX_DROPOUT`](super::MAX_DROPOUT) numbers without packets are a gap. So are more of them if the
///   RTP clock has advanced as the time that has passed: after an outage, which is a loss in full. If that is more than 60 s
///   of packets, or more than the window, a second packet near the first has to confirm it. Where numbers may have fallen
///   back as well, so many packets must fit into the time; and without a clock rate that alone decides.
/// - **Restarted.** What is none of these does not count, unless the next number follows it: then the sender has started
///   again, and every sum with it. Old packets that are repeated are no restart; numbers that have come before are one if
///   they go on for a second, in sequence and without a new one beside them, and longer if their timestamps are old too.
///
/// Sums are 64 bits wide, so they hold for the life of any stream. Besides the 32 bytes of the structure a source takes 104
/// bytes from its first packet on, and 520 more from its first gap on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct SourceState {
    /// Extended highest number; its low 16 bits are the number on the wire.
    pub(super) highest: u64,
    /// `None` as long as the source is not valid. A packet that follows the one before does not look into it.
    pub(super) history: Option<Box<History>>,
    /// Of the packet with the highest number: its timestamp, and when it came ([`ticks`]).
    pub(super) timestamp: u32,
    pub(super) arrival: u32,
    /// Expected less received since the last restart. Before the source is valid: its [`Probation`]. Last, as a packet that follows the
    /// one before does not touch it: it may lie on another cache line.
    pub(super) lost: i64,
}

const _: () = assert!(size_of::<SourceState>() <= 32, "users keep it in one cache line with the jitter");

impl SourceState {
    /// A source of which nothing has been heard, that counts from its `min_sequential`-th packet in sequence on.
    ///
    /// 0 and 1 (the default) count from the first packet; [`MIN_SEQUENTIAL`] is the probation of RFC 3550 A.1, which
    /// protects from strays where SSRCs are not announced by signalling.
    #[must_use]
    pub const fn with_probation(min_sequential: u8) -> Self {
        let probation = Probation { wanted: min_sequential, left: 0 };
        Self { highest: 0, lost: probation.to_bits(), timestamp: 0, arrival: 0, history: None }
    }

    /// Takes in a packet: its sequence number, its timestamp, and when it arrived, since any fixed instant.
    /// `clock_rate` is that of the timestamp, in units a second; 0 when it is not known. No packet panics or overflows.
    #[inline]
    pub fn update(&mut self, seq: u16, timestamp: u32, arrival: Duration, clock_rate: u32) -> Arrival {
        let packet = Packet { seq, timestamp, arrival: ticks(arrival), clock_rate };
        if seq != (self.highest as u16).wrapping_add(1) || self.history.is_none() {
            return self.update_irregular(packet);
        }
        self.highest += 1;
        (self.timestamp, self.arrival) = (packet.timestamp, packet.arrival);
        Arrival::Newest { skipped: 0 }
    }

    /// Any packet but one that follows the one before.
    #[cold]
    fn update_irregular(&mut self, packet: Packet) -> Arrival {
        match self.history {
            Some(_) => self.place(packet),
            None => self.start(packet),
        }
    }

    /// RFC 3550 A.1, "source is not valid until MIN_SEQUENTIAL packets with sequential sequence numbers".
    fn start(&mut self, packet: Packet) -> Arrival {
        let Probation { wanted, left } = Probation::from_bits(self.lost);
        let follows = left > 0 && packet.seq == (self.highest as u16).wrapping_add(1);
        let left = if follows { left - 1 } else { wanted.saturating_sub(1) };
        if left > 0 {
            self.highest = u64::from(packet.seq);
            self.lost = Probation { wanted, left }.to_bits();
            return Arrival::Probation;
        }
        self.history = Some(Box::new(History::new(packet)));
        self.init(packet);
        Arrival::First
    }

    /// RFC 3550 A.1, `init_seq`, with the packet itself counted.
    pub(super) fn init(&mut self, packet: Packet) {
        self.highest = u64::from(packet.seq);
        self.lost = 0;
        (self.timestamp, self.arrival) = (packet.timestamp, packet.arrival);
    }

    /// Notes that a number has come some other way, as by retransmission on another SSRC or by FEC: `true` if it was known
    /// to have been sent and had not come. It does not count as received, and a packet that brings it later is a duplicate.
    pub fn recover(&mut self, seq: u16) -> bool {
        let highest = self.highest;
        self.history.as_mut().is_some_and(|history| history.recover(seq, highest))
    }

    /// Whether any packet has counted.
    #[inline]
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.history.is_some()
    }

    /// The extended highest sequence number as report blocks carry it: 16 bits of cycles (modulo 65 536), 16 bits of
    /// sequence number. 0 before the first packet that counts. It falls only when the sender restarts.
    #[inline]
    #[must_use]
    pub fn extended_highest(&self) -> u32 {
        if self.is_valid() { self.highest as u32 } else { 0 }
    }

    /// Packets that counted since the first or the last restart, late ones and duplicates included.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.expected().wrapping_sub(self.lost().cast_unsigned())
    }

    /// Packets that the sender has sent, by its sequence numbers: highest − first + 1 (RFC 3550 A.3).
    #[must_use]
    pub fn expected(&self) -> u64 {
        self.history.as_ref().map_or(0, |history| history.span(self.highest) + 1)
    }

    /// Expected less received: negative when duplicates outnumber losses. Not clamped.
    #[inline]
    #[must_use]
    pub fn lost(&self) -> i64 {
        if self.is_valid() { self.lost } else { 0 }
    }

    /// [`lost`](Self::lost) as report blocks carry it, clamped to 24 bits with sign (RFC 3550 §6.4.1).
    #[must_use]
    pub fn cumulative_lost(&self) -> i32 {
        clamp_cumulative(self.lost())
    }

    /// [`expected`](Self::expected), and what was expected before the sender restarted.
    #[must_use]
    pub fn total_expected(&self) -> u64 {
        self.history.as_ref().map_or(0, |history| history.expected_before) + self.expected()
    }

    /// [`lost`](Self::lost), and what was lost before the sender restarted.
    #[must_use]
    pub fn total_lost(&self) -> i64 {
        self.history.as_ref().map_or(0, |history| history.lost_before) + self.lost()
    }

    /// How often the sender has restarted.
    #[must_use]
    pub fn restarts(&self) -> u32 {
        self.history.as_ref().map_or(0, |history| history.restarts)
    }

    /// The present sums, to ask later what happened [`since`](Self::since). [`Mark::default`] stands for the beginning.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark { expected: self.expected(), received: self.received(), restarts: self.restarts() }
    }

    /// What was expected and received since `mark`; since the last restart if there was one after it.
    #[must_use]
    pub fn since(&self, mark: Mark) -> Interval {
        let mark = if mark.restarts == self.restarts() { mark } else { Mark::default() };
        Interval {
            expected: self.expected().saturating_sub(mark.expected),
            received: self.received().saturating_sub(mark.received),
        }
    }
}

/// How far a source that is not valid yet has come: kept in place of a sum, which it does not have.
struct Probation {
    /// Packets in sequence that it takes.
    wanted: u8,
    /// How many of them are still to come; 0 before the first packet.
    left: u8,
}

impl Probation {
    const fn to_bits(&self) -> i64 {
        (self.wanted as i64) << 8 | self.left as i64
    }

    const fn from_bits(bits: i64) -> Self {
        Self { wanted: (bits >> 8) as u8, left: bits as u8 }
    }
}
