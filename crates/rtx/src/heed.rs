//! Whether the peer takes in what is retransmitted on the RTX stream.

use std::collections::BTreeMap;

use interceptor_core::Rtt;

/// The newest answers that are watched.
const MAX_WATCHED: usize = 256;
/// A number that has been answered so often on the RTX stream, in vain, is repeated plainly: the third request shows it.
const PATIENCE: u8 = 2;
/// Answers in vain, one after the other and over so long, in microseconds, that make a peer one that knows no RTX: while none
/// has ever been heeded …
const NEVER_HEEDED: (u32, u64) = (4, 1_000_000);
/// … and once some have. No loss lasts so long and leaves media.
const NO_LONGER_HEEDED: (u32, u64) = (16, 10_000_000);
/// The round trip that is assumed until it is measured, in microseconds.
const UNMEASURED: u64 = 300_000;

/// An answer on the RTX stream.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// Requests for it a round trip after an answer or more.
    in_vain: u8,
    /// The request that is being looked at is for it.
    asked: bool,
    /// When it was first sent, or first since the last that was in vain; in microseconds.
    at: u64,
}

/// What requests say about the answers before them. A number that is asked for again a round trip after its answer has not come
/// that way; one that is asked for no more, while others are, has.
#[derive(Debug, Default)]
pub(crate) struct Heed {
    /// By number: a datagram may ask for a quarter of a million, in any order, and each is looked up.
    answers: BTreeMap<u16, Answer>,
    /// Answers in vain since the last that was heeded.
    in_vain: u32,
    /// When the first of these was found to be, in microseconds.
    since: u64,
    heeded: bool,
    noted: bool,
    /// The peer knows no RTX.
    pub(crate) gave_up: bool,
}

/// What a request has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Answers that were in vain.
    pub(crate) in_vain: u64,
    /// The peer knows no RTX, which had not been known.
    pub(crate) gave_up: bool,
}

impl Heed {
    /// A request is for these numbers, and perhaps for more of the same datagram.
    pub(crate) fn note(&mut self, numbers: impl Iterator<Item = u16>) {
        if self.gave_up {
            return;
        }
        self.noted = true;
        for seq in numbers {
            if let Some(answer) = self.answers.get_mut(&seq) {
                answer.asked = true;
            }
        }
    }

    /// The datagram has been noted: what does it show? `now` in microseconds.
    pub(crate) fn judge(&mut self, rtt: Option<Rtt>, now: u64) -> Shown {
        if self.gave_up || !std::mem::take(&mut self.noted) {
            return Shown::default();
        }
        let micros = |rtt: Rtt| u64::try_from(rtt.smoothed.max(rtt.latest).as_micros()).unwrap_or(u64::MAX);
        let round_trip = rtt.map_or(UNMEASURED, micros);
        let age = |answer: &Answer| now.saturating_sub(answer.at);
        let vain = |answer: &&Answer| answer.asked && age(answer) >= round_trip;
        // Who asks again for younger answers than this one may well have it: the rest of a burst, most of which came.
        let youngest = self.answers.values().filter(vain).map(age).min();
        let quiet = |answer: &Answer| !answer.asked && answer.in_vain < PATIENCE;
        let doubt =
            youngest.is_none_or(|young| self.answers.values().any(|it| quiet(it) && age(it) >= young));

        let mut shown = Shown::default();
        for answer in self.answers.values_mut() {
            if vain(&&*answer) {
                answer.in_vain = answer.in_vain.saturating_add(1);
                answer.at = now;
                shown.in_vain += u64::from(answer.in_vain <= PATIENCE);
            }
        }
        if self.in_vain == 0 {
            self.since = now;
        }
        self.in_vain = self.in_vain.saturating_add(shown.in_vain as u32);
        self.forget(round_trip, now);
        let (count, time) = if self.heeded { NO_LONGER_HEEDED } else { NEVER_HEEDED };
        shown.gave_up = !doubt && self.in_vain >= count && now.saturating_sub(self.since) >= time;
        if shown.gave_up {
            self.gave_up = true;
            self.answers.clear();
        }
        shown
    }

    /// Of what has been asked for no more nothing more is heard.
    fn forget(&mut self, round_trip: u64, now: u64) {
        // By then a second request would have come, had the first been lost.
        let silence = round_trip.saturating_mul(5) / 2;
        let mut heeded = false;
        self.answers.retain(|_, answer| {
            let asked = std::mem::take(&mut answer.asked);
            let tried = answer.in_vain < PATIENCE;
            // What is repeated plainly is not to begin anew because a few requests were lost.
            let silence = if tried { silence } else { silence.saturating_mul(4) };
            let silent = !asked && now.saturating_sub(answer.at) >= silence;
            heeded |= silent && tried;
            !silent
        });
        if heeded {
            (self.heeded, self.in_vain) = (true, 0);
        }
    }

    /// A number is to be answered. `true`: on the RTX stream; `false`: that has been in vain.
    pub(crate) fn answers_by_rtx(&mut self, seq: u16, now: u64) -> bool {
        if self.gave_up {
            return false;
        }
        // The first answer counts: it has had the most time to come.
        if let Some(answer) = self.answers.get(&seq) {
            return answer.in_vain < PATIENCE;
        }
        if self.answers.len() >= MAX_WATCHED {
            let oldest = self.answers.iter().min_by_key(|(_, answer)| answer.at).map(|(seq, _)| *seq);
            oldest.map(|seq| self.answers.remove(&seq));
        }
        self.answers.insert(seq, Answer { in_vain: 0, asked: false, at: now });
        true
    }
}
