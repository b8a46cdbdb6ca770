//! Interceptors of every kind that there is, and how their errors look.

use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use interceptor_stack::{AsyncInterceptor, Interceptor, Panicked, Phase, Step};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnEnter {
    Absent,
    Ok,
    Turn,
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnLeave {
    Absent,
    Ok,
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    Absent,
    Clear,
    Keep,
    Replace,
}

/// Place and phase of a call, with the error that it got.
pub(crate) type Event = (usize, Phase, Option<u32>);

/// The context: what has been called.
pub(crate) type Log = Vec<Event>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) u32);

impl From<Panicked> for Fault {
    fn from(panicked: Panicked) -> Self {
        Self(*panicked.into_payload().downcast().unwrap())
    }
}

/// Does what it is told, and writes down that it was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scripted {
    pub(crate) place: usize,
    pub(crate) enter: OnEnter,
    pub(crate) leave: OnLeave,
    pub(crate) error: OnError,
    /// Fails by panics, as one in `Contain` may.
    pub(crate) panics: bool,
}

impl Scripted {
    /// The error that its function fails with, its own in each phase.
    pub(crate) fn fault(&self, phase: Phase) -> u32 {
        self.place as u32 * 10 + phase as u32
    }

    fn fail<T>(&self, phase: Phase) -> Result<T, Fault> {
        let fault = self.fault(phase);
        if self.panics {
            // Without the message that `panic!` prints.
            resume_unwind(Box::new(fault));
        }
        Err(Fault(fault))
    }
}

impl Interceptor<Log, Fault> for Scripted {
    fn name(&self) -> &str {
        NAMES[self.place]
    }

    fn defines(&self, phase: Phase) -> bool {
        match phase {
            Phase::Enter => self.enter != OnEnter::Absent,
            Phase::Leave => self.leave != OnLeave::Absent,
            Phase::Error => self.error != OnError::Absent,
        }
    }

    fn enter(&self, log: &mut Log) -> Result<Step, Fault> {
        log.push((self.place, Phase::Enter, None));
        match self.enter {
            OnEnter::Absent => panic!("called although absent"),
            OnEnter::Ok => Ok(Step::Next),
            OnEnter::Turn => Ok(Step::Turn),
            OnEnter::Fail => self.fail(Phase::Enter),
        }
    }

    fn leave(&self, log: &mut Log) -> Result<(), Fault> {
        log.push((self.place, Phase::Leave, None));
        match self.leave {
            OnLeave::Absent => panic!("called although absent"),
            OnLeave::Ok => Ok(()),
            OnLeave::Fail => self.fail(Phase::Leave),
        }
    }

    fn error(&self, log: &mut Log, error: Fault) -> Result<(), Fault> {
        log.push((self.place, Phase::Error, Some(error.0)));
        match self.error {
            OnError::Absent => panic!("called although absent"),
            OnError::Clear => Ok(()),
            OnError::Keep => Err(error),
            OnError::Replace => self.fail(Phase::Error),
        }
    }
}

/// The same, and each function has to be polled a second time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits(pub(crate) Scripted);

impl AsyncInterceptor<Log, Fault> for Waits {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn defines(&self, phase: Phase) -> bool {
        self.0.defines(phase)
    }

    async fn enter(&self, log: &mut Log) -> Result<Step, Fault> {
        pend_once().await;
        self.0.enter(log)
    }

    async fn leave(&self, log: &mut Log) -> Result<(), Fault> {
        pend_once().await;
        self.0.leave(log)
    }

    async fn error(&self, log: &mut Log, error: Fault) -> Result<(), Fault> {
        pend_once().await;
        self.0.error(log, error)
    }
}

pub(crate) const NAMES: [&str; 7] = ["a", "b", "c", "d", "e", "f", "g"];

pub(crate) async fn pend_once() {
    let mut pended = false;
    poll_fn(|_| if std::mem::replace(&mut pended, true) { Poll::Ready(()) } else { Poll::Pending }).await;
}

/// Polls to the end: nothing here waits for anything outside.
pub(crate) fn complete<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut task = Context::from_waker(Waker::noop());
    for _ in 0..10_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut task) {
            return value;
        }
    }
    panic!("still pending")
}

const ENTER: [OnEnter; 4] = [OnEnter::Absent, OnEnter::Ok, OnEnter::Turn, OnEnter::Fail];
const LEAVE: [OnLeave; 3] = [OnLeave::Absent, OnLeave::Ok, OnLeave::Fail];
const ERROR: [OnError; 4] = [OnError::Absent, OnError::Clear, OnError::Keep, OnError::Replace];

/// All kinds at a place.
pub(crate) fn kinds(place: usize) -> impl Iterator<Item = Scripted> + Clone {
    (0..48).map(move |kind| Scripted {
        place,
        enter: ENTER[kind % 4],
        leave: LEAVE[kind / 4 % 3],
        error: ERROR[kind / 12],
        panics: false,
    })
}

/// Up to as many as have names. Most enter, else there would be few to come back through.
pub(crate) fn stacks() -> impl Strategy<Value = Vec<Scripted>> {
    let enter = prop_oneof![6 => Just(OnEnter::Ok), 2 => Just(OnEnter::Absent), 1 => Just(OnEnter::Turn), 1 => Just(OnEnter::Fail)];
    let kind = (enter, prop::sample::select(&LEAVE), prop::sample::select(&ERROR));
    prop::collection::vec(kind, 0..=NAMES.len()).prop_map(|kinds| {
        let numbered = kinds.into_iter().enumerate();
        numbered
            .map(|(place, (enter, leave, error))| Scripted { place, enter, leave, error, panics: false })
            .collect()
    })
}
