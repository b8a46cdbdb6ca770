//! What the hand-over needs of the standard library; its model has another's.

pub(super) use std::sync::MutexGuard as Guard;
pub(super) use std::sync::atomic::AtomicUsize;

pub(super) use crate::lock::Lock;
