//! Streams of one connection share their numbers; packets of no stream count as well.

use interceptor_core::packet::HeaderExtension;
use interceptor_core::packet::ext::TransportSequenceNumber;
use interceptor_core::{ChainError, StreamInfo};
use interceptor_test::{rtp, stream_info};
use interceptor_twcc::{Twcc, TwccOptions};

use crate::kit::{Bench, ID, MEDIA, V2, ms, numbered, video};

const STRANGER: u32 = 99;

fn of(ssrc: u32, id: u8) -> StreamInfo {
    StreamInfo::new(ssrc, 96, 90_000)
        .with_feedback("transport-cc", "")
        .with_extension(id, TransportSequenceNumber::URI)
}

#[test]
fn streams_share_one_row_of_numbers() {
    let mut bench = Bench::receiver(TwccOptions::default());
    bench.chain.bind_remote(stream_info::audio(7), bench.now).unwrap();
    for (number, ssrc) in [(0, MEDIA), (1, 7), (2, MEDIA), (4, 7)] {
        bench.read_packet(rtp(ssrc).ext(ID, &[0, number]).build());
    }
    bench.run(ms(1));
    let report = &bench.reports()[0];
    assert_eq!((report.received(), report.missing()), (vec![0, 1, 2, 4], vec![3]));
}

/// A browser probes on SSRCs that it never announced; unless they are reported, its estimate stays where it began.
#[test]
fn packets_of_an_unknown_ssrc_are_reported_by_the_identifier_of_the_streams_that_are_bound() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    let stranger = |number: u8| rtp(STRANGER).ext(ID, &[0, number]).build();
    bench.read_packet(stranger(0)).run(ms(1));
    assert_eq!(bench.reports(), [], "nobody has said what the extension is");
    bench.chain.bind_remote(video(), bench.now).unwrap();
    bench.read_packet(stranger(1)).read_packet(rtp(STRANGER).ext(6, &[0, 2]).build()).run(ms(1));
    let report = &bench.reports()[0];
    assert_eq!((report.received(), report.media_ssrc), (vec![1], STRANGER));
    assert_eq!(bench.counters().unnumbered, 0, "a packet of no stream need not have one");

    bench.chain.unbind_remote(MEDIA, bench.now).unwrap();
    bench.read_packet(stranger(3)).run(ms(300));
    assert_eq!(bench.reports(), []);
}

/// A session keeps the first packets of an SSRC until its stream is bound, and then passes them again.
#[test]
fn packets_that_came_before_any_stream_was_bound_are_reported_when_they_pass_again() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    let again = |number, arrival| {
        let mut packet = numbered(number);
        (packet.info_mut().seen_unbound, packet.info_mut().arrival) = (true, Some(arrival));
        packet
    };
    bench.pass(ms(64));
    let first = bench.now;
    bench.read(0).pass(ms(10));
    bench.chain.bind_remote(video(), bench.now).unwrap();
    bench.read_packet(again(0, first)).read(1).run(ms(1));
    assert_eq!(bench.reports()[0].packets, [(0, Some(64_000)), (1, Some(74_000))]);

    // A stream's that is bound later were noted down when they came.
    let stranger: Vec<u16> = (2..40).collect();
    for number in &stranger {
        bench.read_packet(rtp(STRANGER).ext(ID, &number.to_be_bytes()).build());
    }
    let then = bench.now;
    (40..400).for_each(|number| {
        bench.read(number).run(ms(1));
    });
    bench.chain.bind_remote(stream_info::video(STRANGER), bench.now).unwrap();
    for number in &stranger {
        let mut packet = again(*number, then);
        packet.set_ssrc(STRANGER);
        bench.read_packet(packet);
    }
    let counters = bench.counters();
    assert_eq!((counters.duplicates, counters.too_late, counters.restarts), (0, 0, 0));
}

#[test]
fn a_second_identifier_for_the_extension_is_refused() {
    let mut bench = Bench::receiver(TwccOptions::default());
    let refused = bench.chain.bind_remote(of(7, 9), bench.now).unwrap_err();
    let ChainError::Refused { interceptor: "twcc", error } = &refused else { panic!("{refused}") };
    let reason = error.downcast_ref::<ChainError>().unwrap();
    assert!(matches!(reason, ChainError::InvalidStream { field: "header_extensions.id", .. }), "{reason}");
    bench.chain.bind_remote(of(7, ID), bench.now).unwrap();
    bench.chain.bind_remote(stream_info::bare(8), bench.now).unwrap();
    let on_request = StreamInfo::new(9, 96, 90_000).with_feedback("transport-cc", "").with_extension(6, V2);
    bench.chain.bind_remote(on_request, bench.now).unwrap();
}

#[test]
fn streams_may_be_described_anew_one_after_the_other() {
    let mut bench = Bench::new(TwccOptions::default(), |config| config);
    bench.chain.bind_remote(of(1, 5), bench.now).unwrap();
    bench.chain.bind_remote(of(2, 5), bench.now).unwrap();
    let packet = |ssrc, id, number: u8| rtp(ssrc).ext(id, &[0, number]).build();
    bench.chain.amend_remote(of(1, 9), bench.now).unwrap();
    bench.read_packet(packet(1, 9, 0)).read_packet(packet(2, 5, 1));
    bench.read_packet(packet(STRANGER, 9, 2)).read_packet(packet(STRANGER, 5, 3));
    bench.chain.amend_remote(of(2, 9), bench.now).unwrap();
    bench.read_packet(packet(2, 9, 4)).read_packet(packet(STRANGER, 5, 5)).run(ms(1));
    assert_eq!(bench.reports()[0].received(), [0, 1, 2, 3, 4]);
    assert!(bench.chain.bind_remote(of(3, 5), bench.now).is_err(), "no stream has the old one any more");
    bench.chain.amend_remote(stream_info::bare(1), bench.now).unwrap();
    bench.chain.amend_remote(stream_info::bare(2), bench.now).unwrap();
    bench.chain.bind_remote(of(3, 5), bench.now).unwrap();
}

#[test]
fn without_the_feedback_or_switched_off_nothing_is_reported() {
    let mut bench = Bench::receiver(TwccOptions::default().with_reporting(false));
    bench.read(1).run(ms(300));
    let mut silent = Bench::new(TwccOptions::default(), |config| config);
    let info = StreamInfo::new(MEDIA, 96, 90_000).with_extension(ID, TransportSequenceNumber::URI);
    silent.chain.bind_remote(info, silent.now).unwrap();
    silent.read(1).run(ms(300));
    for mut bench in [bench, silent] {
        assert_eq!((bench.reports(), bench.counters().arrivals), (vec![], 0));
        assert_eq!(bench.chain.layout().rows()[0].remote_streams, 0);
    }
}

#[test]
fn a_stream_s_identifier_can_be_asked_for() {
    let mut bench = Bench::receiver(TwccOptions::default());
    let id =
        bench.chain.with_streams::<Twcc, _>(|_, streams| Some(streams.peek_remote(MEDIA)?.extension_id()));
    assert_eq!(id.flatten(), Some(ID));
}
