//! Whose a retransmission is, and what becomes of it.

use interceptor_core::packet::{Origin, Recovery};
use interceptor_core::{Incoming, StreamInfo};

use super::kit::{A, A_BOUND, B, B_BOUND, Finder, again, stream};

#[test]
fn the_only_stream_with_the_payload_type_owns_it() {
    let mut finder = Finder::with(Default::default());
    finder.bind(stream(A, A_BOUND));
    finder.bind(StreamInfo::new(B, 98, 90_000).with_rtx(B_BOUND, 99));
    assert_eq!(finder.found(A), None);
    assert_eq!(finder.given(0x77, 5), Some(A_BOUND));
    assert_eq!(finder.given_to(&again(0x88, 99, 5)), Some(B_BOUND));
    assert_eq!((finder.found(A), finder.found(B)), (Some(0x77), Some(0x88)));
    assert_eq!(finder.counters().associated, 2);
}

#[test]
fn of_several_streams_the_one_that_asked_owns_it() {
    let mut finder = Finder::of_two();
    assert_eq!(finder.given(0x77, 6), None);
    finder.ask(B, &[65_535, 3]);
    assert_eq!(finder.given(0x77, 65_535), Some(B_BOUND));
    // Known from now on, for whatever it repeats.
    assert_eq!(finder.given(0x77, 6), Some(B_BOUND));
    assert_eq!((finder.counters().associated, finder.counters().unasked), (2, 1));
    assert_eq!((finder.found(A), finder.found(B)), (None, Some(0x77)));
}

#[test]
fn what_one_stream_asked_for_does_not_make_it_another_s_payload_type() {
    let mut finder = Finder::with(Default::default());
    finder.bind(stream(A, A_BOUND));
    finder.bind(stream(B, B_BOUND));
    finder.bind(StreamInfo::new(3, 98, 90_000).with_rtx(4, 99));
    for media in [A, 3] {
        finder.ask(media, &[7]);
    }
    // The third stream has asked for the same number, but cannot be answered with this payload type.
    assert_eq!(finder.given(0x77, 7), Some(A_BOUND));
}

#[test]
fn it_arrives_as_the_packet_that_was_lost() {
    let mut finder = Finder::restoring();
    finder.bind(stream(A, A_BOUND));
    let Incoming::Rtp(packet) = finder.read(&again(0x77, 97, 9)) else { panic!("it has a stream") };
    assert_eq!((packet.ssrc(), packet.payload_type(), packet.sequence_number()), (A, 96, 9));
    assert_eq!((packet.payload(), packet.info().origin), (&b"media"[..], Origin::Media));
    assert_eq!(packet.info().recovered_by, Some(Recovery::Rtx));
    assert_eq!(packet.info().arrival, Some(finder.now));
}

#[test]
fn a_sender_that_changes_its_ssrc_is_found_again_by_a_request() {
    let mut finder = Finder::with(Default::default());
    finder.bind(stream(A, A_BOUND));
    assert_eq!(finder.given(0x77, 1), Some(A_BOUND));
    // The stream has one: another has to answer a request.
    assert_eq!(finder.given(0x88, 2), None);
    finder.ask(A, &[3]);
    assert_eq!(finder.given(0x88, 3), Some(A_BOUND));
    assert_eq!(finder.found(A), Some(0x88));
    // The one before is nobody's any more.
    assert_eq!(finder.given(0x77, 4), None);
    assert_eq!(finder.counters().unasked, 2);
}

/// RFC 4588 §5.3: after a BYE the association is made again.
#[test]
fn a_bye_ends_the_association() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[1]);
    assert_eq!(finder.given(0x77, 1), Some(A_BOUND));
    finder.bye(0x88);
    assert_eq!(finder.found(A), Some(0x77), "another's BYE");
    finder.bye(0x77);
    assert_eq!(finder.found(A), None);
    finder.ask(B, &[2]);
    assert_eq!(finder.given(0x77, 2), Some(B_BOUND));
}

