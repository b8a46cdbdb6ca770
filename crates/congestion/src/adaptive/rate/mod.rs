//! What becomes of the rate: what arrives, how it grows, how it is cut.

mod acked;
mod compete;
mod cut;
mod drain;
mod equilibrium;
mod inflection;
mod ramp;
mod recess;

pub(super) use acked::Acked;
pub(super) use compete::{Competition, Finding, Moment};
pub(super) use cut::cut;
pub(super) use drain::{Drain, SHARE as DRAIN_SHARE};
pub(super) use equilibrium::equilibrium;
pub(super) use inflection::Inflection;
pub(super) use ramp::{Ramp, is_low, patience};
pub(super) use recess::Recess;
