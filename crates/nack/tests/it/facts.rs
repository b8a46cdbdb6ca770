//! What others have found out: packets that were dropped here, and until when packets are of use.

use interceptor_core::{Abandoned, PlayoutDeadline};
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, ms, video};

impl Bench {
    fn abandon(&mut self, ssrc: u32, first: u16, count: u16) -> &mut Self {
        self.chain.publish(Abandoned { ssrc, first, count }, self.now);
        self
    }

    fn play_within(&mut self, millis: u64) -> &mut Self {
        self.chain.publish(PlayoutDeadline { ssrc: SSRC, delay: ms(millis) }, self.now);
        self
    }
}

#[test]
fn what_was_dropped_here_is_not_answered() {
    for start in [100_u16, 65_533] {
        let at = |step: u16| start.wrapping_add(step);
        let mut bench = Bench::sender(NackOptions::default().with_max_resend_ratio(100.0));
        bench.write_numbers((0..10).map(at)).abandon(SSRC, at(2), 3);
        assert_eq!(bench.read_nack(&[1, 2, 3, 4, 5].map(at)).resent(), [1, 5].map(at));
        assert_eq!((bench.answering().abandoned, bench.answering().never_sent), (3, 0));
        // Written once more it is sent after all.
        bench.write_numbers([at(3)]).pass(50);
        assert_eq!(bench.read_nack(&[2, 3, 4].map(at)).resent(), [at(3)]);
    }
}

#[test]
fn what_was_dropped_elsewhere_or_never_was_changes_nothing() {
    let info = video().with_rtx(77, 97);
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_local(info).with_remote(video());
    bench.abandon(SSRC, 3, 10).write_numbers(0..10);
    bench.abandon(SSRC, 5, 0).abandon(SSRC, 30_000, 100).abandon(77, 5, 1).abandon(99, 5, 1);
    assert_eq!(bench.read_nack(&[3, 5]).resent(), [3, 5], "before it was written it was another packet");
    bench.abandon(SSRC, 0, u16::MAX);
    assert_eq!(bench.pass(50).read_nack(&[0, 9]).resent(), [0; 0]);
}

#[test]
fn nothing_is_asked_for_that_would_come_too_late() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    bench.play_within(330).read_numbers([10, 12]).run(2_000);
    // At 0, 110 and 220 ms; an answer to one at 330 ms would be of no use.
    assert_eq!(bench.asked(), [[11], [11], [11]]);
    assert_eq!(bench.asking().given_up, 1);
    // A round trip after 220 ms is just in time, or just not.
    bench.play_within(321).read_numbers([14]).run(2_000);
    assert_eq!(bench.asked().len(), 3);
    bench.play_within(320).read_numbers([16]).run(2_000);
    assert_eq!(bench.asked().len(), 2);
}

#[test]
fn a_deadline_shorter_than_the_path_asks_for_nothing_and_waits_for_what_is_late() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    bench.play_within(60).read_numbers([10, 12, 14]).run(59);
    assert_eq!((bench.asked(), bench.asking().given_up), (vec![], 0));
    bench.read_numbers([11]);
    assert_eq!(bench.asking().recovered_late, 1);
    bench.run(1);
    assert_eq!((bench.asking().given_up, bench.keyframes()), (1, vec![SSRC]));
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn a_new_deadline_counts_for_what_is_missing_already() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.set_rtt(100);
    bench.read_numbers([10, 12]).run(50).play_within(40);
    assert_eq!((bench.asked(), bench.asking().given_up), (vec![vec![11]], 1));
    // And a later one lets ask again.
    bench.play_within(120).read_numbers([14]).run(50).play_within(900).run(60);
    assert_eq!(bench.asked(), [[13], [13]]);
}

#[test]
fn a_deadline_beyond_the_age_leaves_that_as_it_is() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.play_within(60_000).read_numbers([10, 12]).run(5_000);
    assert_eq!(bench.asked().len(), 10, "at 0, 110, … 990 ms");
}

#[test]
fn without_a_round_trip_time_asking_ends_with_the_deadline() {
    let mut bench = Bench::receiver(NackOptions::default());
    bench.play_within(250).read_numbers([10, 12]).run(2_000);
    assert_eq!(bench.asked().len(), 3, "at 0, 110 and 220 ms");
}

#[test]
fn a_stream_that_joins_later_knows_its_deadline() {
    let mut plain = video();
    plain.feedback.clear();
    let mut bench = Bench::new(NackOptions::default(), |config| config).with_remote(plain);
    bench.set_rtt(100);
    bench.play_within(60);
    bench.chain.amend_remote(video(), bench.now).unwrap();
    bench.read_numbers([10, 12]).run(500);
    assert_eq!((bench.asked(), bench.asking().given_up), (vec![], 1));
}
