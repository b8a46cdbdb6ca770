//! Congestion controllers on simulated bottlenecks: the cases of RFC 8867 and more, in virtual time.
//!
//! ```text
//!  encoder ─▶ pacer ─▶ ┌────────────┐ ─▶ delay, jitter, stalls ─▶ receiver
//!     ▲                │ bottleneck │                               │
//!  controller ◀─ delay └────────────┘ ◀── bottleneck back ◀── feedback
//! ```
//!
//! A [`Case`](case::Case) makes a [`Plan`](plan::Plan) for a seed; [`run`] takes it through with the controllers that a
//! [`Contender`] makes, and gives a [`Record`]; a [`Measure`](measure::Measure) is a figure of that; a
//! [`Gate`](gate::Gate) is a bound of such a figure. [`series`] runs many. The links are those of `interceptor-test`: what
//! is simulated here can be simulated with the published crate.
//!
//! `cargo run --release -p rmcat -- --help` runs cases by hand, with schedules and traces of your own too.

mod axis;
pub mod case;
mod contender;
pub mod gate;
pub mod measure;
mod media;
pub mod plan;
pub mod plot;
mod record;
mod schedule;
mod series;
mod tcp;
mod wire;
mod world;

pub use contender::{Contender, FixedRate, Named, OurScream, Ours, Setup};
pub use record::{Counts, FlowRecord, Record};
pub use schedule::Schedule;
pub use series::{Figure, Outcome, series};
pub use world::run;
