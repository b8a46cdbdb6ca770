//! What a relay says, for people.

use crate::relay::control::generated::{
    LegStats, LegsResponse, Limit, PacketBook, Rules, SetRulesResponse, WatchResponse,
};
use crate::table::{align_right, plain_table};

const ABSENT: &str = "–";

/// A line a leg.
pub(super) fn watch(message: &WatchResponse) -> String {
    let mut table = plain_table();
    table.set_header(["leg", "in", "out", "waiting", "lost here", "resent", "streams", "rules"]);
    for leg in &message.legs {
        table.add_row(row(leg));
    }
    align_right(&mut table, 1);
    let skipped = match message.skipped {
        0 => String::new(),
        count => format!(", {count} not shown"),
    };
    format!("{:.0} s{skipped}\n{table}\n", message.uptime)
}

fn row(leg: &LegStats) -> [String; 8] {
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
        leg.rules.as_ref().map_or_else(|| ABSENT.to_owned(), rules),
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

/// A line a leg.
pub(super) fn legs(message: &LegsResponse) -> String {
    let mut table = plain_table();
    table.set_header(["leg", "local", "peer", "streams", "limit", "rules"]);
    for leg in &message.legs {
        table.add_row([
            leg.id.clone(),
            leg.local.clone(),
            leg.peer.clone().unwrap_or_else(|| ABSENT.to_owned()),
            leg.ssrcs.len().to_string(),
            leg.limit.as_ref().and_then(limit).unwrap_or_else(|| ABSENT.to_owned()),
            leg.rules.as_ref().map_or_else(|| ABSENT.to_owned(), rules),
        ]);
    }
    format!("{table}\n")
}

/// What holds for a leg, in a few words.
pub(super) fn changed(message: &SetRulesResponse) -> String {
    let limit = message.limit.as_ref().and_then(limit);
    let words: Vec<String> = message.rules.as_ref().map(rules).into_iter().chain(limit).collect();
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
pub(super) fn rules(rules: &Rules) -> String {
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
        return "clear".to_owned();
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
        assert_eq!(cells, ["target-1", "12", "9", "0", "3", "0", "0", "clear"]);
        assert!(text.starts_with("12 s, 2 not shown\n"), "{text}");
    }
}
