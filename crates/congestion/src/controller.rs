//! The seam between what is known of packets and what is made of it.

use std::time::Duration;

use interceptor_core::packet::Ecn;
use interceptor_core::{LinkState, Probe};

use crate::Time;

/// Decides how much may be sent.
///
/// A controller is a pure structure: it is told what was sent and what became of it, and says what to do; it reads no
/// clock, spawns nothing and allocates nothing once its buffers have their size. All `now` are of one clock, the
/// sender's, and never go back.
pub trait Controller: Send + 'static {
    /// A packet has left; `in_flight` bytes are on the way, it included.
    fn on_sent(&mut self, now: Time, sent: &Sent, in_flight: u32) {
        let _ = (now, sent, in_flight);
    }

    /// The receiver has told what became of packets.
    fn on_feedback(&mut self, now: Time, feedback: &Feedback<'_>);

    /// A receiver report came; all there is where the peer gives no transport feedback.
    fn on_report(&mut self, now: Time, report: &LossReport) {
        let _ = (now, report);
    }

    /// From now on the target stays within these limits.
    fn on_limits(&mut self, now: Time, limits: RateLimits);

    /// Packets take another way from now on: what was learnt of the old one says nothing of it.
    fn on_route_change(&mut self, now: Time) {
        let _ = now;
    }

    /// The instant of [`next_timeout`](Self::next_timeout) has come.
    fn on_timeout(&mut self, now: Time) {
        let _ = now;
    }

    /// When [`on_timeout`](Self::on_timeout) wants to be called, whatever else happens. Asked after each of the other calls; after
    /// [`on_sent`](Self::on_sent) within a tenth of a second.
    fn next_timeout(&self) -> Option<Time> {
        None
    }

    /// What is to be done now. May be asked after each of the calls above.
    fn decision(&self) -> Decision;

    /// A rate that should be tried by a cluster of packets, each only once. Asked until there is none.
    fn poll_probe(&mut self) -> Option<Probe> {
        None
    }
}

/// A packet that has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Packets of the connection that left before it.
    pub index: u64,
    /// Its size in bytes, IP and UDP headers included.
    pub bytes: u32,
    /// What it carries.
    pub class: PacketClass,
    /// The [`Probe::id`] of the cluster that it is part of.
    pub probe: Option<u8>,
}

/// What a packet carries, by how much it is missed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PacketClass {
    /// Audio.
    Audio,
    /// A repeat of a packet that was lost.
    Retransmission,
    /// Video, and whatever else an application sends.
    #[default]
    Video,
    /// Forward error correction.
    Fec,
    /// Nothing: it fills a probe or keeps the path busy.
    Padding,
}

/// What became of packets, told by one feedback message.
#[derive(Clone, Copy, Debug)]
pub struct Feedback<'a> {
    /// In the order in which they left. Each packet is told of once, but for one that was told lost or unknown and has come after
    /// all.
    pub packets: &'a [PacketOutcome],
    /// Bytes that are on the way still.
    pub in_flight: u32,
    /// The format that the receiver speaks.
    pub format: FeedbackFormat,
    /// From the newest of the packets' leaving to this message's coming; `None` when none of those that came is newer than all before.
    pub rtt: Option<Duration>,
}

/// How a receiver tells what became of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FeedbackFormat {
    /// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01), which knows no ECN.
    Twcc,
    /// RFC 8888.
    Ccfb,
}

/// What became of one packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketOutcome {
    /// Packets of the connection that left before it.
    pub index: u64,
    /// When it left, by the sender's clock.
    pub sent: Time,
    /// Its size in bytes, IP and UDP headers included.
    pub bytes: u32,
    /// What it carried.
    pub class: PacketClass,
    /// The [`Probe::id`] of the cluster that it was part of.
    pub probe: Option<u8>,
    /// It was told lost before: a count of losses takes it back.
    pub was_lost: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It came.
    Received {
        /// When, by the receiver's clock; `None` when the receiver does not say: then it counts for rates and not for delays.
        at: Option<Time>,
        /// The mark that it came with.
        ecn: Ecn,
    },
    /// It had not come when newer ones had.
    Lost,
    /// No feedback that came said anything of it, and none will: a message was lost, not the packet. It counts as delivered for
    /// rates, and never as lost.
    Unknown,
}

/// What a receiver report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossReport {
    /// Packets that the report is about.
    pub packets: u32,
    /// Those of them that were lost.
    pub lost: u32,
    /// The round-trip time, if the report yields one.
    pub rtt: Option<Duration>,
}

/// Between what the target has to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimits {
    /// The least, in bits per second. Wins over `max`.
    pub min: u64,
    /// The most, in bits per second.
    pub max: u64,
}

impl RateLimits {
    /// `rate` within the limits.
    #[must_use]
    pub fn clamp(self, rate: u64) -> u64 {
        rate.min(self.max).max(self.min)
    }
}

/// What a controller wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What may be sent, in bits per second, IP and UDP headers included.
    pub target: u64,
    /// The pace at which packets are to leave, in bits per second.
    pub pacing: u64,
    /// Padding that may be sent where media does not fill it, in bits per second.
    pub padding: u64,
    /// The most bytes that may be on the way.
    pub window: Option<u32>,
    /// How long the pace may be run ahead of.
    pub burst: Duration,
    /// The mark that packets should leave with.
    pub ect: Ecn,
    /// How the controller sees the path.
    pub link: LinkState,
    /// What moved the target last.
    pub reason: Reason,
}

/// What moved a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Nothing yet: the rate to start with.
    #[default]
    Start,
    /// There is room: it grows.
    Growth,
    /// A probe has shown more room.
    Probe,
    /// A queue grows.
    Delay,
    /// A queue is emptied to see the path's delay without it.
    Drain,
    /// Packets are lost for want of room.
    Loss,
    /// Packets are marked.
    Ecn,
    /// Others keep the queue full: it takes its share.
    Competition,
    /// Feedback is missing.
    Silence,
    /// A limit, of the application or of the peer.
    Limit,
}
