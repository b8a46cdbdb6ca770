//! The protecting role: what leaves, when, and whether it brings back what was lost.

mod adaptive;
mod allocation;
mod blocks;
mod codes;
mod options;
mod overhead;
mod prop;
mod stamps;
mod streams;
mod vectors;
