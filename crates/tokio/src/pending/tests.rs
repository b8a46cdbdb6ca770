//! Tests of what is kept for `accept`.

use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;
use proptest::prelude::*;

use super::{Held, Next, Pending, Ticket};
use crate::options::SessionOptions;

fn packet(ssrc: u32, seq: u16) -> RtpPacket {
    sized(ssrc, seq, 0)
}

/// Of `12 + payload` bytes.
fn sized(ssrc: u32, seq: u16, payload: usize) -> RtpPacket {
    RtpPacket::builder().ssrc(ssrc).sequence_number(seq).payload(vec![0; payload]).build().unwrap()
}

fn seqs(packets: &[RtpPacket]) -> Vec<u16> {
    packets.iter().map(RtpPacket::sequence_number).collect()
}

fn pending(streams: usize, packets: usize) -> Pending {
    Pending::new(&SessionOptions::default().with_pending_streams(streams).with_pending_packets(packets), 1)
}

fn start() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    Instant::now()
}

const NEW: Held = Held { offer: true, dropped: 0, unproven: 0, rejected: 0 };

const fn dropped(dropped: usize) -> Held {
    Held { offer: false, dropped, unproven: 0, rejected: 0 }
}

/// The sequence number of the packet that is offered, with its ticket.
fn offered(next: Next) -> Option<(u16, Ticket)> {
    match next {
        Next::Now(packet, ticket) => Some((packet.sequence_number(), ticket)),
        Next::Later(_) | Next::None => None,
    }
}

#[test]
fn offers_each_ssrc_once_and_keeps_its_newest_packets() {
    let (mut pending, now) = (pending(4, 2), start());
    assert_eq!(pending.hold(packet(1, 10), start()), NEW);
    assert_eq!(pending.hold(packet(1, 11), start()), dropped(0));
    assert_eq!(offered(pending.offer(now)).map(|(seq, _)| seq), Some(10));
    assert!(matches!(pending.offer(now), Next::None));
    assert_eq!(pending.hold(packet(1, 12), start()), dropped(1));
    assert_eq!(seqs(&pending.adopt(&[1])), [11, 12]);
    assert!(pending.adopt(&[1]).is_empty());
}

#[test]
fn an_ignored_ssrc_is_not_offered_again_and_all_its_packets_are_counted() {
    let mut pending = pending(4, 2);
    pending.hold(packet(1, 10), start());
    assert_eq!((pending.ignore(1), pending.ignore(2)), (1, 0));
    let rejected = Held { rejected: 1, ..Held::default() };
    assert_eq!(
        (pending.hold(packet(1, 11), start()), pending.hold(packet(2, 1), start())),
        (rejected, rejected)
    );
    assert!(matches!(pending.offer(start()), Next::None));
    // Bound and unbound again, it is wanted as before.
    pending.adopt(&[1]);
    assert_eq!(pending.hold(packet(1, 11), start()), NEW);
}

#[test]
fn what_is_given_back_is_offered_again_when_it_goes_on_but_not_at_once() {
    let (mut pending, now) = (pending(4, 8), start());
    let again = now + SessionOptions::default().offer_again_after;
    pending.hold(packet(1, 10), start());
    let (_, ticket) = offered(pending.offer(now)).unwrap();
    pending.give_back(ticket, now);
    assert!(matches!(pending.offer(again), Next::None), "it is silent");
    assert_eq!(
        (pending.hold(packet(1, 11), start()), pending.hold(packet(1, 12), start())),
        (NEW, dropped(0))
    );
    assert!(matches!(pending.offer(now), Next::Later(at) if at == again));
    assert_eq!(offered(pending.offer(again)).map(|(seq, _)| seq), Some(10), "what was kept is there still");
    assert_eq!(seqs(&pending.adopt(&[1])), [10, 11, 12]);
}

#[test]
fn who_was_forgotten_meanwhile_is_not_given_back_for_somebody_else() {
    let (mut pending, now) = (pending(1, 8), start());
    pending.hold(packet(1, 10), start());
    let (_, old) = offered(pending.offer(now)).unwrap();
    pending.hold(packet(2, 20), start());
    pending.hold(packet(1, 11), start());
    let (_, new) = offered(pending.offer(now)).unwrap();
    pending.give_back(old, now);
    pending.hold(packet(1, 12), start());
    assert!(matches!(pending.offer(now), Next::None), "the newer one is held still");
    pending.give_back(new, now);
    pending.hold(packet(1, 13), start());
    assert!(matches!(pending.offer(now), Next::Later(_)));
}

#[test]
fn the_one_silent_longest_makes_room() {
    let mut pending = pending(2, 8);
    pending.hold(packet(1, 10), start());
    pending.hold(packet(2, 20), start());
    pending.hold(packet(1, 11), start());
    assert_eq!(pending.hold(packet(3, 30), start()), Held { dropped: 1, ..NEW });
    assert!(pending.adopt(&[2]).is_empty());
    assert_eq!(seqs(&pending.adopt(&[1])), [10, 11]);
}

#[test]
fn ten_thousand_ssrcs_take_no_more_than_the_limit() {
    let mut pending = pending(16, 8);
    for ssrc in 0..10_000 {
        pending.hold(packet(ssrc, 0), start());
        pending.ignore(20_000 + ssrc);
    }
    assert_eq!(pending.entries.len(), 16);
}

#[test]
fn ignoring_many_makes_no_kept_packet_go() {
    let mut pending = pending(2, 8);
    pending.hold(packet(1, 10), start());
    assert_eq!((100..200).map(|ssrc| pending.ignore(ssrc)).sum::<usize>(), 0);
    assert_eq!(seqs(&pending.adopt(&[1])), [10]);
}

