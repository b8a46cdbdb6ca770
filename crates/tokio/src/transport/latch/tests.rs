//! Tests of who becomes the peer.

use super::*;

fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, host], port))
}

fn rtp(ssrc: u32, seq: u16) -> Vec<u8> {
    let mut packet = vec![0x80, 96];
    packet.extend(seq.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc.to_be_bytes());
    packet
}

const REPORT: [u8; 8] = [0x80, 201, 0, 1, 0, 0, 0, 9];

#[expect(clippy::disallowed_methods, reason = "any instant will do")]
fn start() -> Instant {
    Instant::now()
}

/// Two packets in sequence: is their sender the peer then?
fn latches(latch: &Latch, from: SocketAddr, now: Instant) -> bool {
    let first = rtp(7, 100);
    latch.hear(from, &first, now);
    matches!(latch.hear(from, &rtp(7, 101), now), Verdict::TakenAfter(kept, _) if kept == first)
}

#[test]
fn rtp_in_sequence_latches_and_nothing_else() {
    let (latch, now) = (Latch::new(LatchOptions::default()), start());
    for _ in 0..100 {
        assert_eq!(latch.hear(at(9, 1), &REPORT, now), Verdict::Rejected);
        assert_eq!(latch.hear(at(9, 1), b"scan", now), Verdict::Rejected);
    }
    assert_eq!(latch.hear(at(9, 1), &rtp(7, 5), now), Verdict::Kept(0));
    assert_eq!(latch.hear(at(9, 1), &rtp(7, 7), now), Verdict::Kept(1), "the newest is kept");
    assert_eq!(latch.hear(at(9, 2), &rtp(7, 8), now), Verdict::Kept(0), "another port is somebody else");
    assert_eq!(latch.peer_addr(), None);
    let first = rtp(3, 65_535);
    assert_eq!(latch.hear(at(1, 10), &first, now), Verdict::Kept(0));
    assert_eq!(latch.hear(at(1, 10), &rtp(3, 0), now), Verdict::TakenAfter(first.into(), 2));
    assert_eq!(latch.peer_addr(), Some(at(1, 10)));
    assert_eq!(latch.hear(at(1, 10), &REPORT, now), Verdict::Taken);
    assert!(!latches(&latch, at(9, 1), now + Duration::from_secs(36_000)), "it is for good");
}

#[test]
fn a_silent_peer_makes_room_where_that_is_wanted() {
    let options = LatchOptions::default().with_relatch_after(Duration::from_secs(5));
    let (latch, start) = (Latch::new(options), start());
    let after = |ms| start + Duration::from_millis(ms);
    assert!(latches(&latch, at(1, 10), start));
    assert_eq!(latch.hear(at(1, 10), &REPORT, after(3000)), Verdict::Taken);
    assert!(!latches(&latch, at(2, 20), after(7999)));
    assert!(latches(&latch, at(2, 20), after(8000)));
    assert_eq!(latch.hear(at(1, 10), &REPORT, after(8000)), Verdict::Rejected);
}

#[test]
fn a_peer_is_let_go_of_by_hand() {
    let (latch, now) = (Latch::new(LatchOptions::default()), start());
    assert!(latches(&latch, at(1, 10), now) && !latches(&latch, at(1, 11), now));
    latch.clone().relatch();
    assert_eq!(latch.peer_addr(), None);
    assert!(latches(&latch, at(1, 11), now));
}

#[test]
fn only_the_host_that_is_expected_is_believed() {
    let options = LatchOptions::default().with_host(at(1, 0).ip());
    let (latch, now) = (Latch::new(options), start());
    assert!(!latches(&latch, at(2, 10), now));
    assert!(latches(&latch, at(1, 10), now));
}

#[test]
fn made_up_addresses_and_giants_keep_nobody_out_and_are_bounded() {
    let (latch, mut now) = (Latch::new(LatchOptions::default()), start());
    let mut stranger = 0_u32;
    for seq in 0..1000 {
        for _ in 0..100 {
            stranger += 1;
            now += Duration::from_millis(1);
            let giant = [rtp(stranger, 1), vec![0; 60_000]].concat();
            latch.hear(SocketAddr::from((stranger.to_be_bytes(), 5)), &giant, now);
        }
        if matches!(latch.hear(at(1, 10), &rtp(7, seq), now), Verdict::TakenAfter(..)) {
            assert!(stranger > 64);
            return;
        }
        let state = latch.state.lock();
        let bytes: usize = state.claims.iter().map(|claim| claim.first.len()).sum();
        assert!(bytes == state.held_bytes && bytes <= MAX_HELD_BYTES && state.claims.len() <= MAX_CLAIMS);
    }
    panic!("it is not the peer after 100 s");
}

