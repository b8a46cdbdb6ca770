//! Decides what happens to one datagram: lost, or how long it takes.

use std::collections::HashMap;
use std::time::Duration;

use super::burst::BurstChain;
use super::datagram::{Datagram, classify};
use super::dice::{Dice, Purpose, Row};
use super::{ConditionsError, Direction, LinkConditions, What};

/// Streams that the link keeps apart; packets of any further SSRC are [`What::Other`].
const MAX_FLOWS: usize = 256;
/// Packets of a stream whose copies are counted: half the sequence number space, beyond which they cannot be told apart.
const COPY_WINDOW: i64 = 1 << 15;
const CLASS_RTCP: u8 = 0;
const CLASS_OTHER: u8 = 1;
const CLASS_MEDIA: u8 = 2;

/// What the link does with a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// What the datagram is.
    pub what: What,
    /// Whether it is lost.
    pub lost: bool,
    /// How long it takes if it is not.
    pub delay: Duration,
}

/// A lossy link as a pure function of its seed and of what crosses it; no clock, no sockets.
///
/// The [module documentation](super) says on what a datagram's fate depends. A stream whose first packets may arrive out of
/// order should start with a sequence number below 32 768 (as libwebrtc's senders do), so that what comes before the
/// first is not mistaken for the end of the number space.
#[derive(Debug)]
pub struct LinkModel {
    conditions: LinkConditions,
    dice: Dice,
    media_of_rtx: HashMap<u32, u32>,
    flows: HashMap<(Direction, u32), Flow>,
    rtcp_seen: [i64; 2],
    other_seen: [i64; 2],
}

#[derive(Debug, Default)]
struct Flow {
    newest: Option<i64>,
    copies: HashMap<i64, u32>,
    burst: Option<BurstChain>,
}

impl LinkModel {
    /// `rtx` pairs each retransmission SSRC with the SSRC of its media stream; it may be empty.
    ///
    /// # Errors
    /// [`ConditionsError`] names the condition that is out of its range.
    pub fn new(
        conditions: LinkConditions,
        rtx: impl IntoIterator<Item = (u32, u32)>,
    ) -> Result<Self, ConditionsError> {
        conditions.check()?;
        Ok(Self {
            dice: Dice::new(conditions.seed),
            conditions,
            media_of_rtx: rtx.into_iter().collect(),
            flows: HashMap::new(),
            rtcp_seen: [0; 2],
            other_seen: [0; 2],
        })
    }

    /// The conditions that it was made with.
    #[must_use]
    pub fn conditions(&self) -> &LinkConditions {
        &self.conditions
    }

    /// Judges a datagram. Any bytes are allowed; what is neither RTP nor RTCP crosses the link as [`What::Other`].
    pub fn judge(&mut self, direction: Direction, datagram: &[u8]) -> Verdict {
        let what = match classify(datagram) {
            Datagram::Rtp { ssrc, sequence, original } => self.identify(direction, ssrc, sequence, original),
            Datagram::Rtcp => What::Rtcp,
            Datagram::Other => What::Other,
        };
        let (row, index) = self.name(direction, what);
        let lost = self.is_lost(direction, what, row, index);
        Verdict { what, lost, delay: self.delay(row, index) }
    }

    fn identify(&mut self, direction: Direction, ssrc: u32, sequence: u16, original: Option<u16>) -> What {
        let (ssrc, sequence) = match (self.media_of_rtx.get(&ssrc), original) {
            (Some(&media), Some(original)) => (media, original),
            (Some(_), None) => return What::Other,
            (None, _) => (ssrc, sequence),
        };
        if !self.flows.contains_key(&(direction, ssrc)) && self.flows.len() >= MAX_FLOWS {
            return What::Other;
        }
        let flow = self.flows.entry((direction, ssrc)).or_default();
        let sequence = flow.unwrap(sequence);
        match flow.count_copy(sequence) {
            0 => What::Media { ssrc, sequence },
            copy => What::Retransmission { ssrc, sequence, copy },
        }
    }

    /// The row of random numbers that decides about a datagram and the place in it.
    fn name(&mut self, direction: Direction, what: What) -> (Row, i64) {
        let row = |class, ssrc, copy| Row { direction, class, ssrc, copy };
        match what {
            What::Media { ssrc, sequence } => (row(CLASS_MEDIA, ssrc, 0), sequence),
            What::Retransmission { ssrc, sequence, copy } => (row(CLASS_MEDIA, ssrc, copy), sequence),
            What::Rtcp => (row(CLASS_RTCP, 0, 0), next(&mut self.rtcp_seen, direction)),
            What::Other => (row(CLASS_OTHER, 0, 0), next(&mut self.other_seen, direction)),
        }
    }

    fn is_lost(&mut self, direction: Direction, what: What, row: Row, index: i64) -> bool {
        let LinkConditions { loss, burst, .. } = self.conditions;
        if let (What::Media { ssrc, sequence }, Some(mean_burst)) = (what, burst)
            && let Ok(index) = usize::try_from(sequence)
            && let Some(flow) = self.flows.get_mut(&(direction, ssrc))
        {
            let fresh = || BurstChain::new(self.dice.row(Purpose::Burst, row), loss, mean_burst);
            return flow.burst.get_or_insert_with(fresh).is_lost(index);
        }
        self.dice.roll(Purpose::Loss, row, index) < loss
    }

    fn delay(&self, row: Row, index: i64) -> Duration {
        let LinkConditions { delay, jitter, .. } = self.conditions;
        let spread = 2.0 * self.dice.roll(Purpose::Jitter, row, index) * jitter.as_secs_f64();
        (delay + Duration::from_secs_f64(spread)).saturating_sub(jitter)
    }
}

impl Flow {
    /// The number nearest to the newest one.
    fn unwrap(&mut self, sequence: u16) -> i64 {
        let Some(newest) = self.newest else {
            self.newest = Some(i64::from(sequence));
            return i64::from(sequence);
        };
        let step = sequence.wrapping_sub(newest as u16) as i16;
        let unwrapped = newest + i64::from(step);
        self.newest = Some(newest.max(unwrapped));
        unwrapped
    }

    /// How often this packet was here before.
    fn count_copy(&mut self, sequence: i64) -> u32 {
        let oldest = self.newest.unwrap_or(sequence) - COPY_WINDOW;
        if self.copies.len() >= 2 * COPY_WINDOW as usize {
            self.copies.retain(|&of, _| of >= oldest);
        }
        let seen = self.copies.entry(sequence).or_default();
        let before = *seen;
        *seen = seen.saturating_add(1);
        before
    }
}

fn next(counters: &mut [i64; 2], direction: Direction) -> i64 {
    let [a_to_b, b_to_a] = counters;
    let counter = if direction == Direction::AToB { a_to_b } else { b_to_a };
    let now = *counter;
    *counter += 1;
    now
}
