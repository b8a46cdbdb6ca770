//! Streams that are described anew.

use crate::kit::{Bench, Request, SSRC, only_told, options, packet, unseen, video, with_feedback};

#[test]
fn feedback_and_codecs_may_become_known_later() {
    let mut bench = Bench::new(only_told()).with_remote(with_feedback(SSRC, false, false));
    assert_eq!(bench.need(SSRC).asked(), []);
    bench.chain.amend_remote(with_feedback(SSRC, false, true), bench.now).unwrap();
    assert_eq!(bench.need(SSRC).asked(), [Request::Fir(SSRC, 1)]);
    bench.key_frame().run(1_000);
    bench.chain.amend_remote(unseen(), bench.now).unwrap();
    assert_eq!(bench.need(SSRC).asked(), [Request::Pli(SSRC)]);
    bench.key_frame();
    assert_eq!(bench.asking().answered, 1, "of another codec, which nobody knows");
    bench.chain.amend_remote(video(), bench.now).unwrap();
    bench.key_frame();
    assert_eq!(bench.asking().answered, 2);
    bench.need(SSRC);
    bench.chain.amend_remote(with_feedback(SSRC, false, false), bench.now).unwrap();
    bench.asked();
    assert_eq!(bench.asked_within(60_000), [0; 0], "it takes no requests any more");
    assert_eq!(bench.chain.next_timeout(), None);
}

#[test]
fn local_streams_as_well() {
    let mut bench = Bench::new(options()).with_local(with_feedback(SSRC, false, false));
    assert_eq!(bench.hear_pli().told(), []);
    bench.chain.amend_local(unseen(), bench.now).unwrap();
    assert_eq!(bench.hear_pli().told(), [SSRC]);
    bench.chain.amend_local(video(), bench.now).unwrap();
    bench.chain.write_rtp(packet(SSRC, 1, 3000, &crate::kit::KEY), bench.now);
    assert_eq!(bench.answering().keyframes, 1);
    bench.chain.amend_local(with_feedback(SSRC, false, false), bench.now).unwrap();
    bench.run(1_000);
    assert_eq!(bench.hear_pli().told(), []);
}
