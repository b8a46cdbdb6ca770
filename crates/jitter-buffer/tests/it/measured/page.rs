//! `docs/jitter-buffer.md` and its picture say what is measured here.

use std::fmt::Write;
use std::path::PathBuf;

use super::{Curve, curve};

/// With this in the environment the page is written, otherwise checked.
const UPDATE: &str = "INTERCEPTOR_UPDATE_DOCS";
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 360.0;
const EDGE: f64 = 48.0;

#[test]
fn the_page_about_delay_is_current() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    if !docs.is_dir() {
        eprintln!("outside of the workspace there is no page");
        return;
    }
    let curve = curve();
    check(docs.join("jitter-buffer.svg"), &picture(&curve));
    check(docs.join("jitter-buffer.md"), &page(&curve));
}

fn check(path: PathBuf, text: &str) {
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == text, "{} is not current: run this test with {UPDATE}=1", path.display());
}

fn page(curve: &Curve) -> String {
    let mut text = String::from(include_str!("page_head.txt"));
    let table = include_str!("snapshots/it__measured__late_and_delay.snap");
    text += table.split("---\n").nth(2).unwrap();
    text += include_str!("page_middle.txt");
    text += "| quantile | late % | mean delay, ms | | fixed, ms | late % | mean delay, ms |\n|---|---|---|---|---|---|---|\n";
    for ((q, late, delay), (fixed, fixed_late, fixed_delay)) in curve.adaptive.iter().zip(&curve.fixed) {
        let q = f64::from(*q) / 1000.0;
        writeln!(text, "| {q} | {late:.3} | {delay:.0} | | {fixed} | {fixed_late:.3} | {fixed_delay:.0} |")
            .unwrap();
    }
    text
}

/// Late over delay, both kinds; late on a logarithmic axis from 0.01 to 10 %.
fn picture(curve: &Curve) -> String {
    let x = |delay: f64| EDGE + (delay / 320.0).min(1.0) * (WIDTH - 2.0 * EDGE);
    let y =
        |late: f64| HEIGHT - EDGE - ((late.max(0.01).log10() + 2.0) / 3.5).min(1.0) * (HEIGHT - 2.0 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"white\"/>\n"
    );
    for late in [0.01, 0.1, 1.0, 10.0] {
        let at = y(late);
        writeln!(
            svg,
            "<path d=\"M{EDGE} {at:.1}H{}\" stroke=\"#ddd\"/><text x=\"8\" y=\"{:.1}\">{late} %</text>",
            WIDTH - EDGE,
            at + 4.0
        )
        .unwrap();
    }
    for delay in [0, 100, 200, 300] {
        let at = x(f64::from(delay));
        writeln!(
            svg,
            "<path d=\"M{at:.1} {EDGE}V{}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{}\">{delay} ms</text>",
            HEIGHT - EDGE,
            at - 14.0,
            HEIGHT - EDGE + 18.0
        )
        .unwrap();
    }
    for (points, colour, name, line) in
        [(&curve.fixed, "#c33", "fixed delay", 20), (&curve.adaptive, "#236", "by quantile", 38)]
    {
        let path: Vec<String> =
            points.iter().map(|(_, late, delay)| format!("{:.1},{:.1}", x(*delay), y(*late))).collect();
        writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            path.join(" ")
        )
        .unwrap();
        for (name, late, delay) in points {
            writeln!(svg, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" font-size=\"9\">{name}</text>", x(*delay), y(*late), x(*delay) + 5.0, y(*late) - 4.0).unwrap();
        }
        writeln!(
            svg,
            "<text x=\"{}\" y=\"{line}\" fill=\"{colour}\">{name}</text>",
            WIDTH - 2.0 * EDGE - 40.0
        )
        .unwrap();
    }
    svg + "</svg>\n"
}
