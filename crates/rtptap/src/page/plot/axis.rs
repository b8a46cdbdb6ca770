//! One axis: what it spans and where its ticks are.

/// A linear axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) title: &'static str,
    pub(crate) from: f64,
    pub(crate) to: f64,
    /// Where a tick is and what is written at it.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// An axis from 0 to exactly `end`, with about `count` ticks.
    pub(crate) fn exact(title: &'static str, end: f64, count: usize) -> Self {
        let end = if end > 0.0 { end } else { 1.0 };
        let step = round_step(end / count as f64);
        Self { title, from: 0.0, to: end, ticks: ticks(step, end / step + 1e-9) }
    }

    /// An axis from 0 to the first tick at or above `end`, with about `count` ticks.
    pub(crate) fn rounded(title: &'static str, end: f64, count: usize) -> Self {
        let end = if end > 0.0 { end } else { 1.0 };
        let step = round_step(end / count as f64);
        let last = (end / step - 1e-9).ceil().max(1.0);
        Self { title, from: 0.0, to: last * step, ticks: ticks(step, last) }
    }

    /// A row for each label, the first at the far end; row `i` from that end spans `n - 1 - i` to `n - i`.
    pub(crate) fn rows(labels: Vec<String>) -> Self {
        let ticks = labels
            .into_iter()
            .rev()
            .enumerate()
            .map(|(i, label)| (i as f64 + 0.5, label))
            .collect::<Vec<_>>();
        Self { title: "", from: 0.0, to: ticks.len().max(1) as f64, ticks }
    }

    /// Where a value lies, 0.0 at the start and 1.0 at the end; a value beyond lies at the end.
    pub(crate) fn place(&self, value: f64) -> f64 {
        ((value - self.from) / (self.to - self.from)).clamp(0.0, 1.0)
    }
}

/// Ticks `step` apart up to the `last`, with as many decimals as the step needs.
fn ticks(step: f64, last: f64) -> Vec<(f64, String)> {
    let decimals = decimals(step);
    (0..=last as usize).map(|i| i as f64 * step).map(|tick| (tick, format!("{tick:.decimals$}"))).collect()
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let digits = [1.0, 2.0, 2.5, 5.0, 10.0];
    digits
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

fn decimals(step: f64) -> usize {
    (0..6).find(|&n| (step * 10_f64.powi(n)).fract().abs() < 1e-6).unwrap_or(6) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|(_, label)| label.clone()).collect()
    }

    #[test]
    fn an_exact_axis_ends_where_the_data_does() {
        let axis = Axis::exact("time (s)", 7.0, 10);
        assert_eq!(labels(&axis), ["0", "1", "2", "3", "4", "5", "6", "7"]);
        assert_eq!((axis.place(0.0), axis.place(7.0), axis.place(9.0)), (0.0, 1.0, 1.0));
        assert_eq!(labels(&Axis::exact("", 5.0, 10)).len(), 11);
        assert_eq!(labels(&Axis::exact("", 600.0, 10)), ["0", "100", "200", "300", "400", "500", "600"]);
    }

    #[test]
    fn a_rounded_axis_ends_on_a_tick() {
        assert_eq!(labels(&Axis::rounded("", 11.3, 4)), ["0", "5", "10", "15"]);
        assert_eq!(labels(&Axis::rounded("", 20.0, 4)), ["0", "5", "10", "15", "20"]);
        assert_eq!(labels(&Axis::rounded("", 0.83, 4)), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(labels(&Axis::rounded("", 0.0, 4)).last().map(String::as_str), Some("1.00"));
    }

    #[test]
    fn the_first_row_is_the_farthest() {
        let axis = Axis::rows(vec!["top".into(), "bottom".into()]);
        assert_eq!(axis.ticks, [(0.5, "bottom".to_owned()), (1.5, "top".to_owned())]);
        assert_eq!(axis.to, 2.0);
    }
}
