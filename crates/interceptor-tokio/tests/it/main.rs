//! Whole sessions: on real sockets with a guard around them, and on virtual time.

mod support;
mod udp;
