//! Tests of probation: who is proven, and who gets a place while SSRCs are made up.

use std::time::{Duration, Instant};

use interceptor_packet::RtpPacket;
use proptest::prelude::*;

use super::{Next, Pending};
use crate::options::SessionOptions;

fn sized(ssrc: u32, seq: u16, payload: usize) -> RtpPacket {
    RtpPacket::builder().ssrc(ssrc).sequence_number(seq).payload(vec![0; payload]).build().unwrap()
}

fn start() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any instant will do")]
    Instant::now()
}

fn options() -> SessionOptions {
    SessionOptions::default().with_probation_packets(2)
}

/// What becomes of these numbers of one SSRC: the one with which it is offered.
fn proven_by(packets: u16, seqs: &[u16]) -> Option<usize> {
    let mut pending = Pending::new(&options().with_probation_packets(packets), 1);
    seqs.iter().position(|seq| pending.hold(sized(1, *seq, 10), start()).offer)
}

#[test]
fn packets_in_sequence_prove_an_ssrc() {
    assert_eq!(proven_by(2, &[7, 8]), Some(1));
    assert_eq!(proven_by(2, &[65_535, 0]), Some(1), "over the wrap");
    assert_eq!(proven_by(2, &[7, 9, 11, 13]), None, "gaps prove nothing");
    assert_eq!(proven_by(2, &[7, 7, 7]), None, "nor do copies");
    assert_eq!(proven_by(2, &[7, 7, 8]), Some(2), "but they spoil nothing");
    assert_eq!(proven_by(2, &[7, 6, 8, 9]), Some(3), "after reordering it begins anew");
    assert_eq!(proven_by(4, &[7, 8, 9, 20, 21, 22, 23]), Some(6));
    assert_eq!(proven_by(1, &[7]), Some(0), "switched off");
}

#[test]
fn a_proven_ssrc_has_all_its_packets() {
    let mut pending = Pending::new(&options(), 1);
    for (at, seq) in [3_u16, 9, 5, 6].into_iter().enumerate() {
        assert_eq!(pending.hold(sized(1, seq, 10), start()).offer, at == 3);
    }
    assert!(matches!(pending.offer(start()), Next::Now(first, _) if first.sequence_number() == 3));
    let seqs: Vec<u16> = pending.adopt(&[1]).iter().map(RtpPacket::sequence_number).collect();
    assert_eq!((seqs, pending.len(), pending.bytes), (vec![3, 9, 5, 6], 0, 0));
}

#[test]
fn a_stream_that_is_bound_has_what_came_on_probation_as_well() {
    let mut pending = Pending::new(&options(), 1);
    pending.hold(sized(1, 3, 10), start());
    assert_eq!((pending.adopt(&[1]).len(), pending.len()), (1, 0));
    pending.hold(sized(1, 3, 10), start());
    assert_eq!((pending.ignore(1), pending.len()), (1, 0));
}

/// New SSRCs at a rate, `each` packets in sequence of every one, beside a stream of one packet each 20 ms; how long until
/// that is offered, if it is within `limit`.
fn offered_beside_a_flood(a_second: u32, each: u16, limit: Duration) -> Option<Duration> {
    let options = options().with_pending_streams(64);
    let (mut pending, start) = (Pending::new(&options, 7), start());
    let (mut kept, mut counted, mut came) = (0, 0, 0);
    let pause = Duration::from_secs(1) / a_second;
    let (mut now, mut next, mut seq) = (start, start, 0);
    for ssrc in 1.. {
        now += pause;
        if now >= start + limit {
            break;
        }
        for number in 0..each {
            let held = pending.hold(sized(ssrc, number, 100), now);
            (came, counted) = (came + 1, counted + held.dropped + held.unproven);
        }
        if now >= next {
            seq += 1;
            next += Duration::from_millis(20);
            let held = pending.hold(sized(0, seq, 100), now);
            (came, counted) = (came + 1, counted + held.dropped + held.unproven);
        }
        assert!(pending.candidates.packets() <= 1024 * 64 && pending.entries.len() <= 64);
        kept = pending.len();
        // Whoever accepts looks at 64 of them a second, and forgets all but the stream's.
        while let Next::Now(packet, ticket) = pending.offer(now) {
            if packet.ssrc() == 0 {
                assert_eq!(came, kept + counted);
                return Some(now - start);
            }
            pending.give_back(ticket, now);
        }
    }
    assert_eq!(came, kept + counted);
    None
}

#[test]
fn a_stream_is_offered_beside_a_flood_of_made_up_ssrcs() {
    let second = Duration::from_secs(1);
    for (a_second, each, limit) in [(300, 1, second), (30_000, 1, 3 * second), (5000, 2, 3 * second)] {
        let offered = offered_beside_a_flood(a_second, each, limit);
        assert!(offered.is_some(), "{a_second} of {each} packets");
    }
}

/// An application without room, and SSRCs of `each` packets at once beside a stream of one packet each 20 ms, for three
/// seconds: offers of made-up SSRCs, and of the stream.
fn offers_without_room(a_second: u32, each: u16) -> (usize, usize) {
    let (mut pending, start) = (Pending::new(&options().with_pending_streams(64), 7), start());
    let (mut made_up, mut real, mut seq) = (0, 0, 0);
    for ssrc in 1..3 * a_second {
        let now = start + Duration::from_secs(1) / a_second * ssrc;
        (0..each).for_each(|number| _ = pending.hold(sized(ssrc, number, 100), now));
        if ssrc % (a_second / 50) == 0 {
            seq += 1;
            pending.hold(sized(0, seq, 100), now);
        }
        while let Next::Now(packet, ticket) = pending.offer(now) {
            *(if packet.ssrc() == 0 { &mut real } else { &mut made_up }) += 1;
            pending.give_back(ticket, now);
        }
    }
    (made_up, real)
}

