//! What is wrong with options: one error for all interceptors.

/// An option is outside its range. Returned when a factory or a chain is made, never later.
///
/// ```
/// use interceptor_core::OptionsError;
/// let error = OptionsError::new("NackOptions", "max_requests", 0, "in 1..=255");
/// assert_eq!(error.to_string(), "NackOptions::max_requests is 0, it has to be in 1..=255");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{options}::{field} is {value}, it has to be {range}")]
#[non_exhaustive]
pub struct OptionsError {
    /// The type that the option belongs to.
    pub options: &'static str,
    /// The field.
    pub field: &'static str,
    /// Its value, as `Debug` prints it.
    pub value: String,
    /// What would be right.
    pub range: &'static str,
}

impl OptionsError {
    /// `options::field` is `value`, it has to be `range`.
    pub fn new(
        options: &'static str,
        field: &'static str,
        value: impl std::fmt::Debug,
        range: &'static str,
    ) -> Self {
        Self { options, field, value: format!("{value:?}"), range }
    }

    /// Refuses a value that is not `right`: for a list of checks, each with `?`.
    ///
    /// # Errors
    /// Itself, when `right` is false.
    pub fn unless(
        right: bool,
        options: &'static str,
        field: &'static str,
        value: impl std::fmt::Debug,
        range: &'static str,
    ) -> Result<(), Self> {
        if right { Ok(()) } else { Err(Self::new(options, field, value, range)) }
    }
}
