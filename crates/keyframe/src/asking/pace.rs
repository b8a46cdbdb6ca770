//! How long to wait for what, in nanoseconds.

use std::time::Duration;

use interceptor_core::Rtt;

use crate::KeyframeOptions;

/// Round-trip time until it is measured (libwebrtc `kDefaultRtt`).
const DEFAULT_RTT: Duration = Duration::from_millis(100);

/// So many requests are evenly apart: that many may be lost on the way, while who does not answer more does not want to.
const STEADY: u32 = 3;

/// The options as the state machine reads them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// From one request to the next.
    pub(crate) min_interval: u64,
    /// By when an answer has come if neither it nor the request was lost.
    pub(crate) answer: u64,
    /// The longest pause before a repetition.
    pub(crate) max_repeat: u64,
    /// After so many unanswered requests
    pub(crate) max_unanswered: u32,
    /// the pause is this.
    pub(crate) unanswered: u64,
    /// Answers cannot be seen: when to take one for granted.
    pub(crate) blind: Option<u64>,
}

impl Pace {
    /// A request takes half a round trip, the encoder up to a frame, the answer the other half and as long as a frame takes; half a round trip
    /// more is for a path that is not as quick as it was, or for the first packet to be sent again.
    pub(crate) fn new(options: &KeyframeOptions, rtt: Option<Rtt>, frame: u64, sees: bool) -> Self {
        Self {
            min_interval: nanos(options.min_interval),
            answer: round_trip(rtt).saturating_mul(3) / 2 + 2 * frame,
            max_repeat: nanos(options.max_repeat),
            max_unanswered: options.max_unanswered,
            unanswered: nanos(options.unanswered_interval),
            blind: (!sees).then(|| nanos(options.assume_answered)),
        }
    }

    /// How long to wait after so many requests.
    pub(crate) fn pause(&self, tries: u32) -> u64 {
        let pause = match self.blind {
            Some(assume_answered) => assume_answered,
            None if tries >= self.max_unanswered => self.unanswered,
            None => {
                let doubled = 1_u64.checked_shl(tries.saturating_sub(STEADY)).unwrap_or(u64::MAX);
                self.answer.max(self.min_interval).saturating_mul(doubled).min(self.max_repeat)
            }
        };
        pause.max(self.min_interval)
    }
}

/// The round trip to reckon with: a path that has become longer is believed at once.
pub(crate) fn round_trip(rtt: Option<Rtt>) -> u64 {
    nanos(rtt.map_or(DEFAULT_RTT, |rtt| rtt.smoothed.max(rtt.latest)))
}

/// Nanoseconds; 584 years at most.
pub(crate) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
