//! The checks, by subject.

mod hostile;
mod lifecycle;
mod memory;
mod pair;
mod pass_through;
mod scale;
mod time;
