//! `rtptap inspect`: which RTP streams are in captures, and how well they fared, for people and for programs.
//!
//! What is found is the library's, [`interceptor_inspect`]; here are the options, the table, JSON and CSV, the exit code.

mod args;
mod command;
mod csv;
mod display;
mod input;
mod page;
mod progress;
mod report;
mod screen;
mod seen;
mod table;
mod timeline;
mod view;
mod watch;

pub use args::{EXAMPLES, InspectArgs};
pub use command::{InspectError, Verdict, run};
pub use csv::inspection_csv;
pub use page::PageError;
pub use report::{Inspection, State};
pub use table::inspection_table;
pub use view::{ColorChoice, View};
