//! Tests of the library from outside: real captures, captures made of them, damage, and tshark beside it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod call;
mod capture;
mod damage;
mod formats;
mod json;
mod limits;
mod live;
mod malformed;
mod related;
mod relay_log;
mod repair;
mod repair_cases;
mod repair_fec;
mod streams;
mod tshark;
