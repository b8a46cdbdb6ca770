//! The layer over real connections, and its bodies on virtual time.

mod client;
mod ends;
mod frames;
mod hostile;
mod limits;
mod observers;
mod opening;
mod pacing;
mod panics;
mod rig;
mod support;
