//! Tests of the library from outside: real captures, captures made of them, damage, and tshark beside it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod capture;
mod damage;
mod encapsulated;
mod formats;
mod fragments;
mod gzip;
mod json;
mod limits;
mod live;
mod made;
mod malformed;
mod nothing_found;
mod streams;
mod tcp;
mod times;
mod tshark;
