//! The link with its delay queues and its log, driven by hand.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::bottleneck::{Bottleneck, Passage};
use super::{Direction, Fate, LinkModel, TruthEntry, TruthLog, Verdict};

/// Datagrams that a direction holds at most: those of the largest rate at the longest delay, 10 s with its jitter.
const QUEUE_DATAGRAMS: usize = 16_384;

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
    bottleneck: Option<Bottleneck>,
    queue: VecDeque<(Duration, Bytes)>,
    last_due: Duration,
}

impl Forwarder {
    /// An idle link.
    #[must_use]
    pub fn new(link: LinkModel) -> Self {
        let bottleneck = link.conditions().rate.clone().map(Bottleneck::new);
        let pipes = [Pipe { bottleneck, ..Pipe::default() }, Pipe::default()];
        Self { link, pipes, truth: TruthLog::default() }
    }

    /// Takes a datagram in at `now`, the time since the start; `now` may not go back.
    pub fn accept(&mut self, direction: Direction, datagram: Bytes, now: Duration) {
        let verdict = self.link.judge(direction, &datagram);
        let bytes = datagram.len();
        let (fate, queued) = self.pipe(direction).accept(verdict, datagram, now);
        self.truth.record(TruthEntry { at: now, direction, what: verdict.what, bytes, queued, fate });
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

impl Pipe {
    /// What becomes of a datagram, and how long it waits in the bottleneck's queue.
    fn accept(&mut self, verdict: Verdict, datagram: Bytes, now: Duration) -> (Fate, Duration) {
        let passage = match &mut self.bottleneck {
            Some(bottleneck) => bottleneck.pass(datagram.len(), now),
            None => Some(Passage { waits: Duration::ZERO, leaves: now }),
        };
        let Some(Passage { waits, leaves }) = passage else { return (Fate::QueueFull, Duration::ZERO) };
        if verdict.lost {
            return (Fate::Lost, waits);
        }
        if self.queue.len() >= QUEUE_DATAGRAMS {
            return (Fate::QueueFull, Duration::ZERO);
        }
        let at = (leaves + verdict.delay).max(self.last_due);
        self.last_due = at;
        self.queue.push_back((at, datagram));
        (Fate::Forwarded { at }, waits)
    }
}
