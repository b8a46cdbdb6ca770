//! What a peer may send: it costs little, takes no memory to speak of, and brings nothing back that was not lost.

use std::time::Duration;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_packet::fec::{Mask, Pattern, RecoveryFields, Span};
use interceptor_parity::{Arrived, Decoded, DecoderLimits, Repair, Scope};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::kit::{SSRC, decoder, give, masked, media, recovered, repair_of, stamped};

fn plain(seq: u16, len: usize) -> RtpPacket {
    RtpPacket::builder().ssrc(SSRC).sequence_number(seq).payload(vec![1; len]).build().unwrap()
}

fn nonsense(len: usize) -> Repair {
    Repair { fields: RecoveryFields::default(), body: Bytes::from(vec![7; len]), scope: Scope::Packet }
}

#[test]
fn a_repair_that_contradicts_what_has_come_is_dropped() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let packets: Vec<RtpPacket> = (0..3).map(|seq| media(seq, &mut rng)).collect();
    let right = repair_of(&packets, Scope::Packet);
    let mut long = right.clone();
    long.fields.length ^= 0x4000;
    let mut does_not_cancel = right.clone();
    does_not_cancel.body = [&right.body[..], &[1]].concat().into();
    let mut short = right.clone();
    short.body.truncate(3);
    let mut unparsable = right.clone();
    // More CSRCs than there are bytes.
    unparsable.fields.first[0] |= 0x0f;
    unparsable.fields.length =
        packets.iter().map(|packet| packet.total_len() as u16 - 12).fold(0, |sum, len| sum ^ len);
    for (at, wrong) in [long, does_not_cancel, short, unparsable].into_iter().enumerate() {
        let mut decoder = decoder(DecoderLimits::default());
        decoder.media(&stamped(&packets[0]), Duration::ZERO);
        decoder.media(&stamped(&packets[2]), Duration::ZERO);
        if at == 3 && packets[1].total_len() > 12 + 60 {
            continue;
        }
        assert_eq!(give(&mut decoder, wrong, masked(0, &[0, 1, 2])), Decoded::Useless, "{at}");
        assert_eq!((decoder.tally().inconsistent, recovered(&mut decoder).len()), (1, 0), "{at}");
    }
}

#[test]
fn what_is_out_of_reach_never_waits() {
    let mut decoder = decoder(DecoderLimits::default());
    for seq in 0..600 {
        decoder.media(&plain(seq, 10), Duration::ZERO);
    }
    for span in [
        masked(599_u16.wrapping_add(32_768), &[0, 1]),
        masked(599 - 512, &[0, 5]),
        masked(599 + 257, &[0, 1]),
        Span { base: 500, pattern: Pattern::Column { columns: 255, rows: 255 } },
    ] {
        assert_eq!(give(&mut decoder, nonsense(20), span), Decoded::Refused, "{span:?}");
    }
    assert_eq!((decoder.tally().expired, decoder.waiting().0), (4, 0));
    let twice = [(SSRC, masked(610, &[0])), (SSRC, masked(620, &[0]))];
    assert_eq!(decoder.repair(nonsense(20), &twice, Duration::ZERO), Decoded::Refused);
    assert_eq!(decoder.repair(nonsense(20), &[], Duration::ZERO), Decoded::Refused);
    assert_eq!(give(&mut decoder, nonsense(20), masked(610, &[])), Decoded::Refused);
    assert_eq!(decoder.tally().malformed, 3);
}

#[test]
fn repairs_that_wait_are_bounded_in_number_and_in_bytes() {
    let limits = DecoderLimits::default();
    for body in [20, 60_000] {
        let mut decoder = decoder(limits);
        decoder.media(&plain(0, 10), Duration::ZERO);
        for number in 0..65_535_u32 {
            let first = (number % 200) as u16 + 1;
            let mut repair = nonsense(if body > 100 && number % 64 > 0 { 20 } else { body });
            repair.fields.timestamp = number;
            give(&mut decoder, repair, masked(first, &[0, 7]));
            let (repairs, bytes) = decoder.waiting();
            assert!(repairs <= limits.repairs && bytes <= limits.repair_bytes, "{repairs} {bytes}");
        }
        let tally = *decoder.tally();
        let waiting = decoder.waiting().0 as u64;
        assert_eq!(tally.used + tally.discarded() + waiting, 65_535);
        assert!(recovered(&mut decoder).len() as u64 <= tally.used);
    }
}

#[test]
fn packets_are_bounded_in_bytes() {
    let limits = DecoderLimits::default().with_packet_bytes(10_000);
    let mut decoder = decoder(limits);
    for seq in 0..2000_u16 {
        // Every other one comes late.
        let seq = 65_000_u16.wrapping_add(seq ^ 1);
        decoder.media(&plain(seq, 1000), Duration::ZERO);
        assert!(decoder.packet_bytes() <= 10_000);
    }
    // Nine are left, a repair of more is refused: what has come is not missing.
    let newest = 65_000_u16.wrapping_add(1999);
    let span = masked(newest.wrapping_sub(12), &[0, 13, 14]);
    assert_eq!(give(&mut decoder, nonsense(1000), span), Decoded::Refused);
    let span = masked(newest.wrapping_sub(3), &[0, 4, 5]);
    assert_eq!(give(&mut decoder, nonsense(1000), span), Decoded::Waits);
    // And one of which a packet goes while it waits expires rather than be solved without it.
    for ahead in [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] {
        decoder.media(&plain(newest.wrapping_add(ahead), 1000), Duration::ZERO);
    }
    decoder.media(&plain(newest.wrapping_add(1), 1000), Duration::ZERO);
    assert_eq!((recovered(&mut decoder).len(), decoder.tally().expired), (0, 2));
}

