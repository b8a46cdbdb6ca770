//! Which repair a lossy path needs: asking again, asking and answering more than once, or forward error correction.
//!
//! [`repair_plan`] says what costs least of all that leaves few enough packets lost. It is a function of five figures of the path and of what is
//! known of the stream, and keeps nothing: `interceptor-nack` and `interceptor-flexfec` both ask it, each for its part.
//!
//! ```
//! use std::time::Duration;
//! use interceptor_packet::repair::{FecDecoder, LossyPath, RepairNeeds, repair_plan};
//!
//! let ms = Duration::from_millis;
//! // 150 packets a second in frames of five, of use for 300 ms.
//! let needs = RepairNeeds::new(ms(300), 150.0).with_frame_packets(5.0);
//!
//! // One packet in a hundred is lost, and an answer is there in 100 ms: asking is enough.
//! let plan = repair_plan(LossyPath::random(0.01, ms(100)), needs);
//! assert_eq!((plan.request_copies, plan.answer_copies, plan.fec), (1, 1, None));
//! assert!(plan.suffices && plan.overhead < 0.02);
//!
//! // An answer would come too late: repair packets have to go along.
//! let plan = repair_plan(LossyPath::random(0.01, ms(300)), needs.with_fec(FecDecoder::Peeling));
//! assert!(plan.suffices && plan.fec.is_some() && plan.overhead < 0.15);
//! ```
//!
//! # What is reckoned
//!
//! Losses are Gilbert's model of two states (E. N. Gilbert, *Capacity of a burst-noise channel*, Bell System Technical Journal 39, 1960): with
//! loss *p* and runs of *b* packets a lost packet is followed, *d* packets later, by a lost one with probability *p* + (1 − *p*) λ^*d*, where
//! λ = 1 − 1 / (*b* (1 − *p*)). Independent losses have *b* = 1 / (1 − *p*), and λ = 0.
//!
//! - **Asking.** There is time for *t* = ⌊(deadline − 10 ms − wait for the last copy) / max(1.1 RTT, 20 ms)⌋ requests. One of them fails with
//!   *q* = 1 − (1 − *p*^requests) (1 − *p′* *p″*^(answers − 1)), *p′* being the loss 1.1 round trips after a loss, *p″* that one spacing of copies
//!   after it: requests go a way of their own, answers the way that has just lost a packet. What stays lost is *p* *q*^*t*.
//! - **Interleaved** repair packets, packet *i* in repair *i* mod *f*: lost stays a packet whose group lost another, where neighbours are *f* apart.
//! - **Two dimensions**, rows of neighbours and columns: the fixed point of what rows leave to columns and columns to rows (density evolution:
//!   Luby, Mitzenmacher, Shokrollahi, Spielman, *Efficient erasure correcting codes*, 2001), and rectangles, which stop both.
//! - **Dense**, each repair over a random half of the block: *k* lost packets and *g* repairs leave about 2^(*k* − *g* − 1) solutions, in which an
//!   unknown is free; over the distribution of *k* and *g* in runs of losses.
//! - **Both.** Repair packets meet what asking has left of the block by then: fewer losses, but closer together, for packets lost side by side share
//!   requests and answers. And a run of losses that outlasts all answers, λ^*n* over the *n* packets of that time, takes the repair packets as well.
//!
//! Beside simulations of single packets (60 000 for each of 36 paths of 1 to 20 % loss in runs of 1 to 8, at round trips of 20 to 300 ms) the residual of what the
//! plan takes is met within a third, where it reaches its goal.

mod asking;
mod chain;
mod codes;
mod needs;
mod path;
mod plan;
mod search;
#[cfg(test)]
mod tests;

pub use asking::COPY_SPACING;
pub use needs::{FecDecoder, RepairNeeds};
pub use path::LossyPath;
pub use plan::{FecCode, FecPlan, RepairPlan, repair_plan};
