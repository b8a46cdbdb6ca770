//! The figures of many sessions, for people.

use std::fmt::Write as _;

use super::{Fate, Row, Sessions};
use crate::results::Spread;

/// Variants that have bare loops.
pub(super) const FAN_OUT: &str = "fan-out";
pub(super) const FORWARD: &str = "forward";
/// Who others are compared with.
pub(super) const BARE_GSO: &str = "bare GSO sends";
pub(super) const BARE_EPOLL: &str = "bare epoll loop";
pub(super) const OWN_SOCKETS: &str = "a socket each";

const TEXT: &str = "\
Sessions of `interceptor-tokio` by the thousand over UDP loopback, with statistics, reports, RTX and NACK unless it says *no \
interceptors*. Each contender is a process of its own, of one thread, in turn; up to five rounds. Processor time of that thread for a \
packet that has arrived, the kernel's part included; packets have 1200 bytes of payload. Whoever sends to the sessions, and receives from \
them, is another process, which wants a core for itself. The ratio is to the first row of the variant. *packets/s* were sent to the sessions, or by \
them; *core* is how busy the process kept one. *lost* are packets of all rounds that did not arrive, of those that were sent, and why: no room in the \
*buffers* of the sessions' sockets, or *beyond*, in those of who receives from them, as the kernel counts them; dropped by *sessions*, or not taken, as \
they count them; or *uncounted*. KiB a session (in *forward*, a pair of them) are resident memory when the round is over, and heap when all are set up.

- **fan-out**: one source, 20 frames a second of 8 packets, to a socket each for 1000 sessions. `Fanout` rewrites numbers for each; *a loop* gives each \
  session's stream the same packets by `try_write_all`. The bare loops have connected sockets, too: one `sendmsg` of segmented datagrams (GSO) a frame, or \
  a `send` a packet.
- **forward**: 50 packets a second come to each of 1000 sessions, are read in a task, and leave by another 1000 sessions, all with sockets of \
  their own. The bare loop waits in `epoll`, and makes one `recv` and one `send` a packet.
- **one socket**: 50 000 packets a second come to 10 000 sessions in turn, each of which sends back what comes. `UdpMux` has a receive buffer of \
  32 MiB, sockets of their own have the system's default. Sessions that lose packets ask for them, and nobody answers: where the machine is too busy \
  for the rate, more requests leave than media, and a packet that arrives costs several times as much.
- **idle**: 10 000 sessions, each with a stream bound each way, and no media for 10 seconds: nothing leaves.
";

/// The section of `docs/benchmarks.md`.
#[must_use]
pub fn section(figures: &Sessions) -> String {
    let mut text = format!("## sessions\n\n{TEXT}\n");
    figures.remarks.iter().for_each(|remark| text.push_str(&format!("{remark}.\n\n")));
    text.push_str("| variant | sessions | contender | ns a packet [min–max] | ratio | packets/s | core | lost | KiB | KiB of heap |\n");
    text.push_str("|---|--:|---|--:|--:|--:|--:|---|--:|--:|\n");
    for row in &figures.rows {
        let Row { variant, sessions, contender, .. } = row;
        let Cells { ns, ratio, rate, busy, lost, resident, heap } = Cells::of(figures, row);
        let _ = writeln!(
            text,
            "| {variant} | {sessions} | {contender} | {ns} | {ratio} | {rate} | {busy} | {lost} | {resident} | {heap} |"
        );
    }
    text.push('\n');
    text
}

/// For terminals.
#[must_use]
pub fn table(figures: &Sessions) -> String {
    let mut text = format!(
        "{:<8} {:<10} {:>8}  {:<26} {:>22} {:>6} {:>9} {:>18} {:>6} {:>6}  lost\n",
        "", "variant", "sessions", "contender", "ns [min–max]", "ratio", "packets/s", "core", "KiB", "heap"
    );
    for row in &figures.rows {
        let Row { variant, sessions, contender, .. } = row;
        let Cells { ns, ratio, rate, busy, lost, resident, heap } = Cells::of(figures, row);
        let _ = writeln!(
            text,
            "sessions {variant:<10} {sessions:>8}  {contender:<26} {ns:>22} {ratio:>6} {rate:>9} {busy:>18} {resident:>6} {heap:>6}  {lost}"
        );
    }
    figures.remarks.iter().for_each(|remark| text.push_str(&format!("{remark}\n")));
    text
}

struct Cells {
    ns: String,
    ratio: String,
    rate: String,
    busy: String,
    lost: String,
    resident: String,
    heap: String,
}

