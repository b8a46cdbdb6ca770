//! Answers that are sent more than once.

use interceptor_core::{LinkCondition, LinkState, Loss, ProtectionOverhead};
use interceptor_nack::{Copies, NackOptions};

use crate::kit::{Bench, SSRC, ms, video};

pub(crate) fn answering(copies: u8) -> NackOptions {
    NackOptions::default().with_answer_copies(Copies::Fixed(copies)).with_max_resend_ratio(100.0)
}

/// An adaptive sender with RTX on a path of 100 ms that loses a fifth, independently.
fn sender_on_a_lossy_path() -> Bench {
    let options = NackOptions::default().with_max_resend_ratio(100.0);
    let mut bench = Bench::new(options, |config| config).with_local(video().with_rtx(77, 97));
    bench.set_rtt(100);
    publish_loss(&mut bench);
    bench
}

fn publish_loss(bench: &mut Bench) {
    let loss = Loss { ssrc: SSRC, ppm: 200_000, burst_packets_q8: 320, burst_duration: ms(8) };
    bench.chain.publish(loss, bench.now);
}

/// What answers a request for one packet, in all.
fn answers(bench: &mut Bench) -> usize {
    bench.write_numbers(0..10).read_nack(&[5]).run(100).resent().len()
}

#[test]
fn copies_leave_eight_milliseconds_apart() {
    let mut bench = Bench::sender(answering(3));
    bench.write_numbers(0..10);
    assert_eq!(bench.read_nack(&[3, 5]).resent(), [3, 5]);
    assert_eq!(bench.run(7).resent(), [0; 0]);
    assert_eq!(bench.run(1).resent(), [3, 5]);
    assert_eq!(bench.run(8).resent(), [3, 5]);
    assert_eq!(bench.run(100).resent(), [0; 0]);
    let counters = bench.answering();
    assert_eq!((counters.packets_resent, counters.copies_resent), (6, 4));
}

#[test]
fn copies_begin_no_cooldown() {
    let mut bench = Bench::sender(answering(2).with_resend_cooldown(Some(ms(20))));
    bench.write_numbers(0..10).read_nack(&[3]).run(20);
    assert_eq!(bench.resent(), [3, 3]);
    assert_eq!(
        bench.read_nack(&[3]).resent(),
        [3],
        "twenty milliseconds after the answer, twelve after its copy"
    );
}

#[test]
fn copies_that_wait_end_with_their_stream() {
    let mut bench = Bench::sender(answering(3));
    bench.write_numbers(0..4).read_nack(&[2]);
    bench.chain.unbind_local(SSRC, bench.now).unwrap();
    assert_eq!((bench.answering().cancelled, bench.run(2_000).resent()), (2, vec![2]));
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn on_a_lossy_path_answers_are_copied_and_on_a_clean_one_they_are_not() {
    assert_eq!(answers(&mut sender_on_a_lossy_path()), 2);
    let mut unknown =
        Bench::new(NackOptions::default(), |config| config).with_local(video().with_rtx(77, 97));
    assert_eq!(answers(&mut unknown), 1);
}

#[test]
fn without_rtx_a_copy_would_look_like_a_duplicate_and_is_not_sent() {
    let mut bench = Bench::sender(NackOptions::default());
    bench.set_rtt(100);
    publish_loss(&mut bench);
    assert_eq!(answers(&mut bench), 1);
    // A stream that is described anew has it.
    bench.chain.amend_local(video().with_rtx(77, 97), bench.now).unwrap();
    bench.pass(1_000);
    assert_eq!(answers(&mut bench), 2);
}

#[test]
fn repair_packets_and_full_paths_leave_no_room_for_copies() {
    let mut bench = sender_on_a_lossy_path();
    bench.chain.publish(ProtectionOverhead { ssrc: SSRC, bits_per_second: 100_000 }, bench.now);
    assert_eq!(answers(&mut bench), 1);
    bench.chain.publish(ProtectionOverhead { ssrc: SSRC, bits_per_second: 0 }, bench.now);
    bench.pass(1_000);
    assert_eq!(answers(&mut bench), 2);
    let state = LinkCondition::Congested;
    bench.chain.publish(LinkState { rtt: ms(100), queue: ms(80), loss_ppm: 200_000, state }, bench.now);
    bench.pass(1_000);
    assert_eq!(answers(&mut bench), 1);
}
