//! The plan: what costs least of all that leaves few enough packets lost.

use super::search;
use super::{LossyPath, RepairNeeds};

/// How a block of media packets is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FecCode {
    /// Packet *i* is in repair *i* mod `repairs`.
    Interleaved,
    /// A repair for each row of `columns` neighbours, and one for each of the `columns` columns of `rows` packets.
    TwoD {
        /// Packets of a row.
        columns: u16,
        /// Packets of a column.
        rows: u16,
    },
    /// Each repair covers about half of the block, drawn at random: for receivers that eliminate.
    Dense,
}

/// A block of media packets and the repair packets behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FecPlan {
    /// Which packets each repair covers.
    pub code: FecCode,
    /// Media packets of a block; whole frames where [`frame_packets`](RepairNeeds::frame_packets) says what a frame is.
    pub packets: u16,
    /// Repair packets behind it.
    pub repairs: u16,
}

impl FecPlan {
    /// Repair packets for each packet of media.
    #[must_use]
    pub fn overhead(&self) -> f64 {
        f64::from(self.repairs) / f64::from(self.packets.max(1))
    }
}

/// How a stream is repaired, and what is expected of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct RepairPlan {
    /// How often each request is sent, [`COPY_SPACING`](super::COPY_SPACING) apart; at least 1.
    pub request_copies: u8,
    /// How often each answer is sent, as far apart; at least 1.
    pub answer_copies: u8,
    /// What is sent along unasked.
    pub fec: Option<FecPlan>,
    /// The part of the packets that is expected to stay lost.
    pub residual: f64,
    /// What is expected to be sent beside the media, as a part of these: answers, requests and repair packets.
    pub overhead: f64,
    /// Is that few enough? If not, this plan is what `max_overhead` reaches, and the stream had better send less.
    pub suffices: bool,
}

/// What costs least of all that leaves at most [`residual`](RepairNeeds::residual): asking; each request sent twice; each answer sent twice as well;
/// repair packets, beside asking where an answer can be there in time. Where nothing reaches that within [`max_overhead`](RepairNeeds::max_overhead),
/// the cheapest that leaves hardly more than the best of all.
///
/// Takes some hundred thousand operations with FEC and a few hundred without: for once a second, not for each packet. Any figures give a plan.
#[must_use]
pub fn repair_plan(path: LossyPath, needs: RepairNeeds) -> RepairPlan {
    search::cheapest(path, needs)
}
