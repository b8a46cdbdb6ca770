//! The tool's figures, for people.

use std::fmt::Write as _;

use super::{Forwarding, Inspecting, Rtptap};
use crate::results::Spread;

const RELAY: &str = "\
Processor time of a whole process, the kernel's part included, for each packet that it forwards over loopback: 1200 bytes \
of payload, four packets a millisecond, one target, statistics and reports and NACK on. The bare loops keep nothing, check \
nothing and report nothing: what the relay takes beyond them is its work. All in turn, up to five rounds.
";

const INSPECT: &str = "\
Ten RTP streams with losses, reordering and sender reports in one pcap file, in the page cache. Processes as a user \
starts them, in turn, up to five rounds.
";

/// The section of `docs/benchmarks.md`.
#[must_use]
pub fn section(figures: &Rtptap) -> String {
    let mut text = format!("## rtptap\n\n### relay\n\n{RELAY}\n");
    text.push_str(
        "| contender | packets | CPU ns a packet [min–max] | the relay takes |\n|---|--:|--:|--:|\n",
    );
    for Forwarding { contender, packets, ns } in &figures.relay {
        let times = relay_ratio(figures, ns).map(|ratio| format!("{ratio:.2}×")).unwrap_or_default();
        let ns = format!("{:.0} [{:.0}–{:.0}]", ns.median, ns.min, ns.max);
        let _ = writeln!(text, "| {contender} | {packets} | {ns} | {times} |");
    }
    let _ = writeln!(text, "\n### inspect\n\n{INSPECT}");
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
    for Forwarding { contender, ns, .. } in &figures.relay {
        let ratio = relay_ratio(figures, ns).map(|ratio| format!("{ratio:.2}×")).unwrap_or_default();
        let ns = format!("{:.0} [{:.0}–{:.0}]", ns.median, ns.min, ns.max);
        let _ = writeln!(text, "rtptap relay    {contender:<32} {ns:>24} ns CPU a packet  {ratio}");
    }
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

/// How many times a loop's time the relay takes; not for the relay itself.
fn relay_ratio(figures: &Rtptap, ns: &Spread) -> Option<f64> {
    let relay = figures.relay.first()?.ns.median;
    (ns.median.to_bits() != relay.to_bits()).then(|| relay / ns.median)
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
        let forwarding = |contender, ns| Forwarding { contender, packets: 10, ns: spread(ns) };
        let inspecting =
            |contender, wall, cpu| Inspecting { contender, wall_s: spread(wall), cpu_s: spread(cpu) };
        Rtptap {
            relay: vec![forwarding("rtptap relay", 6000.0), forwarding("bare loop", 4000.0)],
            inspect: vec![inspecting("rtptap inspect", 0.3, 0.2), inspecting("tshark", 3.0, 2.4)],
            capture_bytes: 500_000_100,
            skipped: None,
        }
    }

    #[test]
    fn ratios_stand_beside_those_who_are_compared_with() {
        let page = section(&figures());
        assert!(page.contains("| rtptap relay | 10 | 6000 [5400–6600] |  |"), "{page}");
        assert!(page.contains("| bare loop | 10 | 4000 [3600–4400] | 1.50× |"), "{page}");
        assert!(page.contains("| 500 MB |") && page.contains("| 10.0× | 12.0× |"), "{page}");
        assert!(table(&figures()).contains("1.50×"));
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
