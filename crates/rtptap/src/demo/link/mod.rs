//! A lossy link between two UDP sockets that loses the same packets whenever it has the same seed.
//!
//! Real sockets and timers differ from run to run: packets of two streams interleave differently, RTCP goes out a
//! little earlier or later, and a retransmission is asked for at another moment. So the link does not draw "the next
//! random number" when a datagram arrives. What happens to a datagram depends on the seed and on what the datagram is:
//!
//! | datagram | its fate depends on |
//! |---|---|
//! | first copy of a media packet | seed, direction, SSRC, sequence number |
//! | FEC packet, on an SSRC of its own | the same, as it is a stream of its own |
//! | n-th copy (retransmission, plain or RFC 4588) | seed, direction, media SSRC, *original* sequence number, n |
//! | RTCP | seed, direction, how many RTCP datagrams went before |
//! | anything else | seed, direction, how many such datagrams went before |
//!
//! With bursts, first copies of a stream follow a Gilbert chain over its sequence numbers. Later copies, RTCP and
//! the rest are lost independently with the same probability: they pass at another time than the burst that they react to.
//!
//! With a [`RateSchedule`] media has to pass a bottleneck first: what comes faster than that waits, and what would wait too long is
//! dropped. When, depends on the timing; what the seed decides about a packet does not, and is decided of the dropped as well.
//!
//! Three layers, from pure to real: [`LinkModel`] judges one datagram; [`Forwarder`] adds the bottleneck, the delay queues and the
//! [`TruthLog`]; [`LossyLink`] adds sockets and tokio's clock.
//!
//! The link reads RTP headers itself instead of through the chain's packet types: it is the witness that the
//! chain's own counters are held against.

mod bottleneck;
mod burst;
mod conditions;
mod datagram;
mod dice;
mod forwarder;
mod lossy_link;
mod model;
mod rate;
mod truth;

pub(in crate::demo) use bottleneck::HEADER_BYTES;
pub use conditions::{ConditionsError, LinkConditions};
pub use forwarder::Forwarder;
pub use lossy_link::{LossyLink, LossyLinkHandle};
pub use model::{LinkModel, Verdict};
pub use rate::{RateError, RateSchedule, RateStep};
pub use truth::{Direction, Fate, FlowTruth, TruthEntry, TruthLog, What};
