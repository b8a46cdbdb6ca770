//! Answers that wait, whatever is written, asked for, dropped and forgotten meanwhile.

use std::time::Instant;

use interceptor_core::packet::RtpPacket;
use interceptor_core::{Abandoned, Outgoing};
use interceptor_nack::NackOptions;
use proptest::prelude::*;

use crate::kit::{Bench, SSRC, ms};

#[derive(Clone, Debug)]
enum Step {
    /// So many packets of so many bytes, a millisecond apart.
    Write(u16, usize),
    /// A number of so long ago is written anew.
    Again(u16, usize),
    /// The next packet has a number so far ahead.
    Jump(u16),
    /// Numbers of so long ago, from and to.
    Ask(u16, u16),
    Abandon(u16, u16),
    Rtt(u64),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (1_u16..60, 0_usize..1_400).prop_map(|(count, bytes)| Step::Write(count, bytes)),
        2 => (0_u16..80, 0_usize..1_400).prop_map(|(back, bytes)| Step::Again(back, bytes)),
        1 => prop_oneof![1_u16..200, any::<u16>()].prop_map(Step::Jump),
        6 => (0_u16..80, 0_u16..80).prop_map(|(from, to)| Step::Ask(from.max(to), from.min(to))),
        1 => (0_u16..80, 0_u16..40).prop_map(|(back, count)| Step::Abandon(back, count)),
        1 => (0_u64..1_000).prop_map(Step::Rtt),
        3 => (0_u64..400).prop_map(Step::Pass),
    ]
}

/// A sender, and what has left on its stream.
struct Sender {
    bench: Bench,
    start: Instant,
    ratio: f64,
    /// Tenths of a second, bytes: media, and what was sent again.
    media: Vec<(u128, usize)>,
    resent: Vec<(u128, usize)>,
}

impl Sender {
    fn tenths(&self) -> u128 {
        (self.bench.now - self.start).as_millis() / 100
    }

    fn write(&mut self, seq: u16, bytes: usize) {
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(96).sequence_number(seq);
        let packet = packet.payload(vec![0; bytes]).build().unwrap();
        self.media.push((self.tenths(), packet.total_len()));
        self.bench.chain.write_rtp(packet, self.bench.now);
        assert!(self.bench.chain.poll_wire().is_some());
    }

    /// Notes what leaves again, which must be within the budget.
    fn collect(&mut self) {
        let now = self.tenths();
        while let Some(Outgoing::Rtp(packet)) = self.bench.chain.poll_wire() {
            self.resent.push((now, packet.total_len()));
            let last = |list: &[(u128, usize)]| -> usize {
                list.iter().rev().take_while(|(at, _)| at + 10 > now).map(|(_, bytes)| bytes).sum()
            };
            assert!(last(&self.resent) as f64 <= self.ratio * last(&self.media) as f64);
        }
    }

    fn pass(&mut self, millis: u64) {
        let end = self.bench.now + ms(millis);
        while let Some(at) = self.bench.chain.next_timeout().filter(|at| *at <= end) {
            self.bench.now = self.bench.now.max(at);
            self.bench.chain.handle_timeout(self.bench.now);
            self.collect();
        }
        self.bench.now = end;
    }

    fn take(&mut self, step: Step, next: &mut u16) {
        match step {
            Step::Write(count, bytes) => {
                for _ in 0..count {
                    self.write(*next, bytes);
                    *next = next.wrapping_add(1);
                    self.pass(1);
                }
            }
            Step::Again(back, bytes) => self.write(next.wrapping_sub(back), bytes),
            Step::Jump(by) => *next = next.wrapping_add(by),
            Step::Ask(from, to) => {
                let numbers: Vec<u16> = (to..from).rev().map(|back| next.wrapping_sub(back)).collect();
                if !numbers.is_empty() {
                    self.bench.read_nack(&numbers);
                    self.collect();
                }
            }
            Step::Abandon(back, count) => {
                let first = next.wrapping_sub(back);
                self.bench.chain.publish(Abandoned { ssrc: SSRC, first, count }, self.bench.now);
            }
            Step::Rtt(millis) => self.bench.set_rtt(millis),
            Step::Pass(millis) => self.pass(millis),
        }
    }
}

proptest! {
    /// Every number asked for is answered or has a counter that says why not; the budget holds whenever an answer leaves; what
    /// waits is no more than twice what the history holds; and with the stream the last timer goes.
    #[test]
    fn answers_add_up_within_the_budget_whatever_happens(
        ratio in prop_oneof![Just(0.5), Just(1.0), Just(4.0)],
        packets in prop_oneof![Just(16_u32), Just(64), Just(2048)],
        start in prop_oneof![Just(65_500_u16), any::<u16>()],
        ends in any::<bool>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let options = NackOptions::default().with_max_resend_ratio(ratio).with_send_history_packets(packets);
        let bench = Bench::sender(options);
        let mut sender = Sender { start: bench.now, bench, ratio, media: Vec::new(), resent: Vec::new() };
        let mut next = start;
        steps.into_iter().for_each(|step| sender.take(step, &mut next));
        if !ends {
            // Nobody asks, nobody writes: what waits leaves all the same, and the history empties within twice three round trips.
            sender.pass(7_000);
            prop_assert_eq!(sender.bench.chain.next_timeout(), None);
        }
        sender.bench.chain.unbind_local(SSRC, sender.bench.now).unwrap();
        let before = sender.resent.len();
        sender.pass(5_000);
        prop_assert_eq!(sender.resent.len(), before, "nothing leaves after the end");
        prop_assert_eq!(sender.bench.chain.next_timeout(), None);
        let it = sender.bench.answering();
        let missed = it.never_sent + it.too_old + it.abandoned;
        let suppressed = it.suppressed_by_cooldown + it.suppressed_by_ratio;
        prop_assert_eq!(it.packets_requested, it.packets_resent + missed + suppressed + it.cancelled, "{:?}", it);
        prop_assert_eq!(it.packets_resent, before as u64);
        prop_assert!(it.cancelled <= 2 * u64::from(packets), "{:?}", it);
        prop_assert!(ends || it.cancelled == 0);
    }
}

#[test]
fn an_hour_of_a_peer_that_asks_for_everything_leaves_nothing_behind() {
    let bench = Bench::sender(NackOptions::default().with_send_history_packets(256));
    let mut sender = Sender { start: bench.now, bench, ratio: 1.0, media: Vec::new(), resent: Vec::new() };
    sender.bench.set_rtt(80);
    let (mut next, mut resent) = (0, Vec::new());
    for minute in 0..60 {
        let before = sender.bench.answering().packets_resent;
        for _ in 0..50 * 60 {
            sender.take(Step::Write(1, 1_000), &mut next);
            sender.pass(19);
            // Everything of the last second, again and again.
            sender.take(Step::Ask(50, 0), &mut next);
        }
        // Nobody asks for a round trip and a little more: what waits has left.
        sender.pass(120);
        let it = sender.bench.answering();
        let missed = it.never_sent + it.too_old;
        let settled = it.packets_resent + missed + it.suppressed_by_cooldown + it.suppressed_by_ratio;
        assert_eq!(it.packets_requested, settled, "minute {minute}: {it:?}");
        resent.push(it.packets_resent - before);
        sender.media.clear();
        sender.resent.clear();
        sender.pass(1_000);
    }
    let (least, most) = (resent.iter().min().unwrap(), resent.iter().max().unwrap());
    assert!(*least > 2_000 && most - least <= 60, "as many in each minute: {resent:?}");
}
