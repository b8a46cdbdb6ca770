//! A schedule of rates in words.

use super::RateReport;

/// As in `1 Mbit/s, 2.5 from 10 s, 0.6 from 20 s`.
pub(in crate::demo) fn describe(rate: &RateReport) -> String {
    let mut steps = rate.steps.iter();
    let first = steps.next().map(|step| format!("{} Mbit/s", step.mbps)).unwrap_or_default();
    steps.fold(first, |text, step| format!("{text}, {} from {} s", step.mbps, step.from_s))
}
