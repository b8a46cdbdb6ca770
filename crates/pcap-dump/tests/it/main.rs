//! Integration tests: what a capture of a chain's packets contains, and what a broken sink does to the chain.

mod support;
mod tshark;
