//! The controller `Adaptive`, in virtual time.

mod allocation;
mod clocks;
mod growing;
mod link;
mod options;
mod prop;
mod reports;
mod silence;
