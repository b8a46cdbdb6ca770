//! Who takes part in a session, for the interval of RFC 3550 (§6.2.1, §6.3.3–§6.3.5).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// When a member was last heard.
#[derive(Clone, Copy, Debug)]
struct Member {
    heard: Instant,
    /// When it last sent RTP, if it is a sender.
    sent: Option<Instant>,
}

/// The members of a session besides this end. Ordered by SSRC, so that nothing depends on a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    by_ssrc: BTreeMap<u32, Member>,
}

impl Members {
    /// A peer can invent SSRCs; those beyond do not count. With so many members intervals are minutes long anyway.
    pub(crate) const MAX: usize = 10_000;

    /// RTCP came from this source. `false`: there is no room for it.
    pub(crate) fn heard(&mut self, ssrc: u32, now: Instant) -> bool {
        self.entry(ssrc, now).map(|member| member.heard = now).is_some()
    }

    /// RTP came from this source. `false`: there is no room for it.
    pub(crate) fn sent(&mut self, ssrc: u32, now: Instant) -> bool {
        self.entry(ssrc, now).map(|member| *member = Member { heard: now, sent: Some(now) }).is_some()
    }

    /// This source said goodbye (§6.3.4).
    pub(crate) fn left(&mut self, ssrc: u32) {
        self.by_ssrc.remove(&ssrc);
    }

    /// §6.3.5: who was silent for so long has left, or sends no more.
    pub(crate) fn expire(&mut self, now: Instant, member_timeout: Duration, sender_timeout: Duration) {
        self.by_ssrc.retain(|_, member| {
            member.sent = member.sent.filter(|at| now.saturating_duration_since(*at) < sender_timeout);
            now.saturating_duration_since(member.heard) < member_timeout
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.by_ssrc.len()
    }

    pub(crate) fn senders(&self) -> usize {
        self.by_ssrc.values().filter(|member| member.sent.is_some()).count()
    }

    fn entry(&mut self, ssrc: u32, now: Instant) -> Option<&mut Member> {
        if self.by_ssrc.len() >= Self::MAX && !self.by_ssrc.contains_key(&ssrc) {
            return None;
        }
        Some(self.by_ssrc.entry(ssrc).or_insert(Member { heard: now, sent: None }))
    }
}

#[cfg(test)]
mod tests {
    use interceptor_test::Clock;
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Heard(u32),
        Sent(u32),
        Left(u32),
    }

    fn events() -> impl Strategy<Value = Vec<(u64, Event)>> {
        let event = prop_oneof![
            (0u32..8).prop_map(Event::Heard),
            (0u32..8).prop_map(Event::Sent),
            (0u32..8).prop_map(Event::Left),
        ];
        prop::collection::vec((0u64..3000, event), 0..60)
    }

    /// Members and senders by looking through everything that has happened, back from the end.
    fn naive(history: &[(u64, Event)], now: u64) -> (usize, usize) {
        let since_left = |ssrc: u32| {
            let left =
                history.iter().rposition(|(_, event)| matches!(event, Event::Left(left) if *left == ssrc));
            &history[left.map_or(0, |at| at + 1)..]
        };
        let within = |ssrc: u32, timeout: u64, also_heard: bool| {
            since_left(ssrc).iter().any(|(at, event)| match event {
                Event::Sent(sent) => *sent == ssrc && now - at < timeout,
                Event::Heard(heard) => also_heard && *heard == ssrc && now - at < timeout,
                Event::Left(_) => false,
            })
        };
        let members = (0..8).filter(|ssrc| within(*ssrc, 25_000, true)).count();
        (members, (0..8).filter(|ssrc| within(*ssrc, 10_000, false)).count())
    }

    proptest! {
        #[test]
        fn counts_as_the_history_says(events in events()) {
            let clock = Clock::new();
            let mut members = Members::default();
            let mut history = Vec::new();
            let mut now = 0;
            for (wait, event) in events {
                now += wait;
                history.push((now, event));
                let at = clock.at(Duration::from_millis(now));
                match event {
                    Event::Heard(ssrc) => prop_assert!(members.heard(ssrc, at)),
                    Event::Sent(ssrc) => prop_assert!(members.sent(ssrc, at)),
                    Event::Left(ssrc) => members.left(ssrc),
                }
                members.expire(at, Duration::from_secs(25), Duration::from_secs(10));
                prop_assert_eq!((members.len(), members.senders()), naive(&history, now));
            }
        }
    }

    #[test]
    fn a_flood_of_ssrcs_is_capped() {
        let now = Clock::new().now();
        let mut members = Members::default();
        assert_eq!((0..50_000).filter(|ssrc| members.heard(*ssrc, now)).count(), Members::MAX);
        assert!(members.sent(3, now), "it is a member");
        assert_eq!((members.len(), members.senders()), (Members::MAX, 1));
    }
}
