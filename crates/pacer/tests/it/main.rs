//! Behaviour of the interceptor, on virtual time.

#![expect(clippy::unwrap_used, reason = "a test's own helpers fail the test")]

mod allocation;
mod bounds;
mod chain;
mod classes;
mod contract;
mod goodbyes;
mod kit;
mod malformed;
mod options;
mod probing;
mod prop;
mod rate;
