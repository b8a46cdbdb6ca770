//! Packets that left together count as one: the delay between them says how they were sent, not what the path does.

use crate::Time;
use crate::adaptive::clock::millis;

/// Packets that left within this time of the first are one group (draft-ietf-rmcat-gcc-02 §5.2, `burst_time`).
const BURST_MS: f64 = 5.0;
/// A burst that a path makes of packets is not merged beyond this; libwebrtc `kMaxBurstDuration`.
const MAX_BURST_MS: f64 = 100.0;
/// Clocks that differ by this much from one group to the next have been set; libwebrtc `kArrivalTimeOffsetThreshold`.
const JUMP_MS: f64 = 3000.0;
/// After such a pause a group says nothing about the one before; libwebrtc `kStreamTimeOut`.
const PAUSE_MS: f64 = 2000.0;

#[derive(Clone, Copy, Debug)]
struct Group {
    first_sent: Time,
    last_sent: Time,
    first_at: Time,
    last_at: Time,
}

/// What lies between two groups.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    /// From the last packet of one to that of the next, as they left, in ms.
    pub(crate) sent: f64,
    /// As they came, in ms.
    pub(crate) came: f64,
    /// When the later group's last packet came, by the receiver's clock.
    pub(crate) at: Time,
}

/// What a packet tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Grouped {
    /// Nothing yet.
    Open,
    /// Its predecessors are a group that can be compared.
    Step(Step),
    /// What was before cannot be compared with what comes.
    Anew,
}

/// Makes groups of packets (draft-ietf-rmcat-gcc-02 §5.2).
#[derive(Clone, Debug, Default)]
pub(crate) struct Groups {
    open: Option<Group>,
    closed: Option<Group>,
}

impl Groups {
    /// A packet has come. Packets are told in the order in which they left; one from before the open group is left out.
    #[inline]
    pub(crate) fn add(&mut self, sent: Time, at: Time) -> Grouped {
        let Some(open) = &mut self.open else {
            self.open = Some(Group::of(sent, at));
            return Grouped::Open;
        };
        if sent < open.first_sent {
            return Grouped::Open;
        }
        if open.takes(sent, at) {
            open.last_sent = open.last_sent.max(sent);
            open.last_at = open.last_at.max(at);
            return Grouped::Open;
        }
        let group = *open;
        self.open = Some(Group::of(sent, at));
        let grouped = self.close(group);
        if millis(sent, group.last_sent) > PAUSE_MS {
            self.closed = None;
            return Grouped::Anew;
        }
        grouped
    }

    fn close(&mut self, group: Group) -> Grouped {
        let Some(before) = self.closed.replace(group) else { return Grouped::Open };
        let sent = millis(group.last_sent, before.last_sent);
        let came = millis(group.last_at, before.last_at);
        if (came - sent).abs() > JUMP_MS {
            return Grouped::Anew;
        }
        Grouped::Step(Step { sent, came, at: group.last_at })
    }
}

impl Group {
    const fn of(sent: Time, at: Time) -> Self {
        Self { first_sent: sent, last_sent: sent, first_at: at, last_at: at }
    }

    /// Packets that left together, or that the path has pushed together.
    #[inline]
    fn takes(&self, sent: Time, at: Time) -> bool {
        if millis(sent, self.first_sent) <= BURST_MS {
            return true;
        }
        let came = millis(at, self.last_at);
        let closer = came - millis(sent, self.last_sent) < 0.0;
        closer && came <= BURST_MS && millis(at, self.first_at).abs() < MAX_BURST_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    /// Adds packets of (sent, came) and returns what the last one tells.
    fn last(packets: &[(i64, i64)]) -> Grouped {
        let mut groups = Groups::default();
        packets.iter().map(|&(sent, at)| groups.add(ms(sent), ms(at))).last().unwrap()
    }

    #[test]
    fn compares_the_last_packets_of_two_groups() {
        let step = Step { sent: 22.0, came: 24.0, at: ms(129) };
        assert_eq!(last(&[(0, 100), (4, 105), (20, 122)]), Grouped::Open);
        assert_eq!(last(&[(0, 100), (4, 105), (24, 125), (26, 129), (40, 150)]), Grouped::Step(step));
    }

    #[test]
    fn a_burst_that_the_path_makes_is_one_group_but_not_for_ever() {
        let burst: Vec<_> = (0..30).map(|n| (n * 10, 500 + n * 4)).collect();
        assert_eq!(last(&burst[..25]), Grouped::Open);
        let mut groups = Groups::default();
        let told = burst.iter().filter(|packet| {
            groups.add(ms(packet.0), ms(packet.1));
            groups.closed.is_some()
        });
        assert_eq!(told.count(), 5, "a group ends 100 ms after its first packet came");
    }

    #[test]
    fn starts_anew_after_a_pause_and_a_jump_of_the_clock() {
        assert_eq!(last(&[(0, 0), (10, 10), (2011, 2011)]), Grouped::Anew);
        for jump in [-30_000, 30_000] {
            assert_eq!(last(&[(0, 0), (10, 10), (20, jump + 20), (30, jump + 30)]), Grouped::Anew, "{jump}");
        }
    }

    #[test]
    fn packets_that_overtake_each_other_are_one_group() {
        let step = Step { sent: 20.0, came: 20.0, at: ms(70) };
        assert_eq!(
            last(&[(0, 50), (20, 70), (30, 60), (40, 90)]),
            Grouped::Step(Step { sent: 30.0, ..step })
        );
    }

    #[test]
    fn a_packet_from_before_is_left_out() {
        let step = Step { sent: 20.0, came: 20.0, at: ms(20) };
        assert_eq!(last(&[(0, 0), (20, 20), (3, 39), (40, 40)]), Grouped::Step(step));
    }
}
