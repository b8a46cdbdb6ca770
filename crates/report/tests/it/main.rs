//! Reports over whole chains, on virtual time.

mod harness;
mod receiving;
mod sending;
