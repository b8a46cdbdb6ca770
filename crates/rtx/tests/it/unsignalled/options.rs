//! Options are checked once, and do what they say.

use interceptor_core::{Factory, Registry, Stage};
use interceptor_rtx::{RtxAssociationFactory, RtxAssociationOptions};

use super::kit::{A, A_BOUND, B, B_BOUND, Finder, stream};

#[test]
fn the_defaults_are_in_range() {
    let factory = RtxAssociationFactory::new(RtxAssociationOptions::default()).unwrap();
    assert_eq!(factory.options(), RtxAssociationFactory::default().options());
}

#[test]
fn requests_outside_their_range_are_named() {
    for requests in [0, 32_769] {
        let options = RtxAssociationOptions::default().with_max_requests(requests);
        assert_eq!(
            RtxAssociationFactory::new(options).unwrap_err().to_string(),
            format!("RtxAssociationOptions::max_requests is {requests}, it has to be in 1..=32768")
        );
    }
    for requests in [1, 32_768] {
        assert!(
            RtxAssociationFactory::new(RtxAssociationOptions::default().with_max_requests(requests)).is_ok()
        );
    }
}

#[test]
fn it_stands_nearest_the_wire_and_needs_the_codec() {
    assert_eq!(RtxAssociationFactory::default().stage(), Stage::CAPTURE.below());
    let needs = Registry::new().with(RtxAssociationFactory::default()).needs();
    assert_eq!(needs.iter().map(ToString::to_string).collect::<Vec<_>>(), ["video: a=rtpmap rtx"]);
}

/// Is `first` still remembered after so many more?
fn remembers_after(finder: &mut Finder, more: u16) -> bool {
    let first = 60_000;
    finder.ask(A, &[first]);
    for number in 0..more {
        finder.ask(A, &[number]);
    }
    finder.given(0x77, first) == Some(A_BOUND)
}

#[test]
fn a_stream_remembers_1024_requests() {
    assert!(remembers_after(&mut Finder::of_two(), 1023));
    assert!(!remembers_after(&mut Finder::of_two(), 1024));
}

#[test]
fn a_stream_remembers_as_many_requests_as_the_option_says() {
    for (requests, more, remembered) in [(1, 0, true), (1, 1, false), (2000, 1999, true), (2000, 2000, false)]
    {
        let mut finder = Finder::with(RtxAssociationOptions::default().with_max_requests(requests));
        finder.bind(stream(A, A_BOUND));
        finder.bind(stream(B, B_BOUND));
        assert_eq!(remembers_after(&mut finder, more), remembered, "{more} after it, of {requests}");
    }
}

#[test]
fn a_number_asked_for_twice_is_remembered_until_both_have_gone() {
    let mut finder = Finder::with(RtxAssociationOptions::default().with_max_requests(2));
    finder.bind(stream(A, A_BOUND));
    finder.bind(stream(B, B_BOUND));
    finder.ask(A, &[7]);
    finder.ask(A, &[7]);
    finder.ask(A, &[8]);
    assert_eq!(finder.given(0x77, 7), Some(A_BOUND));
    finder.bye(0x77);
    finder.ask(A, &[9]);
    assert_eq!(finder.given(0x77, 7), None);
}

#[test]
fn an_only_stream_may_have_to_ask_as_well() {
    let mut finder = Finder::with(RtxAssociationOptions::default().with_require_request(true));
    finder.bind(stream(A, A_BOUND));
    assert_eq!(finder.given(0x77, 5), None);
    assert_eq!(finder.counters().unasked, 1);
    finder.ask(A, &[6]);
    assert_eq!(finder.given(0x77, 6), Some(A_BOUND));
    // Once it is known, what nobody asked for is its own as well.
    assert_eq!(finder.given(0x77, 5), Some(A_BOUND));
}

/// The bounds that the documentation gives.
#[test]
fn memory_stays_within_what_is_said() {
    const STREAMS: u32 = 100;
    let kept = |run: &mut dyn FnMut()| allocation_counter::measure(run).bytes_current;
    let mut finder = Finder::with(RtxAssociationOptions::default());
    let mut plain = Finder::plain();
    let bind = |finder: &mut Finder| {
        (0..STREAMS).for_each(|at| finder.bind(stream(1_000 + at, 2_000 + at)));
    };
    let streams = kept(&mut || bind(&mut finder)) - kept(&mut || bind(&mut plain));
    assert!(streams / i64::from(STREAMS) <= 250, "{} bytes a stream", streams / i64::from(STREAMS));
    let numbers: Vec<u16> = (0..5_000).collect();
    let requests = kept(&mut || (0..STREAMS).for_each(|at| finder.ask(1_000 + at, &numbers)));
    let each = requests / i64::from(STREAMS) / 1024;
    assert!((2..=64).contains(&each), "{each} bytes a request");
    // Packets of strangers leave nothing behind, once the chain's own queue has its size.
    assert_eq!(finder.given(99_999, 1), None);
    let strangers = kept(&mut || {
        (0..5_000_u16).for_each(|at| assert_eq!(finder.given(100_000 + u32::from(at), at % 3_000), None));
    });
    assert_eq!(strangers, 0);
}
