//! Why options were refused.

use std::fmt::Debug;
use std::ops::RangeInclusive;

/// An option is outside its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is {value}, outside {range}")]
#[non_exhaustive]
pub struct OptionsError {
    /// The field of [`ReportOptions`](crate::ReportOptions).
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What is allowed.
    pub range: &'static str,
}

impl OptionsError {
    /// `Ok` when `value` is in `allowed`, which `range` says in words.
    pub(crate) fn check<T: PartialOrd + Debug>(
        field: &'static str,
        value: T,
        allowed: &RangeInclusive<T>,
        range: &'static str,
    ) -> Result<(), Self> {
        if allowed.contains(&value) {
            return Ok(());
        }
        Err(Self { field, value: format!("{value:?}"), range })
    }
}
