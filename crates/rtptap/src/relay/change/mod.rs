//! What may change while a relay runs, and what is done around each change: an inner stack of audit, validate and apply.

mod apply;
mod audit;
mod validate;

use std::fmt;
use std::sync::Arc;

use interceptor_stack::{AsyncExecute, Contain, Immediate, Panicked, stack};
use tokio::sync::{mpsc, oneshot};

use super::running::Core;
use super::{LegLimit, LimitChange, OptionsError, RelayHandle, RulesChange, TargetRules};

/// What is to be changed of one leg. All of it is, or nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// `source`, `target-1` and so on.
    pub leg: String,
    /// What becomes another of what the way to a target does to datagrams; the source has no rules.
    pub rules: RulesChange,
    /// What becomes another of how much the leg carries.
    pub limit: LimitChange,
}

/// What holds after a change.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Changed {
    /// `None`: it is the source.
    pub rules: Option<TargetRules>,
    /// How much the leg carries.
    pub limit: LegLimit,
}

impl Change {
    /// Nothing, of this leg.
    #[must_use]
    pub fn new(leg: impl Into<String>) -> Self {
        Self { leg: leg.into(), ..Self::default() }
    }

    /// Sets [`Self::rules`].
    #[must_use]
    pub const fn with_rules(mut self, rules: RulesChange) -> Self {
        self.rules = rules;
        self
    }

    /// Sets [`Self::limit`].
    #[must_use]
    pub const fn with_limit(mut self, limit: LimitChange) -> Self {
        self.limit = limit;
        self
    }
}

impl fmt::Display for Change {
    /// What becomes another, in words: `loss=0.05 delay=40ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.rules.words().into_iter().chain(self.limit.words()).flatten().collect();
        f.write_str(if parts.is_empty() { "nothing" } else { "" })?;
        f.write_str(&parts.join(" "))
    }
}

/// Why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// There is no such leg.
    #[error("there is no leg \"{leg}\"; there are source and {targets}")]
    UnknownLeg {
        /// What was asked for, cut to 64 characters.
        leg: String,
        /// Those that there are.
        targets: String,
    },
    /// The source has no rules.
    #[error("only targets have rules: the way from the source is what it is")]
    SourceHasNoRules,
    /// A value does not fit.
    #[error(transparent)]
    Value(#[from] OptionsError),
    /// So many changes wait already that there is no room for this one.
    #[error("too many changes wait; try again")]
    Busy,
    /// The relay stops, or has stopped.
    #[error("the relay stops")]
    Stopped,
    /// A mistake in rtptap; the log says where.
    #[error("a mistake in rtptap: {0}")]
    Panicked(String),
}

impl From<Panicked> for ChangeError {
    fn from(panicked: Panicked) -> Self {
        Self::Panicked(panicked.to_string())
    }
}

/// A change on the queue.
#[derive(Debug)]
pub(super) struct Order {
    change: Change,
    /// For the log.
    who: String,
    answer: oneshot::Sender<Result<Changed, ChangeError>>,
}

impl Order {
    /// And where its answer comes; nothing if the relay is gone before.
    pub(super) fn new(
        change: Change,
        who: impl fmt::Display,
    ) -> (Self, oneshot::Receiver<Result<Changed, ChangeError>>) {
        let (answer, answered) = oneshot::channel();
        (Self { change, who: who.to_string(), answer }, answered)
    }
}

/// The inner context: one change on its way. Each interceptor sets about one field.
#[derive(Debug)]
pub(super) struct Job {
    order: Order,
    core: Arc<Core>,
    /// What `validate` has found to be in order.
    wanted: Option<Changed>,
    /// What holds when `apply` is done.
    applied: Option<Changed>,
}

impl Job {
    pub(super) const fn new(order: Order, core: Arc<Core>) -> Self {
        Self { order, core, wanted: None, applied: None }
    }

    pub(super) fn answer(self, outcome: Result<(), ChangeError>) {
        let outcome = outcome.and_then(|()| self.applied.ok_or(ChangeError::Stopped));
        // Who does not wait any more needs no answer.
        let _ = self.order.answer.send(outcome);
    }
}

/// The inner stack. `audit` stands around the others, since what is refused is told as well; a panic is the end of one change, not of the relay.
pub(super) fn stack() -> impl AsyncExecute<Job, ChangeError> {
    stack![
        Immediate(audit::audit()),
        Contain(Immediate(validate::validate())),
        Contain(Immediate(apply::apply()))
    ]
}

impl RelayHandle {
    /// Changes something while the relay runs, in turn with the changes of others, and logs it: `who` has changed what. Gives what holds then.
    /// Counts from the next datagram on. Cancel-safe: what has found room on the queue is done all the same.
    ///
    /// # Errors
    /// Nothing has changed: a value does not fit, there is no such leg, 16 changes wait already, or the relay has stopped.
    pub async fn change(&self, change: Change, who: impl fmt::Display) -> Result<Changed, ChangeError> {
        let (order, answered) = Order::new(change, who);
        self.0.orders.try_send(order).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => ChangeError::Busy,
            mpsc::error::TrySendError::Closed(_) => ChangeError::Stopped,
        })?;
        answered.await.unwrap_or(Err(ChangeError::Stopped))
    }
}
