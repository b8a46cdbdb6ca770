//! Report blocks about what is received.

use crate::harness::{Bench, FEEDBACK, blocks, millis, options, outline};

const REMOTE: u32 = 0xa;

/// The block of the next report after these sequence numbers.
fn block_after(bench: &mut Bench, seqs: &[u16]) -> (u8, i32, u32) {
    for seq in seqs {
        bench.receive(REMOTE, *seq, u32::from(*seq) * 3000);
    }
    let report = bench.next_report();
    let [block] = blocks(&report)[..] else { panic!("one block in {report:?}") };
    (block.fraction_lost, block.cumulative_lost, block.extended_sequence_number)
}

fn receiver() -> Bench {
    let mut bench = Bench::new(options());
    bench.bind_remote(REMOTE);
    bench
}

#[test]
fn reports_losses_as_rfc_3550_counts_them() {
    let after = |seqs: &[u16]| block_after(&mut receiver(), seqs);
    assert_eq!(after(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), (0, 0, 9));
    assert_eq!(after(&[1, 3]), (85, 1, 3));
    assert_eq!(after(&[0xffff, 1]), (85, 1, 0x1_0001));
    assert_eq!(after(&[1, 3, 2, 4]), (0, 0, 4));
    assert_eq!(after(&[0xffff, 0, 0xfffe]), (0, -1, 0x1_0000));
    let forty_percent_duplicates = [1, 2, 2, 3, 3, 4, 5, 5, 6, 6];
    assert_eq!(after(&forty_percent_duplicates), (0, -4, 6));
}

#[test]
fn the_fraction_is_of_the_interval_and_the_sum_of_the_whole() {
    let mut bench = receiver();
    assert_eq!(block_after(&mut bench, &[1, 3]), (85, 1, 3));
    assert_eq!(block_after(&mut bench, &[4, 5]), (0, 1, 5));
    // The missing one comes late: the sum falls.
    assert_eq!(block_after(&mut bench, &[2, 6]), (0, 0, 6));
}

#[test]
fn a_receiver_reports_under_the_feedback_ssrc_with_its_name() {
    let mut bench = receiver();
    bench.receive(REMOTE, 1, 0);
    let report = bench.next_report();
    assert_eq!(report.iter().map(outline).collect::<Vec<_>>(), [["RR 1020304 a", "SDES 1020304"]]);
    let hex = "81c90007010203040000000a0000000000000001000000000000000000000000";
    let sdes = "81ca0003010203040104757365720000";
    assert_eq!(format!("{:x}", report[0].as_bytes()), format!("{hex}{sdes}"));
}

#[test]
fn jitter_of_a_packet_a_third_of_a_second_late_is_1875() {
    let mut bench = receiver();
    bench.receive(REMOTE, 1, 0);
    bench.skip(millis(1000));
    bench.receive(REMOTE, 2, 60_000);
    assert_eq!(blocks(&bench.next_report())[0].jitter, 1875);
}

#[test]
fn silent_and_unheard_streams_get_no_block() {
    let mut bench = receiver();
    bench.bind_remote(0xb);
    assert!(bench.next_report().is_empty(), "nothing has been sent or received");
    bench.receive(REMOTE, 1, 0);
    assert_eq!(outline(&bench.next_report()[0]), ["RR 1020304 a", "SDES 1020304"]);
    assert_eq!(outline(&bench.next_report()[0]), ["RR 1020304", "SDES 1020304"]);
    assert_eq!(bench.report().counters().blocks, 1);
    assert_eq!(FEEDBACK, bench.chain.config().sender_ssrc);
}
