//! The link with its delay queues and its log, driven by hand.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::{Direction, Fate, LinkModel, TruthEntry, TruthLog};

/// Datagrams that a direction holds at most: over 5 s of the demo's media at the longest delay.
const QUEUE_DATAGRAMS: usize = 4096;

/// A [`LinkModel`] that holds what is under way, without sockets or a clock.
///
/// Each direction is a pipe: what goes in first comes out first, whatever the jitter, as on most real paths.
#[derive(Debug)]
pub struct Forwarder {
    link: LinkModel,
    pipes: [Pipe; 2],
    truth: TruthLog,
}

#[derive(Debug, Default)]
struct Pipe {
    queue: VecDeque<(Duration, Bytes)>,
    last_due: Duration,
}

impl Forwarder {
    /// An idle link.
    #[must_use]
    pub fn new(link: LinkModel) -> Self {
        Self { link, pipes: Default::default(), truth: TruthLog::default() }
    }

    /// Takes a datagram in at `now`, the time since the start; `now` may not go back.
    pub fn accept(&mut self, direction: Direction, datagram: Bytes, now: Duration) {
        let verdict = self.link.judge(direction, &datagram);
        let bytes = datagram.len();
        let pipe = self.pipe(direction);
        let fate = if verdict.lost {
            Fate::Lost
        } else if pipe.queue.len() >= QUEUE_DATAGRAMS {
            Fate::QueueFull
        } else {
            let at = (now + verdict.delay).max(pipe.last_due);
            pipe.last_due = at;
            pipe.queue.push_back((at, datagram));
            Fate::Forwarded { at }
        };
        self.truth.record(TruthEntry { at: now, direction, what: verdict.what, bytes, fate });
    }

    /// When the next datagram comes out, since the start.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        self.pipes.iter().filter_map(|pipe| pipe.queue.front()).map(|(at, _)| *at).min()
    }

    /// A datagram that is due at `now`, the earliest first.
    pub fn pop_due(&mut self, now: Duration) -> Option<(Direction, Bytes)> {
        let due = |pipe: &Pipe| pipe.queue.front().map(|(at, _)| *at).filter(|at| *at <= now);
        let [a_to_b, b_to_a] = &self.pipes;
        let direction = match (due(a_to_b), due(b_to_a)) {
            (None, None) => return None,
            (Some(a), Some(b)) if b < a => Direction::BToA,
            (None, Some(_)) => Direction::BToA,
            _ => Direction::AToB,
        };
        self.pipe(direction).queue.pop_front().map(|(_, datagram)| (direction, datagram))
    }

    /// What happened so far.
    #[must_use]
    pub fn truth(&self) -> &TruthLog {
        &self.truth
    }

    /// Ends the link and hands its log over; what is still under way is logged as forwarded.
    #[must_use]
    pub fn into_truth(self) -> TruthLog {
        self.truth
    }

    fn pipe(&mut self, direction: Direction) -> &mut Pipe {
        let [a_to_b, b_to_a] = &mut self.pipes;
        if direction == Direction::AToB { a_to_b } else { b_to_a }
    }
}
