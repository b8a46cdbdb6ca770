//! Which of the feedback that a peer offers is used: never both, as one packet would be told of twice.

use std::time::Duration;

use crate::stream::Offer;
use crate::{FeedbackChoice, FeedbackFormat, Time};

/// What was chosen and is silent for so long gives way to what comes.
const PATIENCE: Duration = Duration::from_secs(5);

/// What local streams offer, and what was made of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Choice {
    wanted: FeedbackChoice,
    /// Streams with each.
    twcc: u32,
    ccfb: u32,
    chosen: Option<FeedbackFormat>,
    /// When something of what was chosen came, or it was chosen; `None` until packets leave.
    heard: Option<Time>,
}

impl Choice {
    pub(crate) fn new(wanted: FeedbackChoice) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// What is used.
    #[inline]
    pub(crate) const fn format(&self) -> Option<FeedbackFormat> {
        self.chosen
    }

    /// A stream is bound with this offer.
    pub(crate) fn add(&mut self, offer: Offer) {
        self.twcc += u32::from(offer.number_id.is_some());
        self.ccfb += u32::from(offer.ccfb);
    }

    /// It has ended.
    pub(crate) fn remove(&mut self, offer: Offer) {
        self.twcc = self.twcc.saturating_sub(offer.number_id.is_some().into());
        self.ccfb = self.ccfb.saturating_sub(offer.ccfb.into());
    }

    /// Chooses anew, if what there is has changed; `true`: something else is used from now on. `marks`: ECN would be of use.
    pub(crate) fn choose(&mut self, marks: bool) -> bool {
        let chosen = match (self.twcc > 0, self.ccfb > 0) {
            (true, false) => Some(FeedbackFormat::Twcc),
            (false, true) => Some(FeedbackFormat::Ccfb),
            (false, false) => self.chosen,
            (true, true) => Some(match self.wanted {
                FeedbackChoice::Twcc => FeedbackFormat::Twcc,
                FeedbackChoice::Ccfb => FeedbackFormat::Ccfb,
                FeedbackChoice::Auto if marks => FeedbackFormat::Ccfb,
                FeedbackChoice::Auto => FeedbackFormat::Twcc,
            }),
        };
        let changed = chosen != self.chosen;
        if changed {
            (self.chosen, self.heard) = (chosen, None);
        }
        changed
    }

    /// A packet leaves that feedback may tell of.
    #[inline]
    pub(crate) const fn sent(&mut self, now: Time) {
        if self.heard.is_none() {
            self.heard = Some(now);
        }
    }

    /// A message came. Is it to be used, and is it the first after a change?
    pub(crate) fn takes(&mut self, format: FeedbackFormat, now: Time) -> Take {
        if self.chosen == Some(format) {
            self.heard = Some(now);
            return Take::Yes;
        }
        let offered = match format {
            FeedbackFormat::Twcc => self.twcc > 0,
            FeedbackFormat::Ccfb => self.ccfb > 0,
        };
        let silent = self.heard.is_some_and(|heard| heard + PATIENCE <= now);
        if !offered || !silent {
            return Take::No;
        }
        (self.chosen, self.heard) = (Some(format), Some(now));
        Take::Changes
    }
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// It is used.
    Yes,
    /// It is not what was chosen.
    No,
    /// From now on its format is used: what it says is of packets that were not noted down for it.
    Changes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use FeedbackFormat::{Ccfb, Twcc};

    const BOTH: Offer = Offer { number_id: Some(5), ccfb: true };

    fn chosen(wanted: FeedbackChoice, offer: Offer, marks: bool) -> Option<FeedbackFormat> {
        let mut choice = Choice::new(wanted);
        choice.add(offer);
        choice.choose(marks);
        choice.format()
    }

    #[test]
    fn a_peer_with_both_has_the_cheaper_one_unless_marks_are_of_use() {
        let auto = FeedbackChoice::Auto;
        assert_eq!([chosen(auto, BOTH, false), chosen(auto, BOTH, true)], [Some(Twcc), Some(Ccfb)]);
        assert_eq!(chosen(FeedbackChoice::Twcc, BOTH, true), Some(Twcc));
        assert_eq!(chosen(FeedbackChoice::Ccfb, BOTH, false), Some(Ccfb));
        let only_ccfb = Offer { number_id: None, ccfb: true };
        assert_eq!(chosen(FeedbackChoice::Twcc, only_ccfb, false), Some(Ccfb));
        assert_eq!(chosen(auto, Offer::default(), true), None);
    }

    #[test]
    fn what_comes_is_used_when_what_was_chosen_is_silent_for_five_seconds() {
        let at = |millis: i64| Time::from_micros(millis * 1000);
        let mut choice = Choice::new(FeedbackChoice::Ccfb);
        choice.add(BOTH);
        choice.choose(false);
        assert_eq!(choice.takes(Twcc, at(90_000)), Take::No, "nothing was sent");
        choice.sent(at(100_000));
        assert_eq!(choice.takes(Ccfb, at(101_000)), Take::Yes);
        assert_eq!(choice.takes(Twcc, at(105_999)), Take::No);
        assert_eq!(choice.takes(Twcc, at(106_000)), Take::Changes);
        assert_eq!(choice.takes(Twcc, at(106_100)), Take::Yes);
        assert_eq!(choice.takes(Ccfb, at(106_200)), Take::No);
    }
}
