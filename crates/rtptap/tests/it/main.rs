//! Tests of the `rtptap` library and binary from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod call;
mod cli;
mod demo;
mod inspect;
mod inspect_docs;
mod inspect_files;
#[cfg(unix)]
mod inspect_live;
mod inspect_page;
mod inspect_table;
#[cfg(unix)]
mod inspect_terminal;
mod lossy_link;
mod malformed;
mod relay_cmd;
mod report;
mod sample;
