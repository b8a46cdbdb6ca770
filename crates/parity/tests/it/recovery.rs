//! What comes back, in which order, and how often.

use std::time::Duration;

use interceptor_packet::fec::{Pattern, Span};
use interceptor_packet::{Origin, Recovery, RtpPacket};
use interceptor_parity::{Arrived, Decoded, DecoderLimits, Scope, Zeroing};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::kit::{MEDIA, SSRC, decoder, give, masked, media, packet, recovered, repair_of, stamped};

fn block(base: u16, len: u16) -> Vec<RtpPacket> {
    let mut rng = ChaCha8Rng::seed_from_u64(base.into());
    (0..len).map(|offset| media(base.wrapping_add(offset), &mut rng)).collect()
}

#[test]
fn each_packet_of_the_vectors_comes_back() {
    let all = MEDIA.map(packet);
    for lost in 0..3 {
        let mut decoder = decoder(DecoderLimits::default());
        for media in all.iter().enumerate().filter(|(at, _)| *at != lost).map(|(_, media)| media) {
            assert_eq!(decoder.media(media, Duration::ZERO), Arrived::Kept);
        }
        let repair = repair_of(&all, Scope::Packet);
        assert_eq!(give(&mut decoder, repair, masked(1, &[0, 1, 2])), Decoded::Recovered(1));
        let back = recovered(&mut decoder);
        assert_eq!(back, [all[lost].clone()]);
        let info = back[0].info();
        assert_eq!(
            (info.origin, info.recovered_by, info.arrival),
            (Origin::Media, Some(Recovery::Fec), None)
        );
    }
}

#[test]
fn without_losses_a_repair_is_of_no_use() {
    let packets = block(0, 4);
    let mut decoder = decoder(DecoderLimits::default());
    for packet in &packets {
        decoder.media(&stamped(packet), Duration::ZERO);
    }
    let repair = repair_of(&packets, Scope::Packet);
    assert_eq!(give(&mut decoder, repair, masked(0, &[0, 1, 2, 3])), Decoded::Useless);
    assert_eq!((decoder.tally().useless, decoder.tally().discarded(), decoder.waiting().0), (1, 1, 0));
}

#[test]
fn a_repair_before_its_media_waits_and_a_second_one_is_of_no_use() {
    let packets = block(65_534, 4);
    let mut decoder = decoder(DecoderLimits::default());
    decoder.media(&stamped(&packets[0]), Duration::ZERO);
    let repair = repair_of(&packets, Scope::Packet);
    let span = masked(65_534, &[0, 1, 2, 3]);
    assert_eq!(give(&mut decoder, repair.clone(), span), Decoded::Waits);
    assert_eq!(give(&mut decoder, repair, span), Decoded::Useless);
    decoder.media(&stamped(&packets[3]), Duration::ZERO);
    assert!(!decoder.has_recovered());
    decoder.media(&stamped(&packets[1]), Duration::ZERO);
    assert_eq!(recovered(&mut decoder), [packets[2].clone()]);
    assert_eq!((decoder.waiting(), decoder.tally().used), ((0, 0), 1));
}

#[test]
fn what_comes_back_lets_other_repairs_go_on() {
    let packets = block(10, 4);
    let mut decoder = decoder(DecoderLimits::default());
    decoder.media(&stamped(&packets[0]), Duration::ZERO);
    // 13 by 12 and 11 by 12, which the third repair brings back.
    give(&mut decoder, repair_of([&packets[2], &packets[3]], Scope::Packet), masked(12, &[0, 1]));
    give(&mut decoder, repair_of([&packets[1], &packets[2]], Scope::Packet), masked(11, &[0, 1]));
    let last = repair_of([&packets[0], &packets[2]], Scope::Packet);
    assert_eq!(give(&mut decoder, last, masked(10, &[0, 2])), Decoded::Recovered(3));
    assert_eq!(recovered(&mut decoder), packets[1..], "in order of number");
    assert_eq!(decoder.tally().used, 3);
}

