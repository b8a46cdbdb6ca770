//! The simulator, and what `Adaptive` comes to in it.

mod gates;
mod simulator;
