//! What a script expects and what has happened to it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::Turn;

/// The state behind the script's lock.
pub(super) struct State<F: ?Sized> {
    sequence: Vec<(&'static str, Arc<F>)>,
    /// Calls of the sequence that are done.
    done: usize,
    permanent: HashMap<&'static str, Arc<F>>,
    actual: Vec<(&'static str, Answer)>,
    failure: Option<String>,
}

/// What a call got.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Sequence,
    Permanent,
    OutOfOrder,
    Unscripted,
}

impl<F: ?Sized> State<F> {
    pub(super) fn new() -> Self {
        Self { sequence: Vec::new(), done: 0, permanent: HashMap::new(), actual: Vec::new(), failure: None }
    }

    pub(super) fn add(&mut self, name: &'static str, function: Arc<F>) {
        self.sequence.push((name, function));
    }

    pub(super) fn set(&mut self, name: &'static str, function: Arc<F>) {
        self.permanent.insert(name, function);
    }

    pub(super) fn has_more(&self) -> bool {
        self.done < self.sequence.len()
    }

    pub(super) fn turn(&mut self, name: &'static str) -> Turn<F> {
        let (answer, turn) = self.answer(name);
        self.done += usize::from(answer == Answer::Sequence);
        self.actual.push((name, answer));
        turn
    }

    fn answer(&self, name: &'static str) -> (Answer, Turn<F>) {
        match self.sequence.get(self.done) {
            Some((head, function)) if *head == name => (Answer::Sequence, Turn::Call(Arc::clone(function))),
            Some(_) if self.sequence.iter().any(|(other, _)| *other == name) => {
                (Answer::OutOfOrder, Turn::OutOfOrder)
            }
            _ => match self.permanent.get(name) {
                Some(function) => (Answer::Permanent, Turn::Call(Arc::clone(function))),
                None => (Answer::Unscripted, Turn::Unscripted),
            },
        }
    }

    /// Remembers the first failure and returns its message.
    pub(super) fn fail(&mut self, what: &str) -> String {
        let message = format!("script: {what}\n{self}");
        self.failure.get_or_insert_with(|| message.clone());
        message
    }

    /// Why the script may not end here: an earlier failure, or calls left.
    pub(super) fn complaint(&mut self) -> Option<String> {
        if let Some(failure) = self.failure.take() {
            return Some(failure);
        }
        let left = self.sequence.len() - self.done;
        (left > 0).then(|| self.fail(&format!("{left} calls were not made")))
    }
}

/// Expected and actual order.
impl<F: ?Sized> fmt::Display for State<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected: Vec<&str> = self.sequence.iter().map(|(name, _)| *name).collect();
        let actual: Vec<String> =
            self.actual.iter().map(|(name, answer)| format!("{name}{answer}")).collect();
        write!(f, "  expected: {}\n    actual: {}", expected.join(", "), actual.join(", "))
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sequence => "",
            Self::Permanent => " (permanent)",
            Self::OutOfOrder => " (out of order)",
            Self::Unscripted => " (not scripted)",
        })
    }
}
