//! Whose turn it is: lanes in which something waits, the more urgent first, equals in turn.

use std::collections::VecDeque;

use interceptor_core::StreamKey;

use crate::class::Rank;

/// A lane that is no empty one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// `None`: the lane of all that no stream has.
    pub(crate) stream: Option<StreamKey>,
    pub(crate) slot: Slot,
}

/// Which lane of a stream: an SSRC each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Media,
    Repair,
    Fec,
}

/// A round of turns for each rank. Each lane in which something waits stands in exactly one.
#[derive(Debug, Default)]
pub(crate) struct Turns([VecDeque<Turn>; Rank::COUNT]);

impl Turns {
    /// A lane gets its turn after all that have one at this rank.
    pub(crate) fn enter(&mut self, rank: Rank, turn: Turn) {
        if let Some(round) = self.0.get_mut(rank as usize) {
            round.push_back(turn);
        }
    }

    /// A lane has no turn at this rank any more.
    pub(crate) fn leave(&mut self, rank: Rank, turn: Turn) {
        let Some(round) = self.0.get_mut(rank as usize) else { return };
        if round.front() == Some(&turn) {
            round.pop_front();
        } else {
            round.retain(|other| *other != turn);
        }
    }

    /// Whose turn it is. Repeats yield to video if `yields`.
    pub(crate) fn next(&self, yields: bool) -> Option<(Rank, Turn)> {
        let first = self.first()?;
        if yields
            && matches!(first.0, Rank::AudioRepeats | Rank::VideoRepeats)
            && let Some(video) = self.at(Rank::Video)
        {
            return Some((Rank::Video, video));
        }
        Some(first)
    }

    /// The most urgent.
    pub(crate) fn first(&self) -> Option<(Rank, Turn)> {
        Rank::ALL.into_iter().find_map(|rank| self.at(rank).map(|turn| (rank, turn)))
    }

    fn at(&self, rank: Rank) -> Option<Turn> {
        self.0.get(rank as usize)?.front().copied()
    }

    /// All lanes at a rank.
    pub(crate) fn all(&self, rank: Rank) -> impl Iterator<Item = Turn> + '_ {
        self.0.get(rank as usize).into_iter().flatten().copied()
    }
}
