//! Sequence numbers that did not come when they were first sent, and what is known of each.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Micros;

/// Numbers in a row of which the same is known; only of missing ones there is more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) len: u16,
    /// When the loss showed: the first newer packet came.
    pub(super) shown: Micros,
    /// The timestamps of the packets on either side.
    pub(super) around: (u32, u32),
    pub(super) asked: Asked,
    pub(super) fate: Fate,
}

impl Span {
    /// A single number.
    pub(super) fn single(shown: Micros, around: (u32, u32), fate: Fate) -> Self {
        Self { len: 1, shown, around, asked: Asked::default(), fate }
    }

    /// From when the loss showed to `at`.
    pub(super) fn took(&self, at: Micros) -> Took {
        Took::try_from(at.saturating_sub(self.shown)).unwrap_or(Took::MAX)
    }
}

/// Requests for a number (RFC 4585 §6.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) times: u16,
    /// The ports of the flow that the first request was in. The same requests may pass again behind a relay.
    pub(super) by: u32,
    /// There was one after the number had come back.
    pub(super) since: bool,
}

/// What became of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Missing,
    /// It came in the retransmission stream that has this place among the stream's [sources](super::tally::Source).
    Retransmitted {
        source: u8,
        took: Took,
    },
    /// It can be recovered from this source's repair packets.
    Recovered {
        source: u8,
        took: Took,
    },
    /// It came late after it had been asked for, and since then again.
    Repeated {
        copies: u16,
        took: Took,
        latest: Took,
    },
}

/// Time since the loss showed, in µs: an hour and more is one.
pub(super) type Took = u32;

/// The numbers, in order and apart from each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    by_first: BTreeMap<u64, Span>,
}

impl Spans {
    /// The span that a number is in, and the first number of it.
    pub(super) fn find(&self, number: u64) -> Option<(u64, &Span)> {
        let (first, span) = self.by_first.range(..=number).next_back()?;
        (number - first < u64::from(span.len)).then_some((*first, span))
    }

    /// A number alone, to change what is known of it; its neighbours stay as they are.
    pub(super) fn single(&mut self, number: u64) -> Option<&mut Span> {
        let (first, &span) = self.find(number)?;
        if span.len > 1 {
            self.remove(number);
            self.by_first.insert(number, Span { len: 1, ..span });
        }
        debug_assert!(span.len == 1 || first <= number, "a span begins before what is in it");
        self.by_first.get_mut(&number)
    }

    /// Nothing more is known of a number.
    pub(super) fn remove(&mut self, number: u64) -> Option<Span> {
        let (first, &span) = self.find(number)?;
        self.by_first.remove(&first);
        // A span is shorter than a cycle of numbers.
        let before = (number - first) as u16;
        self.insert(first, Span { len: before, ..span });
        self.insert(number + 1, Span { len: span.len - before - 1, ..span });
        Some(Span { len: 1, ..span })
    }

    /// Adds a span of which nothing is known yet.
    pub(super) fn insert(&mut self, first: u64, span: Span) {
        if span.len > 0 {
            self.by_first.insert(first, span);
        }
    }

    /// The first of the spans that begin among these numbers.
    pub(super) fn first_in(&mut self, numbers: Range<u64>) -> Option<(u64, &mut Span)> {
        let (first, span) = self.by_first.range_mut(numbers).next()?;
        Some((*first, span))
    }

    /// The spans that begin at a number or behind it.
    pub(super) fn from(&self, number: u64) -> impl Iterator<Item = (u64, &Span)> {
        self.by_first.range(number..).map(|(first, span)| (*first, span))
    }

    /// Forgets the spans that end before a number.
    pub(super) fn forget_before(&mut self, number: u64) {
        while let Some(first) = self.by_first.first_entry()
            && first.key() + u64::from(first.get().len) <= number
        {
            first.remove();
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_first.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn missing(len: u16) -> Span {
        Span { len, shown: 7, around: (1, 2), asked: Asked::default(), fate: Fate::Missing }
    }

    fn numbers(spans: &Spans) -> Vec<u64> {
        spans.by_first.iter().flat_map(|(first, span)| *first..first + u64::from(span.len)).collect()
    }

    proptest! {
        #[test]
        fn numbers_can_be_changed_and_removed_one_by_one(
            runs in prop::collection::vec((1u64..20, 1u16..9), 0..20),
            steps in prop::collection::vec((0u64..400, any::<bool>()), 0..60),
            before in 0u64..400,
        ) {
            let (mut spans, mut expected, mut next) = (Spans::default(), Vec::new(), 0);
            for (gap, len) in runs {
                spans.insert(next + gap, missing(len));
                expected.extend(next + gap..next + gap + u64::from(len));
                next += gap + u64::from(len);
            }
            let mut asked = Vec::new();
            for (number, remove) in steps {
                let known = expected.contains(&number);
                if remove {
                    prop_assert_eq!(spans.remove(number).is_some(), known);
                    expected.retain(|other| *other != number);
                } else {
                    let span = spans.single(number);
                    prop_assert_eq!(span.is_some(), known);
                    if let Some(span) = span {
                        span.asked.times += 1;
                        asked.push(number);
                    }
                }
                prop_assert_eq!(numbers(&spans), expected.clone());
            }
            for number in &expected {
                let times = asked.iter().filter(|other| *other == number).count();
                let (first, span) = spans.find(*number).unwrap();
                prop_assert_eq!(usize::from(span.asked.times), times);
                prop_assert!(times == 0 || (first, span.len) == (*number, 1));
            }
            spans.forget_before(before);
            let left = numbers(&spans);
            prop_assert!(expected.iter().filter(|number| **number >= before).all(|number| left.contains(number)));
        }
    }
}