#[test]
fn who_claimed_the_place_of_a_peer_that_comes_back_begins_anew() {
    let options = LatchOptions::default().with_relatch_after(Duration::from_secs(5));
    let (latch, start) = (Latch::new(options), start());
    let after = |seconds| start + Duration::from_secs(seconds);
    assert!(latches(&latch, at(1, 10), start));
    for host in 2..5 {
        assert_eq!(latch.hear(at(host, 20), &rtp(9, 500), after(6)), Verdict::Kept(0));
    }
    // It was there after all: the three are nobody's.
    assert_eq!(latch.hear(at(1, 10), &REPORT, after(7)), Verdict::TakenAfter(Bytes::new(), 3));
    assert_eq!(latch.hear(at(1, 10), &REPORT, after(7)), Verdict::Taken);
    assert_eq!(latch.hear(at(2, 20), &rtp(9, 501), after(3600)), Verdict::Kept(0), "one packet is no proof");
    assert_eq!(latch.peer_addr(), Some(at(1, 10)));
}

#[test]
fn who_is_named_is_the_peer_and_nobody_takes_its_place() {
    let (latch, now) = (Latch::new(LatchOptions::default().with_host(at(7, 0).ip())), start());
    latch.set_peer(at(1, 10)).unwrap();
    assert_eq!(
        latch.hear(at(1, 10), &REPORT, now),
        Verdict::Taken,
        "the host that is expected does not bind it"
    );
    assert!(!latches(&latch, at(7, 10), now));
    latch.set_peer(at(2, 20)).unwrap();
    assert_eq!(latch.hear(at(1, 10), &REPORT, now), Verdict::Rejected);
    assert_eq!(latch.peer_addr(), Some(at(2, 20)));
}

#[test]
fn handshakes_of_strangers_pass_if_their_host_may() {
    let (latch, now) = (Latch::new(LatchOptions::default().with_host(at(1, 0).ip())), start());
    for first in 0..=255 {
        let expected = match first {
            0..=3 | 16..=79 => Verdict::Stranger,
            _ => Verdict::Rejected,
        };
        assert_eq!(latch.hear(at(1, 10), &[first, 1], now), expected);
        assert_eq!(latch.hear(at(2, 10), &[first, 1], now), Verdict::Rejected);
    }
    assert_eq!(latch.hear(at(1, 10), &[], now), Verdict::Rejected);
}

#[test]
fn where_the_peer_is_told_nobody_becomes_it_by_sending() {
    let (latch, now) = (Latch::new(LatchOptions::default().with_told(true)), start());
    assert!(!latches(&latch, at(1, 10), now));
    assert_eq!(latch.hear_member(at(1, 10), &rtp(7, 1), now), Verdict::Rejected);
    assert_eq!(latch.peer_addr(), None);
}

#[test]
fn one_datagram_of_a_member_makes_it_the_peer_where_the_options_let_it() {
    let host = at(1, 0).ip();
    let options = LatchOptions::default().with_host(host).with_relatch_after(Duration::from_secs(5));
    let (latch, start) = (Latch::new(options), start());
    let after = |seconds| start + Duration::from_secs(seconds);
    assert_eq!(latch.hear_member(at(2, 10), &REPORT, start), Verdict::Rejected, "another host");
    assert_eq!(latch.hear_member(at(1, 10), &REPORT, start), Verdict::Taken);
    assert_eq!(latch.hear_member(at(1, 11), &REPORT, after(4)), Verdict::Rejected);
    assert_eq!(latch.hear_member(at(1, 11), &[22, 1], after(4)), Verdict::Stranger);
    assert_eq!(latch.hear_member(at(1, 11), &REPORT, after(5)), Verdict::Taken, "the peer was silent");
    assert_eq!(latch.peer_addr(), Some(at(1, 11)));
}
