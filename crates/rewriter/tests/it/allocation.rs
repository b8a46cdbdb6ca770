//! Nothing is allocated a packet, nor a switch once the past is full; memory is bounded.

use allocation_counter::measure;
use interceptor_packet::RtpPacket;

use crate::kit::{A, B, Bench};

#[test]
fn packets_what_is_left_out_and_switches_allocate_nothing() {
    let mut bench = Bench::new();
    let round = |bench: &mut Bench, switch: u16| {
        let source = if switch.is_multiple_of(2) { A } else { B };
        bench.rewriter.switch_to(source);
        bench.key(source, switch * 300, 0, u64::from(switch)).unwrap();
        for seq in 1..300 {
            let seq = switch * 300 + seq;
            match seq % 5 {
                0 => drop(bench.rewriter.leave_out(source, seq)),
                _ => drop(bench.delta(source, seq, seq.into(), 0)),
            }
        }
    };
    (0..8).for_each(|switch| round(&mut bench, switch));
    let bytes = bench.rewriter.heap_bytes();
    let counted = measure(|| (8..100).for_each(|switch| round(&mut bench, switch)));
    assert_eq!(counted.count_total, 0);
    assert_eq!(bench.rewriter.heap_bytes(), bytes);
    assert!(bytes < 2000, "{bytes}");
    assert_eq!(bench.rewriter.counters().given(), 300 * 100);
}

#[test]
fn a_packet_is_rewritten_in_place() {
    let mut bench = Bench::new();
    bench.begin(0);
    let packet = RtpPacket::builder().sequence_number(1).payload(vec![0; 1200]).build().unwrap();
    let _shared = packet.clone();
    let now = bench.at(0);
    let counted = measure(|| {
        for seq in 1..1000 {
            let mut copy = packet.clone();
            copy.set_sequence_number(seq);
            bench.rewriter.rewrite(A, &mut copy, false, now).unwrap();
            assert_eq!(copy.payload().as_ptr(), packet.payload().as_ptr());
        }
    });
    assert_eq!(counted.count_total, 0);
}
