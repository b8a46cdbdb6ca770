//! Whole chains: hostile peers, lossy links, long runs, other parsers.

mod hostile;
mod loss_table;