#[test]
fn a_stream_that_goes_on_is_offered_again_beside_made_up_ones_while_there_is_no_room() {
    for (a_second, each) in [(5000, 2), (15_000, 2), (10_000, 3), (3000, 10)] {
        let (made_up, real) = offers_without_room(a_second, each);
        // Five times a second, once it has a place on probation.
        assert!(real >= 5, "{a_second} of {each}: {real} of the stream, {made_up} made up");
        assert!(made_up <= 64, "{a_second} of {each}: {made_up} made up");
    }
}

#[test]
fn who_comes_when_there_is_room_again_need_not_go_on() {
    let (mut pending, start) = (Pending::new(&options(), 1), start());
    let at = |ms| start + Duration::from_millis(ms);
    (0..2).for_each(|seq| _ = pending.hold(sized(1, seq, 10), at(0)));
    let Next::Now(_, ticket) = pending.offer(at(0)) else { panic!("not offered") };
    pending.give_back(ticket, at(0));
    assert!(!(0..5).any(|seq| pending.hold(sized(2, seq, 10), at(900 + u64::from(seq))).offer));
    assert!(
        pending.hold(sized(2, 5, 10), at(1000)).offer,
        "it has gone on for 100 ms, and nobody is given back"
    );
    assert!((0..2).any(|seq| pending.hold(sized(3, seq, 10), at(1000)).offer));
    assert_eq!(pending.adopt(&[2]).len(), 6, "nothing of it is lost");
}

#[test]
fn a_place_on_probation_is_kept_for_half_a_second() {
    let (mut pending, start) = (Pending::new(&options().with_probation_streams(2), 1), start());
    let at = |ms| start + Duration::from_millis(ms);
    assert_eq!(pending.hold(sized(1, 0, 10), at(0)).unproven, 0);
    assert_eq!(pending.hold(sized(2, 0, 10), at(100)).unproven, 0);
    for ssrc in 3..1000 {
        assert_eq!(pending.hold(sized(ssrc, 0, 10), at(499)).unproven, 1, "it is refused");
    }
    // One in two is asked whether it has had its time, which one of them has.
    (2000..2064).for_each(|ssrc| _ = pending.hold(sized(ssrc, 0, 10), at(500)));
    assert_eq!((pending.len(), pending.adopt(&[1]).len()), (2, 0));
    assert!(pending.hold(sized(2, 1, 10), at(599)).offer, "the other has not");
}

#[test]
fn giants_on_probation_are_kept_up_to_the_cap_and_push_nothing_proven_out() {
    let mut pending =
        Pending::new(&options().with_pending_bytes(200_000).with_pending_total_bytes(300_000), 1);
    for seq in 0..3 {
        assert_eq!(pending.hold(sized(1, seq, 60_000), start()).dropped, 0);
    }
    for ssrc in 2..100 {
        pending.hold(sized(ssrc, 0, 60_000), start());
        assert!(pending.bytes + pending.candidates.bytes() <= 300_000);
    }
    assert_eq!(pending.candidates.packets(), 1);
    assert!(pending.hold(sized(50, 1, 60_000), start()).offer, "its first is gone, its place is not");
    assert_eq!((pending.adopt(&[1]).len(), pending.adopt(&[50]).len()), (3, 1));
}

#[test]
fn what_a_flood_has_taken_is_given_back() {
    let mut pending = Pending::new(&options(), 1);
    (0..2000).for_each(|ssrc| _ = pending.hold(sized(ssrc, 0, 10), start()));
    assert_eq!(pending.candidates.packets(), 1024);
    (0..2000).for_each(|ssrc| _ = pending.ignore(ssrc));
    assert_eq!((pending.len(), pending.candidates.bytes()), (0, 0));
}

proptest! {
    /// Every packet is kept, adopted or counted, and no bound is ever passed.
    #[test]
    fn the_books_close(steps in prop::collection::vec((0..40_u32, 0..4_u16, 0..70_000_usize, 0..9_u8), 0..300)) {
        let options = options()
            .with_probation_streams(5)
            .with_pending_streams(3)
            .with_pending_packets(3)
            .with_pending_bytes(80_000)
            .with_pending_total_bytes(150_000);
        let (mut pending, mut now) = (Pending::new(&options, 9), start());
        let (mut came, mut gone) = (0, 0);
        for (ssrc, seq, payload, what) in steps {
            match what {
                0 => gone += pending.adopt(&[ssrc]).len(),
                1 => gone += pending.ignore(ssrc),
                2 => now += Duration::from_millis(200),
                3 => if let Next::Now(_, ticket) = pending.offer(now) { pending.give_back(ticket, now) },
                _ => {
                    came += 1;
                    let held = pending.hold(sized(ssrc % 12, seq, payload), now);
                    gone += held.dropped + held.unproven + held.rejected;
                }
            }
            prop_assert_eq!(came, pending.len() + gone);
            let bytes: usize = pending.entries.iter().map(|entry| entry.bytes).sum();
            prop_assert_eq!(bytes, pending.bytes);
            prop_assert!(bytes + pending.candidates.bytes() <= 150_000 && pending.candidates.bytes() <= 80_000);
            prop_assert!(pending.entries.len() <= 3 && pending.candidates.packets() <= 5 * 3);
        }
        gone += pending.clear();
        prop_assert_eq!((came, pending.len()), (gone, 0));
    }
}
