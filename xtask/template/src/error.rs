//! What is wrong with options.

/// An option is outside its range. Returned when the factory is made, never later.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("NewThingOptions::{field} is {value}, it has to be {range}")]
#[non_exhaustive]
pub struct OptionsError {
    /// The field.
    pub field: &'static str,
    /// Its value.
    pub value: String,
    /// What would be right.
    pub range: &'static str,
}
