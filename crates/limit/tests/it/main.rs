//! Behaviour of the interceptor, on virtual time.

#![expect(clippy::unwrap_used, reason = "a test's own helpers fail the test")]

mod abandoned;
mod allocation;
mod connection;
mod contract;
mod kit;
mod malformed;
mod options;
mod policies;
mod prop;
mod rates;
mod repair;
mod rtcp;
mod streams;
mod waiting;
