//! Requests of one stream: one is outstanding at a time, until a key frame comes.
//!
//! ```text
//!            cause                  key frame
//!  idle ───────────────▶ outstanding ────────▶ idle
//!   │ ▲                     │  ▲ │
//!   │ └── taken for granted │  └─┘ due: asks again
//!   │      (nothing seen)   │
//!   │ cause, too soon       │ cause, if nothing is seen
//!   ▼                       ▼
//!  remembered ──────────▶ due: asks
//! ```
//!
//! Pure: no packets, no clock.

use super::pace::Pace;

/// Where a stream's requests stand; all times in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// When the last one left.
    last: Option<u64>,
    /// How often the outstanding one was sent; 0: none is.
    tries: u32,
    /// Somebody needs a key frame for whom the last request came too early.
    remembered: bool,
    due: Option<u64>,
}

/// What becomes of a cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is asked now.
    Ask,
    /// It is asked later, if no key frame comes before.
    Remember,
    /// It is served by what is asked, or will be.
    Joined,
}

/// A request is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A new one.
    New,
    /// That which has not been answered.
    Again,
}

/// What was due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fired {
    /// This is to be asked.
    pub(crate) ask: Option<Ask>,
    /// An answer that nobody can see was taken for granted.
    pub(crate) granted: bool,
}

/// Who was served by a key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    pub(crate) outstanding: bool,
    pub(crate) remembered: bool,
}

impl Requests {
    /// Somebody needs a key frame.
    pub(crate) fn cause(&mut self, now: u64, pace: &Pace) -> Verdict {
        let outstanding = self.tries > 0;
        if outstanding && pace.blind.is_none() || self.remembered {
            return Verdict::Joined;
        }
        let free = self.last.map_or(now, |last| last.saturating_add(pace.min_interval));
        if outstanding || free > now {
            self.remembered = true;
            self.due = if outstanding { self.due } else { Some(free) };
            return Verdict::Remember;
        }
        self.send(now, pace);
        Verdict::Ask
    }

    /// A key frame has come.
    pub(crate) fn answered(&mut self) -> Answered {
        let answered = Answered { outstanding: self.tries > 0, remembered: self.remembered };
        (self.tries, self.remembered, self.due) = (0, false, None);
        answered
    }

    /// When something is due.
    pub(crate) const fn due(&self) -> Option<u64> {
        self.due
    }

    /// When the last request left.
    pub(crate) const fn last(&self) -> Option<u64> {
        self.last
    }

    /// How often the outstanding request was sent.
    pub(crate) const fn tries(&self) -> u32 {
        self.tries
    }

    /// What is due by `now` is done.
    pub(crate) fn fire(&mut self, now: u64, pace: &Pace) -> Fired {
        if self.due.take_if(|due| *due <= now).is_none() {
            return Fired::default();
        }
        let outstanding = self.tries > 0;
        let granted = outstanding && pace.blind.is_some();
        if outstanding && !granted {
            self.send(now, pace);
            return Fired { ask: Some(Ask::Again), granted };
        }
        self.tries = 0;
        if !self.remembered {
            return Fired { ask: None, granted };
        }
        self.send(now, pace);
        Fired { ask: Some(Ask::New), granted }
    }

    fn send(&mut self, now: u64, pace: &Pace) {
        self.tries = self.tries.saturating_add(1);
        self.remembered = false;
        self.last = Some(now);
        self.due = Some(now.saturating_add(pace.pause(self.tries)));
    }
}

#[cfg(test)]
#[path = "requests_tests.rs"]
mod tests;
