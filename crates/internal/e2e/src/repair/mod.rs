//! What repairs a lossy path, and what that takes: asking, repair packets, both by plan, and libwebrtc's policy, on real chains over simulated links.
//!
//! A picture of 30 frames a second, five packets a frame a millisecond apart, 1.5 Mbit/s, with a constant delay. Packets are lost in runs (Gilbert's
//! model) on their way and independently on the way back. A packet counts if the application has it within the slack after the instant at which
//! it would have come by itself: 100 ms on a round trip of 20 ms, 300 ms on longer ones.

mod cell;
mod means;
mod page;
mod plot;
mod run;

pub use cell::{Cell, cells};
pub use means::Means;
pub use page::{block, is_current, write};
pub use plot::svg;
pub use run::{Figures, PACKETS, Row, measure, table};
