//! The tool's figures, for people.

use std::fmt::Write as _;

use super::{Inspecting, Rtptap};
use crate::results::Spread;

const INSPECT: &str = "\
Ten RTP streams with losses, reordering and sender reports in one pcap file, in the page cache. Processes as a user \
starts them, in turn, up to five rounds.
";

/// The section of `docs/benchmarks.md`.
#[must_use]
pub fn section(figures: &Rtptap) -> String {
    let mut text = format!("## rtptap\n\n### inspect\n\n{INSPECT}\n");
    if let Some(skipped) = &figures.skipped {
        let _ = writeln!(text, "{skipped}.\n");
    }
    let megabytes = figures.capture_bytes / 1_000_000;
    let _ = writeln!(text, "| {megabytes} MB | wall s [min–max] | CPU s [min–max] | wall | CPU |");
    text.push_str("|---|--:|--:|--:|--:|\n");
    for inspecting in &figures.inspect {
        let Inspecting { contender, wall_s, cpu_s } = inspecting;
        let (wall, cpu) = inspect_ratios(figures, inspecting)
            .map(|(wall, cpu)| (format!("{wall:.1}×"), format!("{cpu:.1}×")))
            .unwrap_or_default();
        let _ =
            writeln!(text, "| `{contender}` | {} | {} | {wall} | {cpu} |", seconds(wall_s), seconds(cpu_s));
    }
    text.push('\n');
    text
}

/// For terminals.
#[must_use]
pub fn table(figures: &Rtptap) -> String {
    let mut text = String::new();
    for inspecting in &figures.inspect {
        let Inspecting { contender, wall_s, cpu_s } = inspecting;
        let (wall, cpu) = inspect_ratios(figures, inspecting).unwrap_or((1.0, 1.0));
        let (wall_s, cpu_s) = (seconds(wall_s), seconds(cpu_s));
        let _ = writeln!(
            text,
            "rtptap inspect  {contender:<32} {wall_s:>20} s wall {cpu_s:>20} s CPU  {wall:.1}× {cpu:.1}×"
        );
    }
    figures.skipped.iter().for_each(|skipped| text.push_str(&format!("{skipped}\n")));
    text
}

/// How many times ours the others take.
fn inspect_ratios(figures: &Rtptap, other: &Inspecting) -> Option<(f64, f64)> {
    let ours = figures.inspect.first().filter(|ours| ours.contender != other.contender)?;
    Some((other.wall_s.median / ours.wall_s.median, other.cpu_s.median / ours.cpu_s.median))
}

fn seconds(spread: &Spread) -> String {
    format!("{:.2} [{:.2}–{:.2}]", spread.median, spread.min, spread.max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Rtptap {
        let spread = |value: f64| Spread { min: value * 0.9, median: value, max: value * 1.1 };
        let inspecting =
            |contender, wall, cpu| Inspecting { contender, wall_s: spread(wall), cpu_s: spread(cpu) };
        Rtptap {
            inspect: vec![inspecting("rtptap inspect", 0.3, 0.2), inspecting("tshark", 3.0, 2.4)],
            capture_bytes: 500_000_100,
            skipped: None,
        }
    }

    #[test]
    fn ratios_stand_beside_those_who_are_compared_with() {
        let page = section(&figures());
        assert!(page.contains("| 500 MB |") && page.contains("| 10.0× | 12.0× |"), "{page}");
        assert!(table(&figures()).contains("10.0× 12.0×"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut figures = figures();
        figures.inspect.pop();
        figures.skipped = Some("tshark is not installed".to_owned());
        assert!(section(&figures).contains("tshark is not installed.\n"));
        assert!(table(&figures).contains("tshark is not installed"));
    }
}
