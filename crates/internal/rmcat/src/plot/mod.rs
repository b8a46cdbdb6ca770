//! Runs as pictures: what a link carries, what flows send, how long packets wait. SVG, readable on light and on dark.

mod chart;

use std::fmt::Write as _;

use self::chart::{Chart, Scale};
use crate::record::Record;

/// Seconds of a point.
const STEP: f64 = 0.5;

/// Of the whole picture.
const MARGIN: f64 = 12.0;
const TITLE: f64 = 26.0;
const LEGEND: f64 = 24.0;

/// Of a panel.
const PANEL_WIDTH: f64 = 430.0;
const RATE_HEIGHT: f64 = 150.0;
const QUEUE_HEIGHT: f64 = 80.0;
const GAP: f64 = 34.0;
const LEFT: f64 = 40.0;
const RIGHT: f64 = 10.0;

/// Colours come from here alone, so that one rule turns them for dark pages.
const STYLE: &str = "\
<style>
text{font:11px system-ui,sans-serif;fill:#333}
.h{font-weight:600;font-size:13px}
.bg{fill:#fff}.grid{stroke:#e3e3e3}.axis{stroke:#999}
polyline{fill:none;stroke-width:1.3;stroke-linejoin:round}
.cap{stroke:#999;stroke-width:1.6;stroke-dasharray:5 3}
.f0{stroke:#1f6fd6}.f1{stroke:#d9701a}.f2{stroke:#2b9355}.tcp{stroke:#9354c4}.q{stroke:#c2304a}
@media(prefers-color-scheme:dark){
text{fill:#ccc}.bg{fill:#16181d}.grid{stroke:#2c3038}.axis{stroke:#777}.cap{stroke:#888}
.f0{stroke:#62a5ff}.f1{stroke:#f5a04c}.f2{stroke:#5fd08b}.tcp{stroke:#c89bf0}.q{stroke:#ff7d92}}
</style>
";

/// A run and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Panel<'a> {
    /// Its heading.
    pub title: &'a str,
    /// The run.
    pub record: &'a Record,
}

/// A picture of runs of one case beside each other, with the same scales.
#[must_use]
pub fn svg(title: &str, panels: &[Panel<'_>]) -> String {
    let width = 2.0 * MARGIN + PANEL_WIDTH * panels.len() as f64;
    let height = 2.0 * MARGIN + TITLE + 18.0 + RATE_HEIGHT + GAP + QUEUE_HEIGHT + 18.0 + LEGEND;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">\n{STYLE}\
         <rect class=\"bg\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n"
    );
    let _ = writeln!(text, "<text class=\"h\" x=\"{MARGIN}\" y=\"{}\">{title}</text>", MARGIN + 14.0);
    let scales = Scales::of(panels);
    for (place, panel) in panels.iter().enumerate() {
        let x = MARGIN + PANEL_WIDTH * place as f64;
        scales.draw(&mut text, panel, x, MARGIN + TITLE + 14.0);
    }
    legend(&mut text, panels, height - MARGIN - 4.0);
    text.push_str("</svg>\n");
    text
}

/// What the panels have in common.
struct Scales {
    seconds: f64,
    rate: Scale,
    queue: Scale,
}

impl Scales {
    fn of(panels: &[Panel<'_>]) -> Self {
        let most =
            |figure: fn(&Record) -> f64| panels.iter().map(|panel| figure(panel.record)).fold(0.0, f64::max);
        Self {
            seconds: most(|record| record.plan.duration),
            rate: Scale::up_to(most(highest_rate)),
            queue: Scale::up_to(most(longest_wait)),
        }
    }

    fn draw(&self, text: &mut String, panel: &Panel<'_>, x: f64, y: f64) {
        let record = panel.record;
        let _ = writeln!(text, "<text class=\"h\" x=\"{}\" y=\"{y}\">{}</text>", x + LEFT, panel.title);
        let width = PANEL_WIDTH - LEFT - RIGHT;
        let rates = Chart::new(x + LEFT, y + 10.0, width, RATE_HEIGHT, self.seconds, self.rate);
        rates.frame(text, "Mb/s");
        rates.line(text, "cap", &capacity(record));
        for (class, flow) in classes(record).into_iter().zip(&record.flows) {
            let points = steps(record).map(|at| (at + STEP / 2.0, flow.sent(at, at + STEP) / 1e6));
            rates.line(text, class, &points.collect::<Vec<_>>());
        }
        let top = y + 10.0 + RATE_HEIGHT + GAP;
        let waits = Chart::new(x + LEFT, top, width, QUEUE_HEIGHT, self.seconds, self.queue);
        waits.frame(text, "ms");
        waits.line(text, "q", &longest_waits(record));
    }
}

/// The line of each flow.
fn classes(record: &Record) -> Vec<&'static str> {
    let media = ["f0", "f1", "f2"].into_iter().cycle().take(record.plan.media.len());
    media.chain(record.plan.tcp.iter().map(|_| "tcp")).collect()
}

fn legend(text: &mut String, panels: &[Panel<'_>], y: f64) {
    let Some(panel) = panels.first() else { return };
    let media = panel.record.plan.media.len();
    let mut entries = vec![("cap", "capacity".to_owned())];
    for (number, class) in classes(panel.record).into_iter().enumerate() {
        let name = match number < media {
            false => "TCP".to_owned(),
            true if media == 1 => "sent".to_owned(),
            true => format!("sent, flow {}", number + 1),
        };
        entries.push((class, name));
    }
    entries.push(("q", "longest wait in each half second".to_owned()));
    let mut x = MARGIN + LEFT;
    for (class, name) in entries {
        let line = y - 4.0;
        let _ = writeln!(
            text,
            "<polyline class=\"{class}\" points=\"{x},{line} {},{line}\"/><text x=\"{}\" y=\"{y}\">{name}</text>",
            x + 18.0,
            x + 23.0
        );
        x += 40.0 + 6.2 * name.len() as f64;
    }
}

fn steps(record: &Record) -> impl Iterator<Item = f64> + use<> {
    let steps = (record.plan.duration / STEP) as u32;
    (0..steps).map(|step| f64::from(step) * STEP)
}

/// Both ends of each level.
fn capacity(record: &Record) -> Vec<(f64, f64)> {
    let Some(capacity) = &record.plan.forward.capacity else { return Vec::new() };
    capacity.levels(record.plan.duration).flat_map(|(from, to, rate)| [(from, rate), (to, rate)]).collect()
}

fn longest_waits(record: &Record) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = steps(record).map(|at| (at + STEP / 2.0, 0.0)).collect();
    for (second, wait) in record.flows.iter().flat_map(|flow| &flow.waits) {
        if let Some(point) = points.get_mut((second / STEP) as usize) {
            point.1 = point.1.max(*wait);
        }
    }
    points
}

fn highest_rate(record: &Record) -> f64 {
    let sent = record.flows.iter().flat_map(|flow| steps(record).map(|at| flow.sent(at, at + STEP) / 1e6));
    let capacity = capacity(record).into_iter().map(|(_, rate)| rate);
    sent.chain(capacity).fold(0.0, f64::max)
}

fn longest_wait(record: &Record) -> f64 {
    longest_waits(record).into_iter().map(|(_, wait)| wait).fold(0.0, f64::max)
}
