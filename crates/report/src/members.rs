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

    /// RTCP came from this source.
    pub(crate) fn heard(&mut self, ssrc: u32, now: Instant) {
        if let Some(member) = self.entry(ssrc, now) {
            member.heard = now;
        }
    }

    /// RTP came from this source.
    pub(crate) fn sent(&mut self, ssrc: u32, now: Instant) {
        if let Some(member) = self.entry(ssrc, now) {
            *member = Member { heard: now, sent: Some(now) };
        }
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