#[test]
fn a_packet_that_two_repairs_bring_back_comes_once() {
    let packets = block(0, 3);
    let mut decoder = decoder(DecoderLimits::default());
    give(&mut decoder, repair_of([&packets[0], &packets[1]], Scope::Packet), masked(0, &[0, 1]));
    give(&mut decoder, repair_of([&packets[1], &packets[2]], Scope::Packet), masked(1, &[0, 1]));
    decoder.media(&stamped(&packets[0]), Duration::ZERO);
    assert_eq!(recovered(&mut decoder), packets[1..]);
    assert_eq!((decoder.tally().recovered, decoder.waiting().0), (2, 0));
}

#[test]
fn repairs_that_say_it_only_together_are_solved_together() {
    // Of three lost packets, each repair lacks two or three: 0+1, 1+2, 0+1+2.
    let packets = block(100, 4);
    let mut decoder = decoder(DecoderLimits::default());
    decoder.media(&stamped(&packets[3]), Duration::ZERO);
    let mut give = |of: &[u8]| {
        let repair = repair_of(of.iter().map(|at| &packets[usize::from(*at)]), Scope::Packet);
        give(&mut decoder, repair, masked(100, of))
    };
    assert_eq!(give(&[0, 1, 3]), Decoded::Waits);
    assert_eq!(give(&[1, 2]), Decoded::Waits);
    assert_eq!(give(&[0, 1, 2, 3]), Decoded::Recovered(3));
    assert_eq!(recovered(&mut decoder), packets[..3]);
    assert_eq!((decoder.waiting(), decoder.tally().used, decoder.tally().useless), ((0, 0), 3, 0));
}

#[test]
fn a_retransmission_lets_repairs_be_solved_together() {
    let packets = block(100, 4);
    let mut decoder = decoder(DecoderLimits::default());
    for of in [[0, 1, 2], [0, 1, 3]] {
        let repair = repair_of(of.map(|at| &packets[usize::from(at)]), Scope::Packet);
        assert_eq!(give(&mut decoder, repair, masked(100, &of)), Decoded::Waits);
    }
    // Two and three are lacked still, and 102 in one of them alone.
    let mut again = stamped(&packets[3]);
    again.info_mut().recovered_by = Some(Recovery::Rtx);
    assert_eq!(decoder.media(&again, Duration::ZERO), Arrived::Kept);
    assert_eq!(recovered(&mut decoder), packets[2..3]);
}

#[test]
fn the_late_original_of_what_came_back_is_a_duplicate() {
    let packets = block(0, 3);
    let mut decoder = decoder(DecoderLimits::default());
    decoder.media(&stamped(&packets[0]), Duration::ZERO);
    decoder.media(&stamped(&packets[2]), Duration::ZERO);
    give(&mut decoder, repair_of(&packets, Scope::Packet), masked(0, &[0, 1, 2]));
    assert_eq!(recovered(&mut decoder).len(), 1);
    assert_eq!(decoder.media(&stamped(&packets[1]), Duration::ZERO), Arrived::Duplicate);
    // A retransmission of what had come is one, too; what the sender itself sends twice is left to others.
    let mut again = stamped(&packets[0]);
    assert_eq!(decoder.media(&again, Duration::ZERO), Arrived::Left);
    again.info_mut().recovered_by = Some(Recovery::Rtx);
    assert_eq!(decoder.media(&again, Duration::ZERO), Arrived::Duplicate);
    assert_eq!(decoder.tally().duplicates, 2);
}

#[test]
fn retransmissions_count_as_packets() {
    let packets = block(0, 4);
    let mut decoder = decoder(DecoderLimits::default());
    decoder.media(&stamped(&packets[0]), Duration::ZERO);
    decoder.media(&stamped(&packets[3]), Duration::ZERO);
    give(&mut decoder, repair_of(&packets, Scope::Packet), masked(0, &[0, 1, 2, 3]));
    let mut again = stamped(&packets[2]);
    again.info_mut().recovered_by = Some(Recovery::Rtx);
    assert_eq!(decoder.media(&again, Duration::ZERO), Arrived::Kept);
    assert_eq!(recovered(&mut decoder), packets[1..2]);
}

