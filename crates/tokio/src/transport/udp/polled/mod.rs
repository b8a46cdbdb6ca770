//! When a UDP socket can be read, and when there is room in it.

#[cfg(not(unix))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(super) use portable::Polled;
#[cfg(unix)]
pub(super) use unix::Polled;
