//! The recovering role: what comes back, in which order, and what hostile repair packets come to.

mod allocation;
mod behaviour;
pub(crate) mod broadcast;
mod options;
pub(crate) mod rig;
mod round_trip;