#[test]
fn the_last_packet_of_all_comes_back_before_anything_newer() {
    let packets = block(65_530, 10);
    let mut decoder = decoder(DecoderLimits::default());
    for packet in &packets[..9] {
        decoder.media(&stamped(packet), Duration::ZERO);
    }
    let offsets: Vec<u8> = (0..10).collect();
    give(&mut decoder, repair_of(&packets, Scope::Packet), masked(65_530, &offsets));
    assert_eq!(recovered(&mut decoder), packets[9..]);
    // The next one does not make it forgotten.
    decoder.media(&block(4, 2)[1], Duration::ZERO);
    assert_eq!(decoder.media(&stamped(&packets[9]), Duration::ZERO), Arrived::Duplicate);
}

#[test]
fn what_came_back_before_anything_has_come_does_not_keep_the_stream_out() {
    let (old, packets) = (block(40_000, 1), block(20_000, 3));
    let mut decoder = decoder(DecoderLimits::default());
    let back = give(&mut decoder, repair_of(&old, Scope::Packet), masked(40_000, &[0]));
    assert_eq!((back, recovered(&mut decoder)), (Decoded::Recovered(1), old));
    for packet in &packets[..2] {
        assert_eq!(decoder.media(&stamped(packet), Duration::ZERO), Arrived::Kept);
    }
    give(&mut decoder, repair_of(&packets, Scope::Packet), masked(20_000, &[0, 1, 2]));
    assert_eq!(recovered(&mut decoder), packets[2..]);
}

#[test]
fn repairs_of_several_streams_need_all_of_them() {
    let of = |ssrc, seq| {
        let mut packet = block(seq, 1).remove(0);
        packet.set_ssrc(ssrc);
        packet
    };
    let (a, b) = (of(1, 10), of(2, 900));
    let mut decoder = interceptor_parity::Decoder::new(DecoderLimits::default());
    for ssrc in [1, 2] {
        decoder.add_stream(ssrc, 0, Zeroing::new(&Default::default(), []));
    }
    decoder.media(&a, Duration::ZERO);
    decoder.media(&of(2, 899), Duration::ZERO);
    let protected = [(1, masked(10, &[0])), (2, masked(900, &[0]))];
    let repair = repair_of([&a, &b], Scope::Packet);
    assert_eq!(decoder.repair(repair.clone(), &protected, Duration::ZERO), Decoded::Recovered(1));
    assert_eq!(recovered(&mut decoder), [b]);
    decoder.remove_stream(2);
    assert_eq!(decoder.repair(repair, &protected, Duration::ZERO), Decoded::Refused);
    assert_eq!(decoder.tally().unknown_stream, 1);
}

#[test]
fn a_sum_of_payloads_brings_a_plain_packet_back() {
    let plain = |seq: u16| {
        let packet = RtpPacket::builder().ssrc(SSRC).payload_type(33).sequence_number(seq);
        packet
            .timestamp(u32::from(seq) * 40)
            .payload(vec![seq as u8; 188 + usize::from(seq)])
            .build()
            .unwrap()
    };
    let packets: Vec<RtpPacket> = (0..10).map(plain).collect();
    let mut decoder = decoder(DecoderLimits::default());
    for packet in packets.iter().filter(|packet| packet.sequence_number() != 4) {
        decoder.media(packet, Duration::ZERO);
    }
    let column = Span { base: 0, pattern: Pattern::Column { columns: 4, rows: 3 } };
    let repair = repair_of([&packets[0], &packets[4], &packets[8]], Scope::Payload);
    assert_eq!(give(&mut decoder, repair, column), Decoded::Recovered(1));
    assert_eq!(recovered(&mut decoder), packets[4..5]);
}

#[test]
fn a_prefix_brings_back_what_it_covers() {
    let packets = block(0, 3);
    for cut in [false, true] {
        let mut decoder = decoder(DecoderLimits::default());
        decoder.media(&stamped(&packets[0]), Duration::ZERO);
        decoder.media(&stamped(&packets[2]), Duration::ZERO);
        let mut repair = repair_of(&packets, Scope::Prefix);
        let len = packets[1].total_len() - 12 - usize::from(cut);
        repair.body.truncate(len);
        let expected = if cut { Decoded::Useless } else { Decoded::Recovered(1) };
        assert_eq!(give(&mut decoder, repair, masked(0, &[0, 1, 2])), expected);
        assert_eq!(decoder.tally().partial, u64::from(cut));
        assert_eq!(recovered(&mut decoder), packets[1..2 - usize::from(cut)]);
    }
}
