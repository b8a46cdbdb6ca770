//! Behaviour of the NACK interceptor, on virtual time.

mod kit;
mod smoke;
