//! What a layer around gRPC calls costs: its bodies alone, without a network, and whole calls over loopback.

mod bodies;
#[cfg(feature = "stream-peers")]
mod calls;
mod forms;
#[cfg(feature = "stream-peers")]
mod service;

pub use bodies::{Bodies, FRAME, MESSAGE, Way};
#[cfg(feature = "stream-peers")]
pub use calls::{Calls, Kind};
pub use forms::Form;

use crate::contender::Case;

/// All cases that are built in.
pub(super) fn cases() -> Vec<Case> {
    let cases = bodies::cases();
    #[cfg(feature = "stream-peers")]
    let cases = cases.into_iter().chain(calls::cases()).collect();
    cases
}
