//! Peers that take in no RTX, one request at a time.

use std::time::Duration;

use interceptor_core::packet::RtcpPacket;
use interceptor_rtx::RtxOptions;

use crate::kit::{Bench, MEDIA, RTX, media, video};

fn bench(fallback: bool) -> Bench {
    Bench::with_options(video(), RtxOptions::default().with_plain_fallback(fallback), 7)
}

/// The peer asks, and gets what it asks for on these SSRCs.
fn ask(bench: &mut Bench, pause: u64, numbers: &[u16]) -> Vec<u32> {
    bench.now += Duration::from_millis(pause);
    bench.chain.read_rtcp(RtcpPacket::builder().nack(1, MEDIA, numbers).build().unwrap(), bench.now);
    while bench.chain.poll_app().is_some() {}
    numbers.iter().map(|seq| bench.resend(media(*seq)).ssrc()).collect()
}

#[test]
fn a_number_asked_for_a_third_time_is_repeated_plainly() {
    let mut bench = bench(true);
    for ssrc in [RTX, RTX, MEDIA, MEDIA] {
        assert_eq!(ask(&mut bench, 350, &[7]), [ssrc]);
    }
    let sent = bench.counters().sent;
    assert_eq!((sent.encapsulated, sent.repeated_plainly, sent.in_vain, sent.fallbacks), (2, 2, 2, 0));
    // The next one has its own chance; its second request makes it four in vain.
    for ssrc in [RTX, RTX, MEDIA] {
        assert_eq!(ask(&mut bench, 350, &[8]), [ssrc]);
    }
    assert_eq!(bench.counters().sent.fallbacks, 1);
    assert_eq!(ask(&mut bench, 20, &[9, 10]), [MEDIA, MEDIA], "from now on at once");
}

#[test]
fn requests_that_cross_the_answer_say_nothing() {
    let mut bench = bench(true);
    for _ in 0..14 {
        assert_eq!(ask(&mut bench, 20, &[7, 8, 9, 10]), [RTX; 4]);
    }
    assert_eq!(bench.counters().sent.in_vain, 0);
    // But the impatient are heard, too: the first answer would be there by now.
    ask(&mut bench, 40, &[7, 8, 9, 10]);
    assert_eq!(bench.counters().sent.in_vain, 4);
}

#[test]
fn the_rest_of_a_burst_that_is_asked_for_no_more_speaks_for_the_peer() {
    let mut bench = bench(true);
    let burst: Vec<u16> = (0..30).collect();
    ask(&mut bench, 0, &burst);
    assert_eq!(ask(&mut bench, 350, &burst[..9]), [RTX; 9], "nine have been lost again");
    assert_eq!(ask(&mut bench, 350, &burst[..3]), [MEDIA; 3]);
    assert_eq!(bench.counters().sent.fallbacks, 0);
    // Nobody has asked again for the others meanwhile.
    assert_eq!(ask(&mut bench, 350, &[100, 101, 102, 103]), [RTX; 4]);
    assert_eq!(ask(&mut bench, 350, &[100, 101, 102, 103]), [RTX; 4]);
    assert_eq!(bench.counters().sent.fallbacks, 0);
}

#[test]
fn a_peer_that_had_known_rtx_is_believed_for_longer() {
    let mut bench = bench(true);
    ask(&mut bench, 0, &[1]);
    ask(&mut bench, 1000, &[2]);
    let mut fell_back = 0;
    for number in 3..30 {
        for _ in 0..3 {
            ask(&mut bench, 350, &[number]);
        }
        if bench.counters().sent.fallbacks == 0 {
            fell_back = number;
        }
    }
    assert!((10..15).contains(&fell_back), "{fell_back}");
}

#[test]
fn without_the_option_rtx_it_is() {
    let mut bench = bench(false);
    for _ in 0..20 {
        assert_eq!(ask(&mut bench, 400, &[7]), [RTX]);
    }
}

#[test]
fn what_is_watched_is_bounded() {
    let mut bench = bench(true);
    for round in 0..40_u16 {
        let numbers: Vec<u16> = (0..200).map(|number| round * 200 + number).collect();
        ask(&mut bench, 10, &numbers);
    }
    // The oldest are not known any more: a second request is a first one.
    assert_eq!(ask(&mut bench, 400, &[0]), [RTX]);
    assert_eq!(bench.counters().sent.in_vain, 0);
}
