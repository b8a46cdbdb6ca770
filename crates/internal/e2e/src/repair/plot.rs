//! The table as pictures: what stays lost and what that takes, by loss and length of bursts. SVG, readable on light and on dark.

use std::fmt::Write as _;

use super::{Figures, Means, Row};

const PANEL: f64 = 250.0;
const PLOT_WIDTH: f64 = 190.0;
const HEIGHT: f64 = 120.0;
const LEFT: f64 = 48.0;
const TOP: f64 = 56.0;
const LOWER: f64 = TOP + HEIGHT + 44.0;
const BURSTS: [u32; 3] = [1, 3, 8];

/// The residual's axis in percent, by powers of ten.
const LOWEST: f64 = 0.01;
const DECADES: f64 = 3.5;
/// The overhead's axis in percent.
const MOST: f64 = 120.0;

/// Colours come from here alone, so that one rule turns them for dark pages.
const STYLE: &str = "\
<style>
text{font:11px system-ui,sans-serif;fill:#333}
.h{font-weight:600;font-size:13px}
.bg{fill:#fff}.grid{stroke:#e3e3e3}.goal{stroke:#999;stroke-dasharray:5 3}
polyline{fill:none;stroke-width:1.6;stroke-linejoin:round}
.m0{stroke:#d9701a}.m1{stroke:#9354c4}.m2{stroke:#1f6fd6;stroke-width:2.6}.m3{stroke:#c2304a}
@media(prefers-color-scheme:dark){
text{fill:#ccc}.bg{fill:#16181d}.grid{stroke:#2c3038}.goal{stroke:#888}
.m0{stroke:#f5a04c}.m1{stroke:#c89bf0}.m2{stroke:#62a5ff}.m3{stroke:#ff7d92}}
</style>
";

/// The rows of one round trip: a column of panels for each length of bursts.
#[must_use]
pub fn svg(rtt: u64, rows: &[Row]) -> String {
    let (width, height) = (PANEL * 3.0 + 24.0, LOWER + HEIGHT + 56.0);
    let title = format!("A round trip of {rtt} ms");
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{title}\">\n{STYLE}<rect class=\"bg\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n\
         <text class=\"h\" x=\"12\" y=\"24\">{title}</text>\n"
    );
    for (place, burst) in BURSTS.into_iter().enumerate() {
        let rows: Vec<&Row> =
            rows.iter().filter(|row| row.cell.rtt == rtt && row.cell.burst == burst).collect();
        let x = LEFT + PANEL * place as f64;
        let heading =
            if burst == 1 { "independent losses".to_owned() } else { format!("bursts of {burst} packets") };
        let _ = writeln!(text, "<text x=\"{x}\" y=\"{}\">{heading}</text>", TOP - 10.0);
        panel(
            &mut text,
            x,
            TOP,
            &rows,
            "lost",
            &[(0.01, "0.01 %"), (0.1, "0.1 %"), (1.0, "1 %"), (10.0, "10 %")],
            residual,
        );
        panel(
            &mut text,
            x,
            LOWER,
            &rows,
            "overhead",
            &[(0.0, "0 %"), (50.0, "50 %"), (100.0, "100 %")],
            overhead,
        );
    }
    let mut x = LEFT;
    for (number, means) in Means::ALL.into_iter().enumerate() {
        let y = height - 14.0;
        let _ = writeln!(
            text,
            "<polyline class=\"m{number}\" points=\"{x},{} {},{}\"/><text x=\"{}\" y=\"{y}\">{}</text>",
            y - 4.0,
            x + 18.0,
            y - 4.0,
            x + 23.0,
            means.name()
        );
        x += 50.0 + 7.0 * means.name().len() as f64;
    }
    text.push_str("</svg>\n");
    text
}

/// Height of a value above the bottom, from 0 to 1.
fn residual(percent: f64) -> f64 {
    ((percent.max(LOWEST) / LOWEST).log10() / DECADES).min(1.0)
}

fn overhead(percent: f64) -> f64 {
    (percent / MOST).clamp(0.0, 1.0)
}

fn panel(
    text: &mut String,
    x: f64,
    top: f64,
    rows: &[&Row],
    figure: &str,
    marks: &[(f64, &str)],
    height: fn(f64) -> f64,
) {
    let y = |value: f64| top + HEIGHT * (1.0 - height(value));
    for (mark, name) in marks {
        let class = if figure == "lost" && *name == "0.1 %" { "goal" } else { "grid" };
        let (right, at) = (x + PLOT_WIDTH, y(*mark));
        let _ = writeln!(
            text,
            "<path class=\"{class}\" d=\"M{x} {at:.1}H{right}\"/><text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{name}</text>",
            x - 5.0,
            at + 4.0
        );
    }
    let across = |place: usize| x + PLOT_WIDTH * (place as f64 + 0.5) / rows.len().max(1) as f64;
    for (place, row) in rows.iter().enumerate() {
        let _ = writeln!(
            text,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{:.0} %</text>",
            across(place),
            top + HEIGHT + 16.0,
            100.0 * row.cell.loss
        );
    }
    for number in 0..Means::ALL.len() {
        let value = |figures: &Figures| if figure == "lost" { figures.residual } else { figures.overhead };
        let _ = write!(text, "<polyline class=\"m{number}\" points=\"");
        for (place, row) in rows.iter().enumerate() {
            if let Some(figures) = row.figures.get(number) {
                let _ = write!(text, "{:.1},{:.1} ", across(place), y(value(figures)));
            }
        }
        text.push_str("\"/>\n");
    }
}
