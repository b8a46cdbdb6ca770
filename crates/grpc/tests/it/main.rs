//! The layer over real connections, and its bodies on virtual time.

mod backpressure;
mod client;
mod crowd;
mod ends;
mod frames;
mod hostile;
mod hosts;
mod killed;
mod limits;
mod observers;
mod opening;
mod pacing;
mod panics;
mod pool;
mod rig;
mod support;
mod swallowed;
