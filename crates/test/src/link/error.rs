//! What can be wrong with the options of a link.

/// An option of a link lies outside its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("link option {field} is {value}, must be {range}")]
#[non_exhaustive]
pub struct LinkError {
    /// The option's name, as in [`LinkOptions`](super::LinkOptions).
    pub field: &'static str,
    /// The value that was given.
    pub value: String,
    /// What is accepted.
    pub range: &'static str,
}

impl LinkError {
    /// Accepts a fraction of packets, 0 to 1 with both ends; what is not a number fails.
    pub(super) fn check_fraction(field: &'static str, value: f64) -> Result<(), Self> {
        Self::check((0.0..=1.0).contains(&value), field, value, "0.0..=1.0")
    }

    pub(super) fn check(
        holds: bool,
        field: &'static str,
        value: impl std::fmt::Debug,
        range: &'static str,
    ) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { field, value: format!("{value:?}"), range }) }
    }
}
