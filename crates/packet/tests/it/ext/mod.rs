//! Typed header extensions: exact bytes, and whatever bytes.

mod prop;
mod times;
mod vectors;
