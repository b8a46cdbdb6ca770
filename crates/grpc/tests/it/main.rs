//! The layer over real connections, and its bodies on virtual time.

mod client;
mod ends;
mod frames;
mod limits;
mod malformed;
mod observers;
mod opening;
mod pacing;
mod support;
