//! Scenarios, contenders and the measuring of both.

pub mod congestion;
pub mod connections;
pub mod contender;
pub mod feedback;
pub mod forward;
pub mod instructions;
#[cfg(target_os = "linux")]
mod loopback;
pub mod measure;
pub mod memory;
pub mod ours;
#[cfg(feature = "peers")]
pub mod peers;
#[cfg(target_os = "linux")]
mod process;
pub mod protected;
pub mod report;
pub mod results;
pub mod rtptap;
pub mod scenarios;
pub mod session;
pub mod sessions;
pub mod slope;
pub mod streams;
pub mod traffic;
pub mod variants;
