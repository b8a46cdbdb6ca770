//! Whether a stream that said goodbye means it.

use std::time::Duration;

use interceptor_packet::SequenceNumber;
use tokio::time::Instant;

/// How long a stream that said goodbye is still forwarded: its last packets may be under way, or asked for again.
const LINGER: Duration = Duration::from_secs(1);

/// Packets that had been sent before the goodbye and come after it, on another way, come this much later at most.
const IN_FLIGHT: Duration = Duration::from_millis(200);

/// So many numbers behind the newest, and more, is a source that was restarted with another number: nobody keeps as many
/// packets to send them again (RFC 3550 A.1, `MAX_DROPOUT`).
const MAX_LATE: u16 = 3000;

/// A goodbye that is taken back by new packets: whoever forges one does not end a stream that goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Farewell {
    newest: Option<SequenceNumber>,
    said: Option<Instant>,
}

impl Farewell {
    /// The source says goodbye.
    pub(super) fn say(&mut self, now: Instant) {
        self.said.get_or_insert(now);
    }

    /// When the stream is over.
    pub(super) fn due(&self) -> Option<Instant> {
        self.said.map(|said| said + LINGER)
    }

    /// A packet of the stream has come.
    #[inline]
    pub(super) fn hear(&mut self, seq: u16, now: Instant) {
        let seq = SequenceNumber(seq);
        let is_late =
            |newest: SequenceNumber| !seq.newer_than(newest) && newest.0.wrapping_sub(seq.0) < MAX_LATE;
        if self.newest.is_some_and(is_late) {
            // Or sent again.
            return;
        }
        self.newest = Some(seq);
        if self.said.is_some_and(|said| now.saturating_duration_since(said) > IN_FLIGHT) {
            self.said = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Instant {
        #[expect(clippy::disallowed_methods, reason = "any instant will do")]
        Instant::from_std(std::time::Instant::now())
    }

    #[test]
    fn a_stream_that_stops_is_over_a_second_later() {
        let (mut farewell, start) = (Farewell::default(), start());
        let at = |ms| start + Duration::from_millis(ms);
        farewell.hear(65_534, at(0));
        assert_eq!(farewell.due(), None);
        farewell.say(at(10));
        farewell.hear(65_535, at(100));
        farewell.hear(65_530, at(900));
        farewell.say(at(950));
        assert_eq!(
            farewell.due(),
            Some(at(1010)),
            "what was under way, and late, and repeated, changes nothing"
        );
    }

    #[test]
    fn a_stream_that_goes_on_has_not_said_goodbye() {
        let (mut farewell, start) = (Farewell::default(), start());
        let at = |ms| start + Duration::from_millis(ms);
        for ms in 0..10_000 {
            if ms % 20 == 0 {
                farewell.hear((65_000 + ms / 20) as u16, at(ms));
            }
            if ms % 300 == 0 {
                farewell.say(at(ms));
            }
            assert!(farewell.due().is_none_or(|due| due > at(ms)), "it is over at {ms} ms");
        }
    }
    #[test]
    fn a_source_that_was_restarted_with_a_lower_number_goes_on() {
        for first in [30_000_u16, 2000, 64_000] {
            let (mut farewell, start) = (Farewell::default(), start());
            let at = |ms| start + Duration::from_millis(ms);
            farewell.hear(first, at(0));
            let again = first.wrapping_sub(10_000);
            farewell.hear(again, at(20));
            farewell.say(at(30));
            farewell.hear(again.wrapping_sub(5), at(500));
            assert!(farewell.due().is_some(), "late");
            farewell.hear(again.wrapping_add(1), at(500));
            assert_eq!(farewell.due(), None);
        }
    }
}
