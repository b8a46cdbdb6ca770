//! Who takes part in a session: the member table and the sender table of RFC 3550 (§6.2.1, §6.3.3–§6.3.5).

use std::collections::BTreeMap;
use std::time::Instant;

use crate::departed::Departed;
use crate::schedule::Timeouts;

/// When a member was last heard.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// When it last sent RTP or RTCP.
    heard: Instant,
    /// When it last sent RTP, if it is a sender.
    sent_rtp: Option<Instant>,
}

/// The members of a session besides this end. They are ordered by SSRC, so that nothing depends on a hash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    by_ssrc: BTreeMap<u32, Member>,
    departed: Departed,
}

impl Members {
    /// A peer can invent SSRCs; those beyond do not count. With so many members intervals are minutes long anyway.
    pub(crate) const MAX: usize = 10_000;

    /// RTCP other than BYE came from this source (§6.3.3). `false`: there is no room for it.
    pub(crate) fn received_rtcp(&mut self, ssrc: u32, now: Instant) -> bool {
        self.heard(ssrc, now, |member| member.heard = now)
    }

    /// RTP came from this source (§6.3.3). `false`: there is no room for it.
    pub(crate) fn received_rtp(&mut self, ssrc: u32, now: Instant) -> bool {
        self.heard(ssrc, now, |member| *member = Member { heard: now, sent_rtp: Some(now) })
    }

    /// This source said BYE (§6.3.4): it is neither member nor sender any more, and packets that come late do not make it
    /// one (§6.2.1). `false`: an older BYE was forgotten to make room.
    pub(crate) fn received_bye(&mut self, ssrc: u32, now: Instant) -> bool {
        self.by_ssrc.remove(&ssrc).is_none() || self.departed.add(ssrc, now)
    }

    /// §6.3.5: removes members that have been silent for too long, and senders that have sent no RTP for too long.
    pub(crate) fn time_out(&mut self, now: Instant, timeouts: Timeouts) {
        self.by_ssrc.retain(|_, member| {
            member.sent_rtp =
                member.sent_rtp.filter(|at| now.saturating_duration_since(*at) < timeouts.sender);
            now.saturating_duration_since(member.heard) < timeouts.member
        });
    }

    pub(crate) fn len(&self) -> usize {
        self.by_ssrc.len()
    }

    pub(crate) fn senders(&self) -> usize {
        self.by_ssrc.values().filter(|member| member.sent_rtp.is_some()).count()
    }

    fn heard(&mut self, ssrc: u32, now: Instant, note: impl FnOnce(&mut Member)) -> bool {
        if let Some(member) = self.by_ssrc.get_mut(&ssrc) {
            note(member);
            return true;
        }
        if self.departed.contains(ssrc, now) {
            return true;
        }
        let has_room = self.by_ssrc.len() < Self::MAX;
        if has_room {
            note(self.by_ssrc.entry(ssrc).or_insert(Member { heard: now, sent_rtp: None }));
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use interceptor_test::Clock;
    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Event {
        Rtcp,
        Rtp,
        Bye,
    }

    /// Milliseconds since the event before, source, and what came of it.
    fn events() -> impl Strategy<Value = Vec<(u64, u32, Event)>> {
        let event = prop_oneof![Just(Event::Rtcp), Just(Event::Rtp), Just(Event::Bye)];
        prop::collection::vec((0u64..3000, 0u32..8, event), 0..60)
    }

    /// Members and senders, found by going through all that has happened to each source from the start.
    fn naive(history: &[(u64, u32, Event)], now: u64) -> (usize, usize) {
        let (mut members, mut senders) = (0, 0);
        for ssrc in 0..8 {
            let (mut heard, mut sent, mut left) = (None, None, None);
            for (at, _, event) in history.iter().filter(|(_, of, _)| *of == ssrc) {
                let is_member = heard.is_some_and(|heard| at - heard < 25_000);
                let is_straggler = left.is_some_and(|left| at - left < 2000);
                match event {
                    Event::Bye => {
                        left = if is_member { Some(*at) } else { left };
                        (heard, sent) = (None, None);
                    }
                    _ if is_straggler => {}
                    Event::Rtcp => heard = Some(*at),
                    Event::Rtp => (heard, sent) = (Some(*at), Some(*at)),
                }
            }
            members += usize::from(heard.is_some_and(|heard| now - heard < 25_000));
            senders += usize::from(sent.is_some_and(|sent| now - sent < 10_000));
        }
        (members, senders)
    }

    const TIMEOUTS: Timeouts = Timeouts { member: Duration::from_secs(25), sender: Duration::from_secs(10) };

    proptest! {
        #[test]
        fn counts_as_the_history_says(events in events()) {
            let clock = Clock::new();
            let mut members = Members::default();
            let mut history = Vec::new();
            let mut now = 0;
            for (wait, ssrc, event) in events {
                now += wait;
                history.push((now, ssrc, event));
                let at = clock.at(Duration::from_millis(now));
                members.time_out(at, TIMEOUTS);
                let has_room = match event {
                    Event::Rtcp => members.received_rtcp(ssrc, at),
                    Event::Rtp => members.received_rtp(ssrc, at),
                    Event::Bye => members.received_bye(ssrc, at),
                };
                prop_assert!(has_room);
                members.time_out(at, TIMEOUTS);
                prop_assert_eq!((members.len(), members.senders()), naive(&history, now));
            }
        }
    }

    #[test]
    fn a_flood_of_ssrcs_is_capped() {
        let now = Clock::new().now();
        let mut members = Members::default();
        assert_eq!((0..50_000).filter(|ssrc| members.received_rtcp(*ssrc, now)).count(), Members::MAX);
        assert!(members.received_rtp(3, now), "it is a member");
        assert_eq!((members.len(), members.senders()), (Members::MAX, 1));
    }

    #[test]
    fn a_goodbye_of_a_stranger_is_not_remembered() {
        let now = Clock::new().now();
        let mut members = Members::default();
        assert!((0..50_000).all(|ssrc| members.received_bye(ssrc, now)));
        assert!(members.received_rtcp(7, now));
        assert_eq!(members.len(), 1);
    }
}
