//! The demo: one call over a lossy link, with the chain's repair off and on.

pub mod relay;
