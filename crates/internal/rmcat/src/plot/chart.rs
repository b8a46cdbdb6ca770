//! Axes, and lines between them.

use std::fmt::Write as _;

/// From zero to a round number, with marks at round numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    most: f64,
    mark: f64,
}

impl Scale {
    /// The smallest one of two to five marks that has room for `most`.
    pub(super) fn up_to(most: f64) -> Self {
        let most = most.max(0.1);
        let unit = 10_f64.powf((most / 2.0).log10().floor());
        let mark = [1.0, 2.0, 5.0].into_iter().map(|part| part * unit).find(|mark| most / mark <= 5.0);
        let mark = mark.unwrap_or(10.0 * unit);
        Self { most: (most / mark).ceil() * mark, mark }
    }

    fn marks(self) -> impl Iterator<Item = f64> {
        (0..=(self.most / self.mark).round() as u32).map(move |number| f64::from(number) * self.mark)
    }
}

/// A rectangle with time from left to right.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chart {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    seconds: f64,
    scale: Scale,
}

impl Chart {
    pub(super) fn new(left: f64, top: f64, width: f64, height: f64, seconds: f64, scale: Scale) -> Self {
        Self { left, top, width, height, seconds, scale }
    }

    /// Grid and numbers.
    pub(super) fn frame(self, text: &mut String, unit: &str) {
        let Self { left, top, width, height, .. } = self;
        let right = left + width;
        for mark in self.scale.marks() {
            let y = self.y(mark);
            let name =
                if mark == 0.0 { unit.to_owned() } else { format!("{}", (mark * 100.0).round() / 100.0) };
            let _ = writeln!(
                text,
                "<path class=\"grid\" d=\"M{left} {y:.1}H{right}\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
                left - 5.0,
                y + 4.0
            );
        }
        let bottom = top + height;
        let _ = writeln!(text, "<path class=\"axis\" d=\"M{left} {bottom}H{right}\"/>");
        for second in (0..=self.seconds as u32).step_by(20) {
            let _ = writeln!(
                text,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{second}{}</text>",
                self.x(f64::from(second)),
                bottom + 14.0,
                if second == 0 { " s" } else { "" }
            );
        }
    }

    /// A line through points of a second and a value.
    pub(super) fn line(self, text: &mut String, class: &str, points: &[(f64, f64)]) {
        let _ = write!(text, "<polyline class=\"{class}\" points=\"");
        for (second, value) in points {
            let _ = write!(text, "{:.1},{:.1} ", self.x(*second), self.y(*value));
        }
        text.push_str("\"/>\n");
    }

    fn x(self, second: f64) -> f64 {
        self.left + self.width * second / self.seconds
    }

    fn y(self, value: f64) -> f64 {
        self.top + self.height * (1.0 - value / self.scale.most)
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn marks_are_round_and_have_room() {
        for (most, marks) in [
            (2.7, vec![0.0, 1.0, 2.0, 3.0]),
            (300.0, vec![0.0, 100.0, 200.0, 300.0]),
            (4.1, vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
            (0.6, vec![0.0, 0.2, 0.4, 0.6]),
        ] {
            let scale: Vec<f64> =
                Scale::up_to(most).marks().map(|mark| (mark * 10.0).round() / 10.0).collect();
            assert_eq!(scale, marks, "{most}");
        }
    }
}
