//! Tests of the library from outside: real captures, captures made of them, damage, and tshark beside it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod call;
mod capture;
mod clocks;
mod damage;
mod encapsulated;
mod field;
mod formats;
mod fragments;
mod gzip;
mod json;
mod limits;
mod live;
mod made;
mod malformed;
mod nothing_found;
mod outages;
mod recognition;
mod related;
mod relay_log;
mod repair;
mod repair_cases;
mod repair_fec;
mod rtcp_or_rtp;
mod streams;
mod tcp;
mod times;
mod tshark;
mod wrapped;
