//! The scripted mock: which call comes next, and what it does.

mod state;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::state::State;

/// A script for a mock: a sequence of named calls in one global order, and permanent functions for names that
/// may be called at any time.
///
/// `F` is what a call does, mostly a `dyn Fn`. A script is shared by `Arc` between the test and its mocks; it
/// takes `&self` everywhere and hands functions out, so that they run outside its lock and may use the script
/// themselves.
///
/// A script that goes away must have been played to its end: dropping one with calls left, or after a failure
/// that someone caught, panics with the expected and the actual order, unless the thread is panicking
/// already.
///
/// ```
/// use interceptor_test::Script;
/// use std::sync::Arc;
///
/// let script: Script<dyn Fn(u32) -> u32> = Script::new();
/// script.add("double", Arc::new(|x| 2 * x));
/// script.add("half", Arc::new(|x| x / 2));
/// script.set("same", Arc::new(|x| x));
///
/// assert!(script.next("half").is_none(), "not its turn yet");
/// assert_eq!(script.call("same")(7), 7);
/// assert_eq!(script.call("double")(7), 14);
/// assert_eq!(script.call("half")(7), 3);
/// assert!(!script.has_more());
/// ```
pub struct Script<F: ?Sized> {
    state: Mutex<State<F>>,
}

/// What a script has for a call.
pub enum Turn<F: ?Sized> {
    /// This function: the head of the sequence, or the permanent one.
    Call(Arc<F>),
    /// Nothing: the sequence knows this name, is not finished, and has another call first.
    OutOfOrder,
    /// Nothing: the name has no call left and no permanent function.
    Unscripted,
}

impl<F: ?Sized> Script<F> {
    /// An empty script: every name is unscripted.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::new(State::new()) }
    }

    /// Appends a call of `name` to the sequence.
    pub fn add(&self, name: &'static str, function: Arc<F>) {
        self.lock().add(name, function);
    }

    /// Sets the permanent function of `name`, instead of the one before it. It answers while the sequence
    /// does not hold the name, and after the sequence is done.
    pub fn set(&self, name: &'static str, function: Arc<F>) {
        self.lock().set(name, function);
    }

    /// The function for a call of `name` now.
    ///
    /// - If the head of the sequence has that name, the head; it is consumed.
    /// - If the sequence is not done and has the name elsewhere, nothing: the call is out of order. Nothing
    ///   is consumed.
    /// - Otherwise the permanent function, if there is one.
    #[must_use]
    pub fn next(&self, name: &'static str) -> Option<Arc<F>> {
        match self.turn(name) {
            Turn::Call(function) => Some(function),
            Turn::OutOfOrder | Turn::Unscripted => None,
        }
    }

    /// As [`Script::next`], but tells apart why there is nothing.
    #[must_use]
    pub fn turn(&self, name: &'static str) -> Turn<F> {
        self.lock().turn(name)
    }

    /// As [`Script::next`], for a call that must have a function.
    ///
    /// # Panics
    /// If there is none, with the expected and the actual order.
    #[must_use]
    #[track_caller]
    pub fn call(&self, name: &'static str) -> Arc<F> {
        match self.turn(name) {
            Turn::Call(function) => function,
            Turn::OutOfOrder => self.fail(&format!("{name} is out of order")),
            Turn::Unscripted => self.fail(&format!("{name} is not scripted")),
        }
    }

    /// Fails the script: for mocks that notice that a call is wrong. If the panic is caught, dropping the
    /// script repeats it.
    ///
    /// # Panics
    /// Always, with `what` and with the expected and the actual order.
    #[track_caller]
    #[expect(clippy::panic, reason = "a script reports its failure to the test that runs it")]
    pub fn fail(&self, what: &str) -> ! {
        let message = self.lock().fail(what);
        panic!("{message}")
    }

    /// Whether calls of the sequence are left. Permanent functions do not count.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.lock().has_more()
    }

    fn lock(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: ?Sized> Default for Script<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: ?Sized> fmt::Debug for Script<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Script\n{}", self.lock())
    }
}

impl<F: ?Sized> fmt::Debug for Turn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "Call",
            Self::OutOfOrder => "OutOfOrder",
            Self::Unscripted => "Unscripted",
        })
    }
}

impl<F: ?Sized> Drop for Script<F> {
    #[expect(clippy::panic, reason = "a script reports its failure to the test that runs it")]
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if std::thread::panicking() {
            return;
        }
        if let Some(complaint) = state.complaint() {
            panic!("{complaint}");
        }
    }
}
