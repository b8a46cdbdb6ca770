//! Calls of two real peers over a bad network on this machine.

mod changes;
mod closing;
mod losses;
mod peer;
mod set_up;
