//! Text in lines of a terminal.

use std::borrow::Cow;

use console::{measure_text_width, truncate_str};

/// The text without what could move the cursor, change colours or turn the line around: names in captures and of files may be
/// anybody's.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_obeyed) {
        Cow::Owned(text.chars().map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Control characters, and those that say which way text runs (Unicode UAX 9).
fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text cut at the start, behind `…`, so that its end is seen.
pub(super) fn shorten_start(text: &str, width: usize) -> Cow<'_, str> {
    if measure_text_width(text) <= width {
        return Cow::Borrowed(text);
    }
    let fits = |from: &usize| measure_text_width(text.get(*from..).unwrap_or_default()) < width;
    let from = text.char_indices().map(|(at, _)| at).find(fits).unwrap_or(text.len());
    Cow::Owned(format!("…{}", text.get(from..).unwrap_or_default()))
}

/// Lines of at most this width, broken between words; all but the first begin with two blanks. Longer words are cut.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut len = 0;
    for word in text.split(' ') {
        let word_len = measure_text_width(word);
        let is_first = line.trim_start().is_empty();
        if !is_first && len + 1 + word_len > width {
            lines.push(std::mem::replace(&mut line, "  ".to_owned()));
            len = 2;
        } else if !is_first {
            line.push(' ');
            len += 1;
        }
        line.push_str(word);
        len += word_len;
    }
    lines.push(line);
    let cut = |line: String| match truncate_str(&line, width, "…") {
        Cow::Borrowed(_) => line,
        Cow::Owned(cut) => cut,
    };
    lines.into_iter().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_go_to_the_next_line_and_long_ones_are_cut() {
        assert_eq!(wrap("one two three", 8), ["one two", "  three"]);
        assert_eq!(wrap("one two three", 13), ["one two three"]);
        assert_eq!(wrap("a 0123456789 b", 8), ["a", "  01234…", "  b"]);
        assert_eq!(wrap("", 8), [""]);
    }

    #[test]
    fn the_end_of_a_long_name_is_seen() {
        assert_eq!(shorten_start("/a/long/way/to/call.pcap", 12), "…o/call.pcap");
        assert_eq!(shorten_start("call.pcap", 9), "call.pcap");
        assert_eq!(shorten_start("電話電話.pcap", 10), "…電話.pcap");
        assert_eq!(shorten_start("call.pcap", 1), "…");
    }

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(printable("a\x1b[31mb\nc\u{9b}d\u{202e}e"), "a\u{fffd}[31mb\u{fffd}c\u{fffd}d\u{fffd}e");
    }
}
