//! `rtptap control`: asks a relay that runs, and changes it; a client of [`rtptap.v1.Relay`](crate::relay::control::generated).

mod args;
mod capture;
mod command;
mod error;
mod show;

pub use args::{Ask, CaptureArgs, ControlArgs, EXAMPLES, RulesArgs, WatchArgs};
pub use command::execute;
pub use error::ControlError;
