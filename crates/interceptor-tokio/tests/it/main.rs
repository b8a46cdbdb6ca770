//! Whole sessions: on virtual time over a transport in memory, and on real sockets with a guard around them.

mod accept;
mod chain;
mod closing;
mod conn;
mod loss;
mod reading;
mod support;
mod udp;
mod writing;