#[test]
fn a_request_about_the_rtx_stream_s_own_numbers_tells_nothing() {
    let mut finder = Finder::of_two();
    finder.ask(A_BOUND, &[1]);
    finder.ask(0x99, &[1]);
    assert_eq!(finder.given(0x77, 1), None);
    assert_eq!(finder.counters().unasked, 1);
}

#[test]
fn a_stream_that_ends_is_nobody_s_rival() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[1, 2]);
    finder.ask(B, &[1]);
    assert_eq!(finder.given(0x77, 2), Some(A_BOUND));
    finder.chain.unbind_remote(A, finder.now).unwrap();
    // Neither the SSRC found nor the requests of the stream are left.
    assert_eq!(finder.given(0x77, 1), Some(B_BOUND));
    finder.bind(stream(A, A_BOUND));
    assert_eq!(finder.given(0x88, 2), None);
}

#[test]
fn a_described_rtx_stream_takes_part_from_then_on() {
    let mut finder = Finder::with(Default::default());
    finder.bind(StreamInfo::new(A, 96, 90_000));
    assert_eq!(finder.given(0x77, 1), None);
    finder.chain.amend_remote(stream(A, A_BOUND), finder.now).unwrap();
    assert_eq!(finder.given(0x77, 1), Some(A_BOUND));
    // Other payload types, another SSRC to be bound with: what was found stays.
    let info = StreamInfo::new(A, 96, 90_000).with_rtx(0x55, 99);
    finder.chain.amend_remote(info, finder.now).unwrap();
    assert_eq!(finder.given_to(&again(0x77, 99, 2)), Some(0x55));
    assert_eq!(finder.given_to(&again(0x77, 97, 2)), None);
    assert_eq!(finder.counters().other_payload_type, 1);
    finder.chain.amend_remote(StreamInfo::new(A, 96, 90_000), finder.now).unwrap();
    assert_eq!(finder.given_to(&again(0x77, 99, 2)), None);
}

#[test]
fn an_ssrc_that_becomes_announced_is_its_stream_s() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[1]);
    assert_eq!(finder.given(0x77, 1), Some(A_BOUND));
    // What was guessed was wrong: it is the other's.
    finder.chain.amend_remote(stream(B, 0x77), finder.now).unwrap();
    assert_eq!(finder.found(A), None);
    assert_eq!(finder.given(0x77, 1), Some(0x77));
    assert_eq!(finder.counters().associated, 1);
}

#[test]
fn a_stream_whose_pairs_are_unknown_takes_no_part() {
    let mut finder = Finder::with(Default::default());
    let mut info = stream(A, A_BOUND);
    info.rtx.as_mut().unwrap().payload_types.clear();
    finder.bind(info);
    finder.ask(A, &[1]);
    assert_eq!(finder.given(0x77, 1), None);
    assert_eq!(finder.counters(), Default::default());
}

#[test]
fn media_of_unknown_ssrcs_passes_and_is_not_counted() {
    let mut finder = Finder::of_two();
    finder.ask(A, &[1]);
    for payload_type in [96, 98] {
        assert_eq!(finder.given_to(&again(0x77, payload_type, 1)), None);
    }
    assert_eq!(finder.counters(), Default::default());
    assert_eq!(finder.chain.counters().unbound_read, 2);
}

#[test]
fn an_announced_rtx_ssrc_needs_no_finding() {
    let mut finder = Finder::of_two();
    assert_eq!(finder.given(A_BOUND, 1), Some(A_BOUND));
    assert_eq!((finder.counters(), finder.found(A)), (Default::default(), None));
}

#[test]
fn an_associated_packet_costs_no_allocation() {
    let mut finder = Finder::with(Default::default());
    finder.bind(stream(A, A_BOUND));
    let datagram = again(0x77, 97, 1).to_bytes();
    let mut pass = |times: u32| {
        for _ in 0..times {
            finder.chain.read_datagram(datagram.clone(), finder.now);
            assert!(matches!(finder.chain.poll_app(), Some(Incoming::Rtp(_))));
        }
    };
    pass(2_000);
    let info = allocation_counter::measure(|| pass(10_000));
    assert_eq!(info.count_total, 0, "{info:?}");
    assert_eq!((finder.counters().associated, finder.found(A)), (12_000, Some(0x77)));
}
