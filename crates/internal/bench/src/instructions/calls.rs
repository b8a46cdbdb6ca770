//! Instructions of a gRPC message, or a unary call, over loopback: both ends together, with and without a layer.

use std::fmt::Write as _;

use anyhow::Context as _;

use super::{Counts, count};

/// What calls of two lengths consist of. The difference of their counts is that of the messages between, without the call itself.
#[derive(Clone, Copy, Debug)]
pub struct Lengths {
    /// Of the shorter one.
    pub short: usize,
    /// Of the longer one.
    pub long: usize,
}

/// Messages of a call that is a stream.
pub const MESSAGES: Lengths = Lengths { short: 1000, long: 6000 };
/// Unary calls.
pub const CALLS: Lengths = Lengths { short: 40, long: 240 };

const KINDS: [(&str, Lengths); 3] = [("pull", MESSAGES), ("push", MESSAGES), ("unary", CALLS)];
const FORMS: [&str; 5] = ["bare", "counting", "limits", "both", "metrics"];

/// Counts, and says what each form costs a message and over the bare one.
///
/// # Errors
/// Callgrind could not be run.
pub fn calls() -> anyhow::Result<String> {
    table(&count(&["--features", "stream-peers", "--bench", "calls"])?)
}

fn table(counts: &Counts) -> anyhow::Result<String> {
    let mut text = format!("{:<20} {:>24} {:>8}\n", "", "instructions a message", "");
    for (kind, lengths) in KINDS {
        let bare = each(counts, kind, "bare", lengths)?;
        for form in FORMS {
            let each = each(counts, kind, form, lengths)?;
            let over = (each / bare - 1.0) * 100.0;
            let _ = writeln!(text, "{:<20} {each:>24.1} {over:>+6.2} %", format!("{kind}, {form}"));
        }
    }
    Ok(text)
}

/// Instructions of one message, or call.
fn each(counts: &Counts, kind: &str, form: &str, lengths: Lengths) -> anyhow::Result<f64> {
    let of = |length: &str| {
        let name = format!("{kind}.{form}_{length}");
        counts.get(&name).copied().with_context(|| format!("{name} was not counted"))
    };
    let (short, long) = (of("short")?, of("long")?);
    Ok(long.saturating_sub(short) as f64 / (lengths.long - lengths.short) as f64)
}

#[cfg(test)]
mod tests {
    use super::{Counts, FORMS, KINDS, table};

    #[test]
    fn the_difference_of_two_lengths_is_the_messages() {
        let mut counts = Counts::new();
        for (kind, lengths) in KINDS {
            for (form, each) in FORMS.into_iter().zip([1000, 1050, 1100, 1200, 1000]) {
                let of = |items: usize| 123_456 + each * items as u64;
                counts.insert(format!("{kind}.{form}_short"), of(lengths.short));
                counts.insert(format!("{kind}.{form}_long"), of(lengths.long));
            }
        }
        let text = table(&counts).unwrap();
        let counting = text.lines().find(|line| line.starts_with("push, counting")).unwrap();
        assert!(counting.contains("1050.0") && counting.ends_with("+5.00 %"), "{text}");
        counts.remove("unary.both_long");
        assert_eq!(table(&counts).unwrap_err().to_string(), "unary.both_long was not counted");
    }
}
