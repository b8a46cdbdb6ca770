//! Packets in the order of their numbers: what repair brings back late goes on in its place.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use interceptor_tokio::packet::{RtpPacket, Unwrapper};

/// Packets that wait for an earlier one at most: a second of video at 4 Mbit/s.
const MAX_WAITING: usize = 512;

/// Holds back what comes after a hole, for a while.
#[derive(Debug)]
pub(crate) struct Order {
    patience: Duration,
    numbers: Unwrapper,
    /// What goes on next.
    next: Option<i64>,
    waiting: BTreeMap<i64, (Instant, RtpPacket)>,
}

impl Order {
    /// One that waits for so long for a packet, from when the next one came.
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience, numbers: Unwrapper::default(), next: None, waiting: BTreeMap::new() }
    }

    /// Takes a packet at `now`, and gives what may go on.
    pub(crate) fn push(&mut self, packet: RtpPacket, now: Instant) -> Vec<RtpPacket> {
        let number = self.numbers.unwrap(packet.sequence_number());
        if self.next.is_some_and(|next| number < next) {
            return vec![packet];
        }
        self.waiting.insert(number, (now, packet));
        let mut ready = Vec::new();
        while let Some(first) = self.waiting.first_key_value().map(|(number, (since, _))| (*number, *since)) {
            let (number, since) = first;
            let in_turn = self.next.is_none_or(|next| next == number);
            let long_enough = now.saturating_duration_since(since) >= self.patience;
            if !in_turn && !long_enough && self.waiting.len() <= MAX_WAITING {
                break;
            }
            ready.extend(self.waiting.pop_first().map(|(_, (_, packet))| packet));
            self.next = Some(number + 1);
        }
        ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that go on as those come, 10 ms apart.
    fn order(patience: u64, numbers: &[u16]) -> Vec<Vec<u16>> {
        let (start, mut order) =
            (tokio::time::Instant::now().into_std(), Order::new(Duration::from_millis(patience)));
        let mut at = start;
        let push = |number: &u16| {
            at += Duration::from_millis(10);
            let packet = RtpPacket::builder().sequence_number(*number).build().unwrap();
            order.push(packet, at).iter().map(RtpPacket::sequence_number).collect()
        };
        numbers.iter().map(push).collect()
    }

    #[test]
    fn what_comes_after_a_hole_waits_until_it_is_filled_or_too_long() {
        let expected: [&[u16]; 5] = [&[65_535], &[], &[], &[0, 1, 2], &[3]];
        assert_eq!(order(1000, &[65_535, 1, 2, 0, 3]), expected);
        let expected: [&[u16]; 5] = [&[1], &[], &[], &[3, 4, 5], &[2]];
        assert_eq!(order(20, &[1, 3, 4, 5, 2]), expected, "and what is late goes on as it comes");
    }

    #[test]
    fn without_patience_everything_goes_on_at_once() {
        let expected: [&[u16]; 3] = [&[1], &[3], &[2]];
        assert_eq!(order(0, &[1, 3, 2]), expected);
    }
}
