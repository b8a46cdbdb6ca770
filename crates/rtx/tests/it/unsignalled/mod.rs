//! RTX streams whose SSRC nothing announces.

mod contract;
mod finding;
pub(crate) mod kit;
mod options;
mod prop;
