//! Listens to what congestion control finds out: the target of all, and the video's share of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interceptor_core::{Event, Fact};
use interceptor_tokio::{Events, Session};
use tokio::time::Instant;

/// What video begins with before congestion control has said anything: what libwebrtc begins with.
const FIRST_RATE: u64 = 300_000;

/// What a session's congestion control has said so far.
#[derive(Clone, Debug)]
pub(super) struct Estimate(Arc<Mutex<Said>>);

#[derive(Debug)]
struct Said {
    targets: Vec<(Duration, u64)>,
    video: u64,
}

impl Estimate {
    /// Listens until the session ends; times count from `start`.
    pub(super) fn of(session: &Session, video_ssrc: u32, start: Instant) -> Self {
        let estimate = Self(Arc::new(Mutex::new(Said { targets: Vec::new(), video: FIRST_RATE })));
        tokio::spawn(estimate.clone().listen(session.events(), video_ssrc, start));
        estimate
    }

    async fn listen(self, mut events: Events, video_ssrc: u32, start: Instant) {
        while let Ok(event) = events.read().await {
            if let Event::Fact(fact) = event {
                self.hear(fact, video_ssrc, start.elapsed());
            }
        }
    }

    fn hear(&self, fact: Fact, video_ssrc: u32, at: Duration) {
        let mut said = self.said();
        match fact {
            Fact::TargetBitrate(target) => said.targets.push((at, target.bits_per_second)),
            Fact::StreamTarget(target) if target.ssrc == video_ssrc => {
                said.video = if target.paused { 0 } else { target.bits_per_second };
            }
            _ => {}
        }
    }

    /// What video may have now, in bits of payload a second.
    pub(super) fn video(&self) -> u64 {
        self.said().video
    }

    /// The newest target in bits per second.
    pub(super) fn target(&self) -> Option<u64> {
        self.said().targets.last().map(|(_, target)| *target)
    }

    /// Every target so far, and when it was set.
    pub(super) fn targets(&self) -> Vec<(Duration, u64)> {
        self.said().targets.clone()
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use interceptor_core::{StreamTarget, TargetBitrate};

    use super::*;

    #[test]
    fn targets_are_kept_and_the_videos_share_is_the_newest() {
        let estimate = Estimate(Arc::new(Mutex::new(Said { targets: Vec::new(), video: FIRST_RATE })));
        let ms = Duration::from_millis;
        let share = |ssrc, bits_per_second, paused| StreamTarget { ssrc, bits_per_second, paused };
        assert_eq!((estimate.video(), estimate.target()), (300_000, None));
        for (at, bits_per_second) in [(5, 400_000), (9, 700_000)] {
            estimate.hear(TargetBitrate { bits_per_second, stable: 0 }.into(), 7, ms(at));
        }
        estimate.hear(share(8, 32_000, false).into(), 7, ms(9));
        assert_eq!(estimate.video(), 300_000, "the share of another stream");
        estimate.hear(share(7, 600_000, false).into(), 7, ms(9));
        assert_eq!((estimate.video(), estimate.target()), (600_000, Some(700_000)));
        estimate.hear(share(7, 50_000, true).into(), 7, ms(10));
        assert_eq!(estimate.video(), 0, "it is to pause");
        assert_eq!(estimate.targets(), [(ms(5), 400_000), (ms(9), 700_000)]);
    }
}
