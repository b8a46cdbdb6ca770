//! At most one line of a kind in an interval, and none forgotten: what is held back is counted.

use std::time::{Duration, Instant};

/// Which lines are shown. Kinds are few: places in the program.
#[derive(Debug)]
pub(super) struct RateLimit<K> {
    interval: Duration,
    kinds: Vec<(K, Kind)>,
}

#[derive(Debug)]
struct Kind {
    /// When its last line was shown.
    shown: Instant,
    held: Option<Held>,
}

/// What came since the last line.
#[derive(Debug)]
struct Held {
    line: String,
    more: u64,
}

impl Held {
    /// Its line, with how many there are like it.
    fn tell(self) -> String {
        let Self { line, more } = self;
        if more == 0 {
            return line;
        }
        format!("{} (and {more} more)\n", line.trim_end())
    }
}

impl<K: Clone + PartialEq> RateLimit<K> {
    pub(super) const fn new(interval: Duration) -> Self {
        Self { interval, kinds: Vec::new() }
    }

    /// A line of a kind comes up; gives what is to be shown now. Of what is held back only the first line is made.
    pub(super) fn admit(&mut self, kind: &K, now: Instant, line: impl FnOnce() -> String) -> Option<String> {
        let Some((_, known)) = self.kinds.iter_mut().find(|(known, _)| known == kind) else {
            self.kinds.push((kind.clone(), Kind { shown: now, held: None }));
            return Some(line());
        };
        let told = known.due(self.interval, now);
        if let Some(held) = &mut known.held {
            held.more += 1;
        } else if known.is_free(self.interval, now) {
            known.shown = now;
            return Some(line());
        } else {
            known.held = Some(Held { line: line(), more: 0 });
        }
        told
    }

    /// What has been held back for long enough.
    pub(super) fn due(&mut self, now: Instant) -> Vec<String> {
        let interval = self.interval;
        self.kinds.iter_mut().filter_map(|(_, kind)| kind.due(interval, now)).collect()
    }

    /// Everything that is held back.
    pub(super) fn rest(&mut self) -> Vec<String> {
        self.kinds.iter_mut().filter_map(|(_, kind)| kind.held.take().map(Held::tell)).collect()
    }
}

impl Kind {
    fn is_free(&self, interval: Duration, now: Instant) -> bool {
        now.saturating_duration_since(self.shown) >= interval
    }

    fn due(&mut self, interval: Duration, now: Instant) -> Option<String> {
        if !self.is_free(interval, now) {
            return None;
        }
        let held = self.held.take()?;
        self.shown = now;
        Some(held.tell())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any instant will do")]
mod tests {
    use super::*;

    fn limit() -> (RateLimit<u8>, impl Fn(u64) -> Instant) {
        let start = Instant::now();
        (RateLimit::new(Duration::from_secs(1)), move |ms| start + Duration::from_millis(ms))
    }

    /// What a line stands for.
    fn events(line: &str) -> u64 {
        let more = line.split_once("(and ").and_then(|(_, rest)| rest.split_once(" more)"));
        1 + more.map_or(0, |(more, _)| more.parse::<u64>().unwrap())
    }

    #[test]
    fn a_flood_is_a_line_a_second_that_counts_the_rest() {
        let (mut limit, at) = limit();
        let mut made = 0;
        let mut line = || {
            made += 1;
            format!("rejected {made}\n")
        };
        let mut lines: Vec<String> =
            (0..10_000).filter_map(|at_ms| limit.admit(&1, at(at_ms / 20), &mut line)).collect();
        assert_eq!(lines, ["rejected 1\n"]);
        assert!(limit.due(at(999)).is_empty());
        lines.extend(limit.due(at(1000)));
        assert_eq!(lines[1..], ["rejected 2 (and 9998 more)\n"]);
        assert_eq!(lines.iter().map(|line| events(line)).sum::<u64>(), 10_000);
        assert!(limit.due(at(5000)).is_empty() && limit.rest().is_empty());
        assert_eq!(made, 2, "what is only counted costs nothing");
    }

    #[test]
    fn nothing_is_lost_however_a_flood_goes_on() {
        let (mut limit, at) = limit();
        let mut lines = Vec::new();
        // 7 s, told by later lines of the kind and by nobody else.
        for event in 0..7000 {
            lines.extend(limit.admit(&1, at(event), || "x\n".to_owned()));
        }
        assert_eq!(lines.len(), 7, "{lines:?}");
        lines.extend(limit.rest());
        assert_eq!(lines.iter().map(|line| events(line)).sum::<u64>(), 7000);
    }

    #[test]
    fn kinds_do_not_hide_each_other_and_seldom_lines_are_shown_as_they_come() {
        let (mut limit, at) = limit();
        for (kind, ms) in [(1, 0), (2, 0), (1, 1000), (2, 1500), (1, 2000)] {
            assert_eq!(limit.admit(&kind, at(ms), || ms.to_string()), Some(ms.to_string()), "{kind} {ms}");
        }
        assert_eq!(limit.admit(&1, at(2400), || "second\n".to_owned()), None);
        assert_eq!(limit.due(at(3000)), ["second\n"], "one that waited is told whole");
        assert_eq!(limit.admit(&1, at(3100), || "third".to_owned()), None, "a second since the last line");
        assert_eq!(limit.admit(&1, at(4000), || "fourth".to_owned()), Some("third".to_owned()));
        assert_eq!(limit.rest(), ["fourth"]);
    }
}
