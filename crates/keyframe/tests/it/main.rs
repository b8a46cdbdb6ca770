//! Behaviour of the interceptor, on virtual time.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test's own helpers fail the test"
)]

mod allocation;
mod amending;
mod answering;
mod asking;
mod captures;
mod causes;
mod contract;
mod handle;
mod kit;
mod loss;
mod malformed;
mod methods;
mod nack;
mod options;
mod prop;
mod viewers;
mod wrap;
