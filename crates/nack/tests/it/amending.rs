//! Streams that are described anew while they run.

use interceptor_core::StreamInfo;
use interceptor_core::packet::{Recovery, Rtcp};
use interceptor_nack::NackOptions;

use crate::kit::{Bench, SSRC, video};

fn without_nack() -> StreamInfo {
    let mut info = video();
    info.feedback.clear();
    info
}

impl Bench {
    fn amend(&mut self, info: &StreamInfo) -> &mut Self {
        self.chain.amend_local(info.clone(), self.now).unwrap();
        self.chain.amend_remote(info.clone(), self.now).unwrap();
        self
    }
}

#[test]
fn log_and_history_outlast_a_new_description() {
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    bench.write_numbers(0..10).read_numbers([10, 12]);
    let before = bench.counters();
    bench.amend(&video().with_rtx(77, 97).with_feedback("nack", "pli"));
    assert_eq!(bench.counters(), before);
    assert_eq!(bench.asked(), [[11]]);
    bench.run(110);
    assert_eq!(bench.asked(), [[11]], "the hole is still there");
    assert_eq!(bench.read_nack(&[3]).resent(), [3], "and so are the packets");
}

#[test]
fn what_is_learnt_late_counts_from_then_on() {
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    bench.read_numbers([10, 12]).amend(&video().with_feedback("nack", "pli"));
    bench.run(2_000);
    let plis = |bench: &mut Bench| {
        let feedback = bench.feedback();
        feedback
            .iter()
            .flat_map(|packet| packet.packets())
            .filter(|packet| matches!(packet, Rtcp::Pli(_)))
            .count()
    };
    assert_eq!(plis(&mut bench), 1, "giving up sends a PLI now");
    // With RTX a late packet is no answer, and so is reordering.
    bench.amend(&video().with_rtx(77, 97));
    bench.read_numbers([13, 15]).pass(2).read_numbers([14, 17]);
    assert_eq!(bench.asked(), [[14]], "16 may be late");
    bench.read_recovered(16, Recovery::Rtx).run(2_000);
    assert_eq!(bench.asked(), [[0; 0]; 0]);
}

#[test]
fn a_stream_that_loses_nack_leaves_and_one_that_gains_it_joins() {
    let mut bench = Bench::receiver(NackOptions::default()).with_local(video());
    bench.write_numbers([1]).read_numbers([10, 12]);
    let before = bench.counters();
    bench.asked();
    bench.amend(&without_nack());
    assert_eq!((bench.asking_of(SSRC), bench.answering_of(SSRC)), (None, None));
    bench.run(500).read_numbers([20, 30]).read_nack(&[1]);
    assert!(bench.chain.poll_wire().is_none());
    assert_eq!(bench.chain.next_timeout(), None);
    assert_eq!((bench.counters().asking, bench.counters().answering), (before.asking, before.answering));

    bench.amend(&video());
    bench.read_numbers([40, 42]);
    assert_eq!(bench.asked(), [[41]], "from there on");
    bench.write_numbers([7]);
    assert_eq!(bench.read_nack(&[1, 7]).resent(), [7]);
    assert_eq!(bench.asking().packets_missing, before.asking.packets_missing + 1);
}

#[test]
fn a_stream_that_proves_to_be_audio_needs_no_key_frame() {
    let mut bench = Bench::new(NackOptions::default(), |config| config)
        .with_remote(StreamInfo::unknown(SSRC).with_feedback("nack", ""));
    bench.read_numbers([10, 12]);
    let audio = StreamInfo::new(SSRC, 111, 48_000).with_mime_type("audio/opus").with_feedback("nack", "");
    bench.chain.amend_remote(audio, bench.now).unwrap();
    bench.run(2_000);
    assert_eq!((bench.keyframes(), bench.asking().given_up), (vec![], 1));
}
