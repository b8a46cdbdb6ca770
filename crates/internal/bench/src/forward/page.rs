//! The figures of forwarding, for people.

use std::fmt::Write as _;

use super::{Forward, Forwarding};
use crate::results::Spread;

const TEXT: &str = "\
Whole processes forward RTP over loopback, in turn, up to three rounds: packets of 1200 bytes of payload come one by \
one, those of a millisecond at once, of all SSRCs in turn; statistics, reports and NACK are on in the relay. Processor \
time of the process for each packet that leaves, and for each that comes in, the kernel's part included: on loopback \
the sender pays for the way into the receiver's socket as well. The receivers' sockets take no coalesced datagrams \
(GRO), and are looked into every two milliseconds: nobody pays for waking them. The bare loops keep nothing, check \
nothing and report nothing: *batches* takes what there is in one `recvmmsg` and sends it to all targets in one \
`sendmmsg` of segmented datagrams (GSO), *one by one* is `recv` and `send_to`. GStreamer's `rtpbin` and ffmpeg have \
one stream; rtpengine's daemon runs in user space. *lost* are packets that did not arrive, on a machine of two cores \
where generator and receivers want one of them. The last column is how many times the relay's time others take.
";

/// The section of `docs/benchmarks.md`.
#[must_use]
pub fn section(figures: &Forward) -> String {
    let mut text = format!("## forward\n\n{TEXT}\n");
    figures.skipped.iter().for_each(|skipped| text.push_str(&format!("{skipped}.\n\n")));
    text.push_str("| variant | streams | contender | ns a packet out [min–max] | ns a packet in | lost | MiB | ratio |\n");
    text.push_str("|---|--:|---|--:|--:|--:|--:|--:|\n");
    for row in &figures.rows {
        let Forwarding { case, contender, .. } = row;
        let Cells { ns_out, ns_in, lost, mib, ratio } = Cells::of(figures, row);
        let (variant, streams) = (case.variant(), case.streams);
        let name = if is_relay(row) { format!("**{contender}**") } else { (*contender).to_owned() };
        let _ = writeln!(
            text,
            "| {variant} | {streams} | {name} | {ns_out} | {ns_in} | {lost} | {mib} | {ratio} |"
        );
    }
    text.push('\n');
    text
}

/// For terminals.
#[must_use]
pub fn table(figures: &Forward) -> String {
    let mut text = format!(
        "{:<8} {:<21} {:>7}  {:<28} {:>22} {:>8} {:>7} {:>6}  ratio\n",
        "", "variant", "streams", "contender", "ns out [min–max]", "ns in", "lost", "MiB"
    );
    for row in &figures.rows {
        let Forwarding { case, contender, .. } = row;
        let Cells { ns_out, ns_in, lost, mib, ratio } = Cells::of(figures, row);
        let (variant, streams) = (case.variant(), case.streams);
        let _ = writeln!(
            text,
            "forward  {variant:<21} {streams:>7}  {contender:<28} {ns_out:>22} {ns_in:>8} {lost:>7} {mib:>6}  {ratio}"
        );
    }
    figures.skipped.iter().for_each(|skipped| text.push_str(&format!("{skipped}\n")));
    text
}

struct Cells {
    ns_out: String,
    ns_in: String,
    lost: String,
    mib: String,
    ratio: String,
}

impl Cells {
    fn of(figures: &Forward, row: &Forwarding) -> Self {
        let Spread { min, median, max } = row.ns_out;
        let relay = figures.rows.iter().find(|other| other.case == row.case && is_relay(other));
        let ratio = relay.filter(|_| !is_relay(row)).map(|relay| median / relay.ns_out.median);
        Self {
            ns_out: format!("{median:.0} [{min:.0}–{max:.0}]"),
            ns_in: format!("{:.0}", row.ns_in().median),
            lost: format!("{:.1} %", 100.0 * row.lost),
            mib: format!("{:.1}", row.resident_bytes as f64 / f64::from(1 << 20)),
            ratio: ratio.map(|ratio| format!("{ratio:.2}×")).unwrap_or_default(),
        }
    }
}

/// The first of the contenders.
pub(super) const RELAY: &str = "rtptap relay";

fn is_relay(row: &Forwarding) -> bool {
    row.contender == RELAY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forward::Case;

    fn figures() -> Forward {
        let row = |contender, streams, ns| Forwarding {
            case: Case { streams, targets: 20, rate: 4000 },
            contender,
            ns_out: Spread { min: ns - 100.0, median: ns, max: ns + 100.0 },
            lost: 0.0125,
            resident_bytes: 3 << 19,
        };
        let rows = vec![row(RELAY, 1, 2000.0), row("socat", 1, 3000.0), row("socat", 10, 3000.0)];
        Forward { rows, skipped: vec!["rtpengine is not installed".to_owned()] }
    }

    #[test]
    fn others_stand_beside_the_relay_of_the_same_case() {
        let page = section(&figures());
        for row in [
            "| 20 targets, 4000/s | 1 | **rtptap relay** | 2000 [1900–2100] | 40000 | 1.2 % | 1.5 |  |",
            "| 20 targets, 4000/s | 1 | socat | 3000 [2900–3100] | 60000 | 1.2 % | 1.5 | 1.50× |",
            "| 20 targets, 4000/s | 10 | socat | 3000 [2900–3100] | 60000 | 1.2 % | 1.5 |  |",
        ] {
            assert!(page.contains(row), "{page}");
        }
        assert!(table(&figures()).contains("1.50×"));
    }

    #[test]
    fn who_is_missing_is_said() {
        assert!(section(&figures()).contains("rtpengine is not installed.\n"));
        assert!(table(&figures()).contains("rtpengine is not installed\n"));
    }
}
