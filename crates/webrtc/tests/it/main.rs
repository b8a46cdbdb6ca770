//! What the adapter does between a chain and the host, without and with the whole host.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that meets the unexpected fails")]

mod allocations;
mod host;
mod lifetime;
mod live;
mod malformed;
mod reading;
mod repairing;
mod rtcp;
mod same;
