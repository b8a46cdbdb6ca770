//! Behaviour of the NACK interceptor, on virtual time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's own helpers fail the test")]

mod allocation;
mod amending;
mod answering;
mod answering_twice;
mod asking;
mod asking_twice;
mod contract;
mod copies;
mod facts;
mod giving_up;
mod kit;
mod loss;
mod malformed;
mod options;
mod outages;
mod packing;
mod path_change;
mod pions_vectors;
mod reordering;
mod repair_numbers;
mod restart;
mod spread_prop;
mod spreading;