impl Cells {
    fn of(figures: &Sessions, row: &Row) -> Self {
        let spread = |Spread { min, median, max }: Spread, digits: usize| {
            format!("{median:.digits$} [{min:.digits$}–{max:.digits$}]")
        };
        let kib = |kib: f64| if is_bare(row) { String::new() } else { format!("{kib:.1}") };
        Self {
            ns: row.ns.map(|ns| spread(ns, 0)).unwrap_or_default(),
            ratio: ratio(figures, row).map(|ratio| format!("{ratio:.2}×")).unwrap_or_default(),
            rate: if row.fate.sent > 0 { format!("{:.0}", row.rate) } else { String::new() },
            busy: format!("{} %", spread(row.busy, 1)),
            lost: fate(row.fate),
            resident: kib(row.resident_kib),
            heap: kib(row.heap_kib),
        }
    }
}

/// No sessions.
fn is_bare(row: &Row) -> bool {
    row.contender.starts_with("bare")
}

/// Whom the variant's others are compared with.
pub(super) fn reference(variant: &str) -> &'static str {
    match variant {
        FAN_OUT => BARE_GSO,
        FORWARD => BARE_EPOLL,
        _ => OWN_SOCKETS,
    }
}

/// To it.
fn ratio(figures: &Sessions, row: &Row) -> Option<f64> {
    let reference = reference(row.variant);
    let same = |other: &&Row| (other.variant, other.contender) == (row.variant, reference);
    let other = figures.rows.iter().find(same).filter(|_| row.contender != reference)?;
    Some(row.ns?.median / other.ns?.median)
}

fn fate(fate: Fate) -> String {
    let (sent, lost) = (fate.sent, fate.lost());
    if sent == 0 {
        return String::new();
    }
    let reasons = [
        ("buffers", fate.buffers),
        ("beyond", fate.beyond),
        ("sessions", fate.queues),
        ("uncounted", fate.uncounted()),
    ];
    let reasons = reasons.into_iter().filter(|(_, count)| *count > 0);
    let reasons: Vec<_> = reasons.map(|(name, count)| format!("{name} {count}")).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) };
    format!("{lost} of {sent}{reasons}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Sessions {
        let row = |variant, contender, ns: Option<f64>, fate| Row {
            variant,
            contender,
            sessions: 1000,
            ns: ns.map(|ns| Spread { min: ns - 100.0, median: ns, max: ns + 100.0 }),
            rate: 49_999.7,
            busy: Spread { min: 1.0, median: 2.04, max: 3.0 },
            fate,
            resident_kib: 10.0,
            heap_kib: 9.5,
        };
        let whole = Fate { sent: 100, arrived: 100, ..Fate::default() };
        let lossy = Fate { sent: 100, arrived: 90, buffers: 6, beyond: 0, queues: 3 };
        let rows = vec![
            row(FAN_OUT, BARE_GSO, Some(2000.0), whole),
            row(FAN_OUT, "Fanout", Some(3000.0), lossy),
            row(FORWARD, "sessions", Some(3000.0), whole),
            row("idle", OWN_SOCKETS, None, Fate::default()),
            row("idle", "UdpMux", None, Fate::default()),
        ];
        Sessions { rows, remarks: vec!["fewer sessions".to_owned()] }
    }

    #[test]
    fn others_stand_beside_the_reference_of_the_same_variant() {
        let page = section(&figures());
        for row in [
            "| fan-out | 1000 | bare GSO sends | 2000 [1900–2100] |  | 50000 | 2.0 [1.0–3.0] % | 0 of 100 |  |  |",
            "| fan-out | 1000 | Fanout | 3000 [2900–3100] | 1.50× | 50000 | 2.0 [1.0–3.0] % | 10 of 100: buffers 6, sessions 3, uncounted 1 | 10.0 | 9.5 |",
            "| forward | 1000 | sessions | 3000 [2900–3100] |  | 50000 | 2.0 [1.0–3.0] % | 0 of 100 | 10.0 | 9.5 |",
            "| idle | 1000 | UdpMux |  |  |  | 2.0 [1.0–3.0] % |  | 10.0 | 9.5 |",
        ] {
            assert!(page.contains(row), "{page}");
        }
        assert!(table(&figures()).contains("1.50×"));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_said() {
        assert!(section(&figures()).contains("fewer sessions.\n"));
        assert!(table(&figures()).contains("fewer sessions\n"));
    }
}
