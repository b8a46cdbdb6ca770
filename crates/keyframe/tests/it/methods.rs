//! By which message it asks.

use interceptor_core::KeyframeNeeded;
use interceptor_keyframe::{Keyframe, Method};

use crate::kit::{Bench, Request, SSRC, only_told, requests, video, video_of, with_feedback};

#[test]
fn each_method_takes_what_was_negotiated() {
    let (indication, order) = (Request::Pli(SSRC), Request::Fir(SSRC, 1));
    for (method, pli, fir, expected) in [
        (Method::Pli, true, true, indication),
        (Method::Pli, false, true, order),
        (Method::Pli, true, false, indication),
        (Method::Fir, true, true, order),
        (Method::Fir, false, true, order),
        (Method::Fir, true, false, indication),
        (Method::pli_then_fir(), true, true, indication),
        (Method::pli_then_fir(), false, true, order),
    ] {
        let mut bench =
            Bench::new(only_told().with_method(method)).with_remote(with_feedback(SSRC, pli, fir));
        assert_eq!(bench.need(SSRC).asked(), [expected], "{method:?}, {pli}, {fir}");
    }
    let mut bench = Bench::new(only_told()).with_remote(with_feedback(SSRC, false, false));
    assert_eq!(bench.need(SSRC).asked(), [], "nothing was negotiated");
}

/// RFC 5104 §4.3.1.2.
#[test]
fn a_new_request_has_the_next_number_and_a_repetition_the_same() {
    let mut bench = Bench::new(only_told().with_method(Method::Fir)).with_remote(video());
    for number in (1..=255_u8).chain(0..=3) {
        bench.need(SSRC);
        assert_eq!(bench.asked(), [Request::Fir(SSRC, number)]);
        // A round trip and a half of 100 ms, and two frames that are slow.
        bench.run(600);
        assert_eq!(bench.asked(), [Request::Fir(SSRC, number)], "repeated");
        bench.key_frame().run(1_000);
    }
    assert_eq!((bench.asking().firs_sent, bench.asking().repeats), (2 * 259, 259));
}

#[test]
fn indications_that_are_not_answered_become_orders() {
    let mut bench = Bench::new(only_told().with_method(Method::pli_then_fir())).with_remote(video());
    bench.need(SSRC).run(7_000);
    let (pli, fir) = (Request::Pli(SSRC), Request::Fir(SSRC, 1));
    assert_eq!(bench.asked(), [pli, pli, pli, fir, fir, fir], "the number is that of one request");
    bench.key_frame().run(1_000).need(SSRC);
    assert_eq!(bench.asked(), [pli], "another begins anew");
}

#[test]
fn a_forwarder_that_was_asked_by_an_order_asks_by_one() {
    let mut bench = Bench::new(only_told()).with_remote(video());
    let by_fir = |bench: &mut Bench| {
        let now = bench.now;
        bench.chain.with_streams::<Keyframe, _>(|_, mut streams| {
            streams.remote(SSRC).map(|stream| stream.ask_by_fir())
        });
        bench.chain.publish(KeyframeNeeded { ssrc: SSRC }, now);
    };
    by_fir(&mut bench);
    assert_eq!(bench.asked(), [Request::Fir(SSRC, 1)]);
    bench.key_frame().need(SSRC).run(100);
    by_fir(&mut bench);
    bench.run(400);
    assert_eq!(bench.asked(), [Request::Fir(SSRC, 2)], "remembered");
    bench.key_frame().run(1_000).need(SSRC);
    assert_eq!(bench.asked(), [Request::Pli(SSRC)], "once");
}

#[test]
fn orders_for_several_streams_are_entries_of_one_message() {
    let mut bench = Bench::new(only_told().with_method(Method::Fir));
    for ssrc in 1..=200 {
        bench.chain.bind_remote(video_of(ssrc), bench.now).unwrap();
        bench.need(ssrc);
    }
    bench.asked();
    bench.run(500);
    let datagrams = bench.feedback();
    assert_eq!(datagrams.iter().map(|packet| packet.packets().count()).collect::<Vec<_>>(), [1, 1]);
    let asked: Vec<_> = datagrams.iter().flat_map(requests).collect();
    assert_eq!(asked, (1..=200).map(|ssrc| Request::Fir(ssrc, 1)).collect::<Vec<_>>());
    // A header of 12 bytes and 148 entries of 8.
    assert_eq!(datagrams.iter().map(|packet| packet.len()).collect::<Vec<_>>(), [1196, 12 + 8 * 52]);
}
