//! Looks at a running relay once a second and logs what has become of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::MissedTickBehavior;

use super::RelayHandle;
use super::leg::Leg;
use crate::log::Log;

/// How often a relay is looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// A source that sends nothing for so long is called silent.
const SILENCE: Duration = Duration::from_secs(5);

/// Logs what happens to a relay for as long as it runs.
pub(super) async fn watch(relay: RelayHandle, log: Log) {
    let mut health = Health::default();
    let mut clock = tokio::time::interval(INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let now = clock.tick().await.into_std();
        health.observe(&relay.pulse(), now).iter().for_each(Notice::tell);
        log.tell_due();
    }
}

/// What is looked at.
#[derive(Clone, Debug, Default)]
struct Pulse {
    /// Datagrams that came from the source.
    heard: u64,
    /// Of each leg with somebody on the other side: datagrams that the system did not take.
    send_errors: Vec<(Arc<str>, u64)>,
    /// Why a capture has stopped.
    capture_error: Option<String>,
}

impl RelayHandle {
    /// Are all legs well?
    pub(super) fn is_well(&self) -> bool {
        self.0.legs().all(|leg| leg.session.ended().is_none())
    }

    fn pulse(&self) -> Pulse {
        let errors = |leg: &Arc<Leg>| (Arc::clone(leg.id()), leg.session.counters().send_errors);
        // What the source's side would say before anybody has been heard has nowhere to go.
        let legs = self.0.legs().filter(|leg| leg.peers.media().is_some());
        Pulse {
            heard: self.0.source.session.counters().received_datagrams,
            send_errors: legs.map(errors).collect(),
            capture_error: self.capture().and_then(|capture| capture.error),
        }
    }
}

/// Something that an operator wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Notice {
    Silent,
    Back { after: Duration },
    CannotSend { leg: Arc<str>, errors: u64 },
    SendsAgain { leg: Arc<str> },
    CaptureStopped { error: String },
}

impl Notice {
    fn tell(&self) {
        match self {
            Self::Silent => tracing::warn!("the source has been silent for {} s", SILENCE.as_secs()),
            Self::Back { after } => tracing::info!("the source is back after {} s", after.as_secs()),
            Self::CannotSend { leg, errors } => {
                tracing::warn!(%leg, errors, "the system does not send to this side");
            }
            Self::SendsAgain { leg } => tracing::info!(%leg, "sending works again"),
            Self::CaptureStopped { error } => {
                tracing::error!(%error, "the capture has stopped; the relay goes on without it");
            }
        }
    }
}

/// What was seen before.
#[derive(Debug, Default)]
struct Health {
    heard: u64,
    /// When the source was heard last, once it has been.
    last: Option<Instant>,
    silent: bool,
    legs: BTreeMap<Arc<str>, Sending>,
    capture_stopped: bool,
}

#[derive(Clone, Debug, Default)]
struct Sending {
    errors: u64,
    fails: bool,
}

impl Health {
    fn observe(&mut self, pulse: &Pulse, now: Instant) -> Vec<Notice> {
        let mut notices = Vec::new();
        notices.extend(self.source(pulse.heard, now));
        for (leg, errors) in &pulse.send_errors {
            let known = self.legs.entry(Arc::clone(leg)).or_default();
            notices.extend(known.observe(leg, *errors));
        }
        if let Some(error) = pulse.capture_error.as_ref().filter(|_| !self.capture_stopped) {
            self.capture_stopped = true;
            notices.push(Notice::CaptureStopped { error: error.clone() });
        }
        notices
    }

    fn source(&mut self, heard: u64, now: Instant) -> Option<Notice> {
        if heard != self.heard {
            self.heard = heard;
            let before = self.last.replace(now);
            let was_silent = std::mem::take(&mut self.silent);
            let after = now.saturating_duration_since(before?);
            return was_silent.then_some(Notice::Back { after });
        }
        let since = now.saturating_duration_since(self.last?);
        if self.silent || since < SILENCE {
            return None;
        }
        self.silent = true;
        Some(Notice::Silent)
    }
}

impl Sending {
    /// A leg is well again when it has got through a whole interval.
    fn observe(&mut self, leg: &Arc<str>, errors: u64) -> Option<Notice> {
        let new = errors.saturating_sub(std::mem::replace(&mut self.errors, errors));
        let failed = std::mem::replace(&mut self.fails, new > 0);
        match (failed, self.fails) {
            (false, true) => Some(Notice::CannotSend { leg: Arc::clone(leg), errors: new }),
            (true, false) => Some(Notice::SendsAgain { leg: Arc::clone(leg) }),
            _ => None,
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "any instant will do")]
mod tests {
    use super::*;

    fn heard(heard: u64) -> Pulse {
        Pulse { heard, ..Pulse::default() }
    }

    #[test]
    fn a_source_that_falls_silent_and_comes_back_is_told_of_once_each() {
        let (mut health, start) = (Health::default(), Instant::now());
        let mut at = |second, count| health.observe(&heard(count), start + Duration::from_secs(second));
        assert_eq!(at(100, 0), [], "nobody has come yet");
        assert_eq!(at(101, 5), []);
        for second in 102..106 {
            assert_eq!(at(second, 5), [], "{second}");
        }
        assert_eq!(at(106, 5), [Notice::Silent]);
        assert_eq!(at(107, 5), []);
        assert_eq!(at(120, 6), [Notice::Back { after: Duration::from_secs(19) }]);
        assert_eq!(at(121, 7), []);
        assert_eq!(at(126, 7), [Notice::Silent]);
    }

    #[test]
    fn a_leg_that_cannot_send_is_told_of_when_it_begins_and_when_it_ends() {
        let (mut health, now, leg) = (Health::default(), Instant::now(), Arc::<str>::from("target-1"));
        let mut errors = |count| {
            let send_errors = vec![("source".into(), 0), (Arc::clone(&leg), count)];
            health.observe(&Pulse { send_errors, ..Pulse::default() }, now)
        };
        assert_eq!(errors(0), []);
        assert_eq!(errors(7), [Notice::CannotSend { leg: Arc::clone(&leg), errors: 7 }]);
        assert_eq!(errors(20), []);
        assert_eq!(errors(20), [Notice::SendsAgain { leg: Arc::clone(&leg) }]);
        assert_eq!(errors(20), []);
    }

    #[test]
    fn a_capture_that_stops_is_told_of_once() {
        let (mut health, now) = (Health::default(), Instant::now());
        let stopped = Pulse { capture_error: Some("disk full".to_owned()), ..Pulse::default() };
        assert_eq!(health.observe(&Pulse::default(), now), []);
        assert_eq!(health.observe(&stopped, now), [Notice::CaptureStopped { error: "disk full".to_owned() }]);
        assert_eq!(health.observe(&stopped, now), []);
    }
}
