//! What cannot be written.

use super::{Pattern, Span};
use crate::BuildError;

pub(super) fn check_mask(span: &Span, bits: u8) -> Result<(), BuildError> {
    let Pattern::Mask(mask) = span.pattern else { return Err(BuildError::Empty("mask")) };
    match mask.max() {
        None => Err(BuildError::Empty("mask")),
        Some(last) => check_range("offset", last.into(), 0, u64::from(bits) - 1),
    }
}

pub(super) fn check_len(header: &[u8], right: usize) -> Result<(), BuildError> {
    check_range("header length", header.len() as u64, right as u64, right as u64)
}

pub(super) fn check_range(what: &'static str, value: u64, min: u64, max: u64) -> Result<(), BuildError> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(BuildError::OutOfRange { what, value, min, max })
}

pub(super) const fn wrong_count(count: usize, max: usize) -> BuildError {
    match count {
        0 => BuildError::Empty("protected stream"),
        _ => BuildError::TooMany { what: "protected streams", count, max },
    }
}
