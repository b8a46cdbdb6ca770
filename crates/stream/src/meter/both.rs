//! The rates that both directions share: who has waited for longer comes first, or one could starve the other.

use interceptor_token_bucket::Denied;

use super::rates::{Rates, Terms};
use super::{Direction, Excess};

#[derive(Clone, Copy, Debug)]
pub(super) struct Both {
    rates: Rates,
    received: Option<Turn>,
    sent: Option<Turn>,
    turns: u64,
}

/// The place of a message that waits, and when it was told to ask again.
#[derive(Clone, Copy, Debug)]
struct Turn {
    number: u64,
    until_nanos: u64,
}

/// How late somebody may ask again without losing its turn: a timer of tokio's fires up to a millisecond late, and then the task has to be run.
/// Who never comes back, since it was dropped, costs the other one this much once.
const LATE_NANOS: u64 = 5_000_000;

impl Both {
    pub(super) const fn new(rates: Rates) -> Self {
        Self { rates, received: None, sent: None, turns: 0 }
    }

    pub(super) const fn terms(&self) -> Terms {
        self.rates.terms
    }

    /// One message of `bytes`.
    pub(super) fn take(&mut self, direction: Direction, bytes: u64, now: u64) -> Result<(), Denied<u64>> {
        let (mine, other) = match direction {
            Direction::Received => (&mut self.received, self.sent),
            Direction::Sent => (&mut self.sent, self.received),
        };
        let taken = self.rates.take(bytes, now);
        let before = other.filter(|other| mine.is_none_or(|mine| other.number < mine.number));
        let yields =
            before.map(|other| other.until_nanos.saturating_add(LATE_NANOS)).filter(|&until| now < until);
        let denied = match (taken, yields) {
            (Err(denied), _) => denied,
            (Ok(()), Some(until)) => {
                self.rates.give_back(bytes);
                Denied::Until(until)
            }
            (Ok(()), None) => {
                *mine = None;
                return Ok(());
            }
        };
        if let (Denied::Until(until_nanos), Excess::Wait) = (denied, self.rates.terms.excess) {
            let number = mine.map_or(self.turns, |mine| mine.number);
            self.turns += u64::from(mine.is_none());
            *mine = Some(Turn { number, until_nanos });
        }
        Err(denied)
    }
}