#[test]
fn none_are_kept_when_switched_off() {
    let mut pending = pending(0, 8);
    assert_eq!(pending.hold(packet(1, 0), start()), dropped(1));
    pending.ignore(1);
    assert_eq!(pending.hold(packet(1, 0), start()), dropped(1));
    assert!(pending.entries.is_empty());
}

/// 100 000 bytes an SSRC, 250 000 in all.
fn small() -> Pending {
    let options = SessionOptions::default().with_pending_bytes(100_000).with_pending_total_bytes(250_000);
    Pending::new(&options, 1)
}

#[test]
fn large_packets_push_out_the_oldest_of_their_ssrc() {
    let mut pending = small();
    for seq in 0..3 {
        assert_eq!(pending.hold(sized(1, seq, 30_000), start()).dropped, 0);
    }
    assert_eq!(pending.hold(sized(1, 3, 60_000), start()).dropped, 2);
    assert_eq!(pending.hold(sized(1, 4, 100_000), start()).dropped, 1, "larger than all that is kept of one");
    assert_eq!(seqs(&pending.adopt(&[1])), [2, 3]);
    assert_eq!(pending.hold(sized(9, 0, 100_000), start()), dropped(1));
    assert!(matches!(pending.offer(start()), Next::None), "nothing is kept of it");
}

#[test]
fn the_largest_ssrc_makes_room_for_others() {
    let mut pending = small();
    pending.hold(sized(1, 0, 500), start());
    for ssrc in [2, 3] {
        (0..3).for_each(|seq| assert_eq!(pending.hold(sized(ssrc, seq, 33_000), start()).dropped, 0));
    }
    assert_eq!(pending.hold(sized(4, 0, 60_000), start()), Held { dropped: 1, ..NEW });
    assert_eq!(seqs(&pending.adopt(&[1, 4])), [0, 0]);
    assert_eq!(pending.adopt(&[2, 3]).len(), 5);
    assert_eq!(pending.bytes, 0);
}

#[test]
fn an_ssrc_of_which_nothing_is_left_is_forgotten_unless_it_is_held() {
    let now = start();
    let options = SessionOptions::default().with_pending_bytes(65_536).with_pending_total_bytes(65_536);
    let mut pending = Pending::new(&options, 1);
    pending.hold(sized(1, 0, 60_000), start());
    assert_eq!(pending.hold(sized(2, 0, 60_000), start()).dropped, 1);
    let (seq, ticket) = offered(pending.offer(now)).unwrap();
    assert_eq!((seq, pending.entries.len()), (0, 1));
    pending.hold(sized(3, 0, 60_000), start());
    assert_eq!(pending.entries.len(), 2, "2 is held");
    pending.give_back(ticket, now);
    assert_eq!(pending.entries.len(), 1);
}

/// What may happen to a `Pending`.
#[derive(Clone, Copy, Debug)]
enum Step {
    Hold { ssrc: u32, payload: usize },
    Offer,
    GiveBack(usize),
    Ignore(u32),
    Adopt(u32),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let ssrc = 0..6_u32;
    prop_oneof![
        8 => (ssrc.clone(), 0..70_000_usize).prop_map(|(ssrc, payload)| Step::Hold { ssrc, payload }),
        2 => Just(Step::Offer),
        1 => (0..8_usize).prop_map(Step::GiveBack),
        1 => ssrc.clone().prop_map(Step::Ignore),
        1 => ssrc.prop_map(Step::Adopt),
        1 => (0..300_u64).prop_map(Step::Wait),
    ]
}

proptest! {
    /// Every packet is kept, adopted or counted, and no bound is ever passed.
    #[test]
    fn the_books_close(steps in prop::collection::vec(step(), 0..200)) {
        let options = SessionOptions::default()
            .with_pending_streams(4)
            .with_pending_packets(3)
            .with_pending_bytes(80_000)
            .with_pending_total_bytes(150_000);
        let (mut pending, mut now, mut tickets) = (Pending::new(&options, 1), start(), Vec::new());
        let (mut came, mut gone) = (0, 0);
        for step in steps {
            match step {
                Step::Hold { ssrc, payload } => {
                    came += 1;
                    let held = pending.hold(sized(ssrc, came as u16, payload), start());
                    gone += held.dropped + held.rejected;
                }
                Step::Offer => tickets.extend(offered(pending.offer(now)).map(|(_, ticket)| ticket)),
                Step::GiveBack(at) if !tickets.is_empty() => {
                    pending.give_back(tickets[at % tickets.len()], now);
                }
                Step::GiveBack(_) => {}
                Step::Ignore(ssrc) => gone += pending.ignore(ssrc),
                Step::Adopt(ssrc) => gone += pending.adopt(&[ssrc]).len(),
                Step::Wait(millis) => now += Duration::from_millis(millis),
            }
            let kept: usize = pending.entries.iter().map(|entry| entry.packets.len()).sum();
            prop_assert_eq!(came, kept + gone);
            prop_assert!(pending.entries.len() <= 4);
            for entry in &pending.entries {
                let bytes: usize = entry.packets.iter().map(RtpPacket::total_len).sum();
                prop_assert_eq!(bytes, entry.bytes);
                prop_assert!(entry.packets.len() <= 3 && bytes <= 80_000);
            }
            let bytes: usize = pending.entries.iter().map(|entry| entry.bytes).sum();
            prop_assert_eq!(bytes, pending.bytes);
            prop_assert!(bytes <= 150_000);
        }
        gone += pending.clear();
        prop_assert_eq!(came, gone);
    }
}
