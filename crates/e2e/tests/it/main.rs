//! Whole chains: hostile peers, lossy links, long runs, other parsers.

mod hostile;
