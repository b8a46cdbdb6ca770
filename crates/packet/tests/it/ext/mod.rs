//! Typed header extensions: exact bytes, and whatever bytes.

#[cfg(feature = "rtp")]
mod beside_rtp;
mod prop;
mod times;
mod vectors;
