//! Nothing is allocated once buffers have their size.

use std::time::Duration;

use allocation_counter::measure;
use interceptor_packet::RtpPacket;
use interceptor_parity::{Decoded, DecoderLimits, MutableExtensions, Scope, Sum, Zeroing};

use crate::kit::{SSRC, TRANSPORT, decoder, give, masked, recovered, repair_of};

#[test]
fn a_sum_has_its_memory_back_when_its_repair_packet_is_gone() {
    let mut zeroing = Zeroing::new(&MutableExtensions::Libwebrtc, [(3, TRANSPORT)]);
    let media = RtpPacket::builder().extension(3, &[1, 2]).payload(vec![7; 1100]).build().unwrap();
    let mut sum = Sum::default();
    let mut round = || {
        for _ in 0..10 {
            sum.add(&zeroing.summand(&media));
        }
        sum.take(20, |_, _| Ok::<_, ()>(())).unwrap()
    };
    drop(round());
    drop(round());
    let counted = measure(|| {
        for _ in 0..100 {
            assert_eq!(round().len(), 20 + 8 + 1100);
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_decoder_allocates_nothing_without_losses() {
    let packets: Vec<RtpPacket> = (0..1000)
        .map(|seq| {
            RtpPacket::builder().ssrc(SSRC).sequence_number(seq).payload(vec![7; 1100]).build().unwrap()
        })
        .collect();
    // As parts of a larger buffer: the first copy of a buffer of its own costs an allocation, whoever makes it.
    let _shared = packets.clone();
    let offsets: Vec<u8> = (0..10).collect();
    let repairs: Vec<_> = packets.chunks(10).map(|block| repair_of(block, Scope::Packet)).collect();
    let mut decoder = decoder(DecoderLimits::default());
    let mut round = |blocks: std::ops::Range<usize>| {
        for block in blocks {
            for packet in &packets[block * 10..block * 10 + 10] {
                decoder.media(packet, Duration::ZERO);
            }
            let span = masked(block as u16 * 10, &offsets);
            assert_eq!(give(&mut decoder, repairs[block].clone(), span), Decoded::Useless);
        }
    };
    round(0..1);
    assert_eq!(measure(|| round(1..100)).count_total, 0);
}

#[test]
fn a_recovery_takes_the_memory_of_its_packet() {
    let packet =
        |seq| RtpPacket::builder().ssrc(SSRC).sequence_number(seq).payload(vec![7; 1100]).build().unwrap();
    let offsets: Vec<u8> = (0..10).collect();
    let repair = repair_of(&(0..10).map(packet).collect::<Vec<_>>(), Scope::Packet);
    let mut decoder = decoder(DecoderLimits::default());
    for block in 0..60_u16 {
        (1..10).for_each(|at| {
            decoder.media(&packet(block * 10 + at), Duration::ZERO);
        });
        let span = masked(block * 10, &offsets);
        let counted = measure(|| {
            assert_eq!(give(&mut decoder, repair.clone(), span), Decoded::Recovered(1));
            assert_eq!(recovered(&mut decoder).len(), 1);
        });
        // The packet's buffer and its count of references; the list that the kit collects.
        assert!(block < 4 || counted.count_total <= 4, "{}", counted.count_total);
    }
}
