//! Bounds of a link's options.

use interceptor_core::OptionsError;

/// Accepts a fraction of packets, 0 to 1 with both ends; what is not a number fails.
pub(super) fn check_fraction(field: &'static str, value: f64) -> Result<(), OptionsError> {
    check((0.0..=1.0).contains(&value), field, value, "in 0.0..=1.0")
}

/// Accepts what `holds`.
pub(super) fn check(
    holds: bool,
    field: &'static str,
    value: impl std::fmt::Debug,
    range: &'static str,
) -> Result<(), OptionsError> {
    OptionsError::unless(holds, "LinkOptions", field, value, range)
}
