//! What travels over the links of a run.

use std::sync::Arc;
use std::time::Duration;

use interceptor_congestion::Time;
use interceptor_core::packet::Ecn;
use interceptor_test::Message;

/// A packet.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// Whose it is.
    pub(crate) flow: usize,
    /// On the wire, IP and UDP or TCP headers included.
    pub(crate) bytes: u32,
    pub(crate) ecn: Ecn,
    pub(crate) payload: Payload,
}

/// What a packet carries.
#[derive(Clone, Debug)]
pub(crate) enum Payload {
    /// Part of a frame, or padding.
    Media { index: u64, sent: Time },
    /// What became of media packets.
    Feedback(Arc<Report>),
    /// What a receiver report says.
    Summary(Summary),
    /// Part of a file.
    Segment { number: u64 },
    /// One segment has come.
    Ack { number: u64 },
}

/// What became of a run of media packets, one after the other from `first` on.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) first: u64,
    /// `None`: it had not come.
    pub(crate) packets: Vec<Option<Arrival>>,
}

/// What a receiver report says (RFC 3550 §6.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Packets that were sent since the last one, and those of them that did not come.
    pub(crate) packets: u32,
    pub(crate) lost: u32,
    /// When the newest packet left.
    pub(crate) newest: Time,
    /// How long the receiver has had it.
    pub(crate) held: Duration,
}

/// How a packet came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// By the receiver's clock, as exact as the format tells it.
    pub(crate) at: Time,
    pub(crate) ecn: Ecn,
}

impl Payload {
    /// Whether it goes the way that the flow's data goes, and not the way back.
    pub(crate) fn is_data(&self) -> bool {
        matches!(self, Self::Media { .. } | Self::Segment { .. })
    }
}

impl Message for Packet {
    fn len_bytes(&self) -> usize {
        self.bytes as usize
    }

    fn mark_congestion(&mut self) -> bool {
        let capable = matches!(self.ecn, Ecn::Ect0 | Ecn::Ect1);
        if capable {
            self.ecn = Ecn::Ce;
        }
        capable
    }
}
