//! How a pair runs: from event to event, in an order that never varies.

use std::time::{Duration, Instant};

use interceptor_core::Chain;

use super::feed::Feed;
use super::{Pair, Side};

/// Rounds without the clock moving after which a pair is taken to talk to itself for ever.
const MAX_ROUNDS_AT_ONE_INSTANT: u32 = 100_000;

impl Pair {
    /// Runs until `until`; what is due exactly then is done.
    ///
    /// # Panics
    /// If the chains keep each other busy without the clock moving.
    pub fn run_until(&mut self, until: Instant) {
        self.run(until);
        self.clock.advance_to(until);
    }

    /// Runs for a while; what is due exactly at its end is done.
    ///
    /// # Panics
    /// If the chains keep each other busy without the clock moving.
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(self.now() + time);
    }

    /// Runs until nothing is left to do: no packet under way, no feed, no timer; then the clock stands at the
    /// last thing done. Gives up after `limit`; whether it came to rest is returned. A chain with a periodic
    /// timer, such as reports, never does.
    ///
    /// # Panics
    /// If the chains keep each other busy without the clock moving.
    #[must_use]
    pub fn run_until_quiet(&mut self, limit: Duration) -> bool {
        let limit = self.now() + limit;
        self.run(limit);
        let quiet = self.next_event().is_none();
        if !quiet {
            self.clock.advance_to(limit);
        }
        quiet
    }

    #[expect(clippy::panic, reason = "an endless exchange has to end the test")]
    fn run(&mut self, until: Instant) {
        let mut rounds = 0;
        while let Some(next) = self.next_event().filter(|next| *next <= until) {
            rounds = if next > self.now() { 0 } else { rounds + 1 };
            if rounds > MAX_ROUNDS_AT_ONE_INSTANT {
                let since_start = self.now() - self.clock.at(Duration::ZERO);
                panic!("the pair does not come to rest {since_start:?} after its start");
            }
            self.clock.advance_to(next);
            self.deliver(Side::A);
            self.deliver(Side::B);
            for side in [Side::A, Side::B] {
                self.with_chain(side, Chain::handle_timeout);
            }
            self.send_feeds();
        }
    }

    fn next_event(&mut self) -> Option<Instant> {
        let feeds = self.feeds.iter_mut().filter_map(Feed::next_time);
        feeds.chain(self.a.next_event()).chain(self.b.next_event()).min()
    }

    /// Hands the chain of `to` what has arrived for it.
    fn deliver(&mut self, to: Side) {
        let now = self.now();
        while let Some((_, datagram)) = self.end_mut(to.other()).link.pop(now) {
            self.with_chain(to, |chain, now| chain.read_datagram_ecn(datagram.bytes, datagram.ecn, now));
        }
    }

    fn send_feeds(&mut self) {
        let now = self.now();
        let mut feeds = std::mem::take(&mut self.feeds);
        for feed in &mut feeds {
            while let Some(packet) = feed.pop(now) {
                self.write_rtp(feed.from, packet);
            }
        }
        feeds.retain_mut(|feed| feed.next_time().is_some());
        self.feeds = feeds;
    }
}
