//! Whole chains: hostile peers, lossy links, long runs, other parsers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what does not hold ends the test")]

mod captures;
mod corpus;
mod differential;
mod hostile;
mod late;
mod link_rate;
mod loss_table;
mod registry;
mod repair;
mod rtx_fallback;
mod soak;