#[test]
fn repairs_expire() {
    let mut decoder = decoder(DecoderLimits::default());
    let at = Duration::from_millis;
    decoder.media(&plain(0, 10), at(0));
    decoder.repair(nonsense(20), &[(SSRC, masked(1, &[0, 1]))], at(10));
    decoder.media(&plain(5, 10), at(1010));
    assert_eq!(decoder.waiting().0, 1);
    decoder.set_wait(at(200));
    decoder.media(&plain(6, 10), at(1011));
    assert_eq!((decoder.waiting(), decoder.tally().expired), ((0, 0), 1));
}

#[test]
fn a_sender_that_begins_anew_makes_everything_old_forgotten() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut decoder = decoder(DecoderLimits::default());
    for seq in 0..10 {
        decoder.media(&plain(seq, 10), Duration::ZERO);
    }
    give(&mut decoder, nonsense(20), masked(9, &[0, 1, 2]));
    // Far away, and two in sequence: only a restart explains that.
    let packets: Vec<RtpPacket> = (0..6).map(|offset| media(40_000 + offset, &mut rng)).collect();
    let mut kept = 0;
    for packet in packets.iter().filter(|packet| packet.sequence_number() != 40_004) {
        kept += usize::from(decoder.media(&stamped(packet), Duration::from_secs(9)) == Arrived::Kept);
    }
    assert_eq!((decoder.waiting().0, decoder.tally().expired), (0, 1));
    assert!(kept >= 4, "{kept}");
    give(&mut decoder, repair_of(&packets[2..], Scope::Packet), masked(40_002, &[0, 1, 2, 3]));
    assert_eq!(recovered(&mut decoder), packets[4..5]);
}

#[test]
fn what_showed_that_a_sender_has_begun_anew_does_not_come_twice() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut decoder = decoder(DecoderLimits::default());
    for seq in 0..10 {
        decoder.media(&plain(seq, 10), Duration::ZERO);
    }
    let packets: Vec<RtpPacket> = (0..6).map(|offset| media(40_000 + offset, &mut rng)).collect();
    let at = Duration::from_secs(9);
    assert_eq!(decoder.media(&stamped(&packets[0]), at), Arrived::Left, "it goes on all the same");
    for packet in &packets[1..3] {
        assert_eq!(decoder.media(&stamped(packet), at), Arrived::Kept);
    }
    give(&mut decoder, repair_of(&packets[..3], Scope::Packet), masked(40_000, &[0, 1, 2]));
    assert_eq!((recovered(&mut decoder).len(), decoder.tally().expired), (0, 1));
    // What is lost from there on comes back.
    give(&mut decoder, repair_of(&packets[1..4], Scope::Packet), masked(40_001, &[0, 1, 2]));
    assert_eq!(recovered(&mut decoder), packets[3..4]);
}

#[test]
fn nothing_panics_and_what_comes_back_was_missing() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    for round in 0..200 {
        let limits = DecoderLimits::default().with_packets(64 << (round % 7)).with_packet_bytes(20_000);
        let mut decoder = decoder(limits);
        let mut base: u16 = rng.random();
        let mut given = 0;
        for _ in 0..400 {
            let seq = base.wrapping_add(rng.random_range(0..40));
            if rng.random_bool(0.6) {
                decoder.media(&media(seq, &mut rng), Duration::ZERO);
            } else {
                let pattern = match rng.random_range(0..3) {
                    0 => Pattern::Row { columns: rng.random_range(0..20), grid: false },
                    1 => Pattern::Column { columns: rng.random_range(0..20), rows: rng.random_range(0..20) },
                    _ => Pattern::Mask(Mask::from_iter(
                        (0..rng.random_range(0..9)).map(|_| rng.random_range(0..30)),
                    )),
                };
                let fields = RecoveryFields {
                    first: rng.random(),
                    length: rng.random_range(0..40),
                    timestamp: rng.random(),
                };
                let scope = [Scope::Packet, Scope::Prefix, Scope::Payload][round % 3];
                let body = Bytes::from(vec![0; rng.random_range(0..40)]);
                give(&mut decoder, Repair { fields, body, scope }, Span { base: seq, pattern });
                given += 1;
            }
            let mut seen: Vec<u16> = recovered(&mut decoder).iter().map(RtpPacket::sequence_number).collect();
            let count = seen.len();
            seen.dedup();
            assert_eq!(seen.len(), count);
            if rng.random_bool(0.02) {
                base = rng.random();
            }
        }
        let tally = *decoder.tally();
        assert_eq!(tally.used + tally.discarded() + decoder.waiting().0 as u64, given);
    }
}
