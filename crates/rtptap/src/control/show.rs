//! What a relay says, for people.

use crate::relay::control::generated::{
    LegStats, LegsResponse, Limit, PacketBook, Rules, SetRulesResponse, WatchResponse,
};
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

/// Datagrams leave as they are.
const CLEAR: &str = "clear";

/// A line a leg; what is done on purpose below, since a terminal is 80 columns wide.
pub(super) fn watch(message: &WatchResponse) -> String {
    let mut table = plain_table();
    table.set_header(["leg", "in", "out", "waiting", "lost here", "resent", "streams"]);
    for leg in &message.legs {
        table.add_row(row(leg));
    }
    align_right(&mut table, 1);
    let skipped = match message.skipped {
        0 => String::new(),
        count => format!(", {count} not shown"),
    };
    let mut text = format!("{:.0} s{skipped}\n{table}\n", message.uptime);
    for leg in &message.legs {
        if let Some(rules) = leg.rules.as_ref().map(rules).filter(|rules| rules != CLEAR) {
            text += &format!("{}: {rules}\n", leg.id);
        }
    }
    text
}

fn row(leg: &LegStats) -> [String; 7] {
    let book = leg.book.unwrap_or_default();
    let resent = leg.repair.unwrap_or_default().packets_resent;
    [
        leg.id.clone(),
        (book.packets_in + book.packets_made).to_string(),
        book.packets_out.to_string(),
        book.packets_waiting.to_string(),
        lost(&book).to_string(),
        resent.to_string(),
        leg.streams.len().to_string(),
    ]
}

const fn lost(book: &PacketBook) -> u64 {
    book.packets_unproven
        + book.packets_unbound
        + book.packets_rejected
        + book.packets_stray
        + book.packets_unread
        + book.packets_overflowed
        + book.packets_refused
        + book.packets_discarded
        + book.packets_impaired
        + book.packets_limited
        + book.packets_at_close
}

/// A line a leg; what holds for each below.
pub(super) fn legs(message: &LegsResponse) -> String {
    let mut table = plain_table();
    table.set_header(["leg", "local", "peer", "streams"]);
    for leg in &message.legs {
        table.add_row([
            leg.id.clone(),
            leg.local.clone(),
            leg.peer.clone().unwrap_or_else(|| ABSENT.to_owned()),
            leg.ssrcs.len().to_string(),
        ]);
    }
    let mut text = format!("{table}\n");
    for leg in &message.legs {
        text += &format!("{}: {}\n", leg.id, held(leg.rules.as_ref(), leg.limit.as_ref()));
    }
    text
}

/// What holds for a leg, in a few words.
pub(super) fn changed(message: &SetRulesResponse) -> String {
    held(message.rules.as_ref(), message.limit.as_ref())
}

fn held(of_target: Option<&Rules>, at_most: Option<&Limit>) -> String {
    let words: Vec<String> = of_target.map(rules).into_iter().chain(at_most.and_then(limit)).collect();
    if words.is_empty() { "no limit".to_owned() } else { words.join(", ") }
}

/// `None`: any amount.
fn limit(limit: &Limit) -> Option<String> {
    let bits = |bits: u64| format!("{} kbit/s", bits as f64 / 1000.0);
    let packets = |packets: u64| format!("{packets} packets/s");
    let each = |text: String| text + " a stream";
    let words = [
        limit.bits_per_second.map(bits),
        limit.packets_per_second.map(packets),
        limit.stream_bits_per_second.map(bits).map(each),
        limit.stream_packets_per_second.map(packets).map(each),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| format!("at most {}", words.join(", ")))
}

/// What is done on purpose, in a few words.
fn rules(rules: &Rules) -> String {
    let Rules { loss, burst, delay_ms, jitter_ms, seed } = *rules;
    let mut words = Vec::new();
    if loss > 0.0 {
        let bursts = burst.map(|burst| format!(" in bursts of {burst}")).unwrap_or_default();
        words.push(format!("loses {}%{bursts}", percent(loss)));
    }
    if delay_ms > 0.0 || jitter_ms > 0.0 {
        words.push(format!("delays {delay_ms} ms ± {jitter_ms} ms"));
    }
    if words.is_empty() {
        return CLEAR.to_owned();
    }
    format!("{}, seed {seed}", words.join(", "))
}

/// Without the noise of a division by 100.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relay::control::generated::Leg;

    #[test]
    fn rules_are_told_as_people_say_them() {
        for (rules_of, words) in [
            (Rules::default(), "clear"),
            (Rules { loss: 0.07, seed: 1, ..Rules::default() }, "loses 7%, seed 1"),
            (
                Rules { loss: 0.1, burst: Some(3.0), delay_ms: 40.0, jitter_ms: 5.5, seed: 7 },
                "loses 10% in bursts of 3, delays 40 ms ± 5.5 ms, seed 7",
            ),
        ] {
            assert_eq!(rules(&rules_of), words);
        }
    }

    #[test]
    fn a_leg_is_a_line_and_what_was_not_read_is_counted() {
        let book = PacketBook {
            packets_in: 10,
            packets_made: 2,
            packets_out: 9,
            packets_impaired: 3,
            ..PacketBook::default()
        };
        let leg = LegStats {
            id: "target-1".to_owned(),
            book: Some(book),
            rules: Some(Rules::default()),
            ..LegStats::default()
        };
        let text = watch(&WatchResponse { uptime: 12.3, legs: vec![leg], skipped: 2 });
        let line = text.lines().last().unwrap();
        let cells: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(
            cells,
            ["target-1", "12", "9", "0", "3", "0", "0"],
            "and nothing of rules that do nothing"
        );
        assert!(text.starts_with("12 s, 2 not shown\n"), "{text}");
    }

    #[test]
    fn whatever_is_done_on_purpose_fits_a_terminal_of_80_columns() {
        let rules = Rules { loss: 0.125, burst: Some(12.5), delay_ms: 1000.0, jitter_ms: 999.5, seed: 1 };
        let address = || "192.168.100.100:50000".to_owned();
        let leg = Leg {
            id: "target-1".to_owned(),
            local: address(),
            peer: Some(address()),
            rules: Some(rules),
            ..Leg::default()
        };
        let stats = LegStats { id: leg.id.clone(), rules: Some(rules), ..LegStats::default() };
        let watched = watch(&WatchResponse { uptime: 1.0, legs: vec![stats], skipped: 0 });
        let said = "\ntarget-1: loses 12.5% in bursts of 12.5, delays 1000 ms ± 999.5 ms, seed 1\n";
        for text in [legs(&LegsResponse { legs: vec![leg] }), watched] {
            assert!(text.ends_with(said), "{text}");
            let widest = text.lines().map(|line| line.trim_end().chars().count()).max();
            assert!(widest <= Some(80), "{text}");
        }
    }
}
