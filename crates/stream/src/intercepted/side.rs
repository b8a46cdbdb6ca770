//! One direction of a wrapped stream: its lane, and the message that waits.

use std::time::Duration;

use crate::{Lane, MessageContext};

pub(super) struct Side<M> {
    pub(super) lane: Lane,
    /// The message that is on its way: with the interceptors, or waiting for its tokens, or for the sink to be ready.
    pub(super) held: Option<Held<M>>,
    /// Nothing more will come.
    pub(super) over: bool,
    /// It is over because the other direction failed, and who uses this one has not heard of it.
    pub(super) untold: bool,
}

pub(super) struct Held<M> {
    pub(super) message: M,
    pub(super) bytes: u64,
    /// It has its tokens.
    pub(super) granted: bool,
}

impl<M> Side<M> {
    pub(super) const fn new(lane: Lane) -> Self {
        Self { lane, held: None, over: false, untold: false }
    }

    /// Keeps a message. If one is there for which this one has not waited, it is refused.
    pub(super) fn hold(&mut self, message: M, bytes: u64) -> &mut Held<M> {
        if let Some(other) = self.held.take() {
            self.lane.refused(other.bytes);
        }
        self.held.insert(Held { message, bytes, granted: false })
    }

    /// About a message of `bytes`.
    pub(super) fn context(&self, bytes: u64, elapsed_nanos: u64) -> MessageContext {
        MessageContext {
            direction: self.lane.direction(),
            number: self.lane.messages(),
            bytes,
            elapsed: Duration::from_nanos(elapsed_nanos),
            waited: Duration::from_nanos(self.lane.held_nanos(elapsed_nanos)),
        }
    }

    /// The message that `about` describes has passed.
    pub(super) fn passed(&mut self, about: &MessageContext) {
        // It fits: it was nanoseconds before.
        self.lane.passed(about.bytes, about.waited.as_nanos() as u64);
    }

    /// Nothing more passes. What waits is refused.
    pub(super) fn close(&mut self) {
        self.over = true;
        if let Some(held) = self.held.take() {
            self.lane.refused(held.bytes);
        }
    }
}
