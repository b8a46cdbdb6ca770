//! Captures inspected: against tshark, damaged, in every link type, and as a user runs it.

pub(crate) mod capture;
mod command;
mod damage;
mod formats;
mod streams;
mod tshark;
