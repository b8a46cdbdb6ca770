//! Scenarios, contenders and the measuring of both.

mod contender;
mod measure;
pub mod ours;
pub mod report;
pub mod traffic;

pub use contender::{Case, Contender};
pub use measure::{Filter, Results, Row, run};
