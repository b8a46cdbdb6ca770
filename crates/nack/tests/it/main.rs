//! Behaviour of the NACK interceptor, on virtual time.

mod allocation;
mod answering;
mod asking;
mod contract;
mod giving_up;
mod kit;
mod loss;
mod malformed;
mod options;
mod packing;
mod pions_vectors;
mod reordering;
mod restart;
