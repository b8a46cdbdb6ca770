//! Who says whose packets are, until when, and what is told of those that nobody has bound.

use interceptor_core::packet::ext::{Mid, RepairedRid, Rid};
use interceptor_core::packet::rtcp::{CcfbMetric, CcfbStream};
use interceptor_core::packet::{Ecn, HeaderExtension, Origin, RtpPacket};
use interceptor_core::{Rtt, Stage, StreamInfo};
use interceptor_hdrext::{
    Identification, IdentificationFactory, IdentificationOptions, Identify, RepairIdentification,
    UnboundStream,
};
use interceptor_test::{hex, rtp, stream_info};

use crate::kit::{Bench, MEDIA, RTX, foreign, ms, report, rtcp};

pub(crate) const MID: u8 = 9;
pub(crate) const RID: u8 = 10;
pub(crate) const REPAIRED: u8 = 11;
pub(crate) const STRANGER: u32 = 99;

fn layer() -> StreamInfo {
    stream_info::video_with_rtx(MEDIA, RTX)
        .with_mid("0")
        .with_rid("hi")
        .with_extension(MID, Mid::URI)
        .with_extension(RID, Rid::URI)
        .with_extension(REPAIRED, RepairedRid::URI)
}

fn options(identify: Identify) -> IdentificationOptions {
    IdentificationOptions::default().with_identify(identify)
}

fn factory(options: IdentificationOptions) -> IdentificationFactory {
    IdentificationFactory::new(options).unwrap()
}

fn sender() -> Bench {
    Bench::new(factory(IdentificationOptions::default())).sending(layer())
}

fn names(packet: &RtpPacket) -> Vec<(u8, &[u8])> {
    packet.extensions().collect()
}

/// Does the next packet, with this number, say whose it is?
fn says(bench: &mut Bench, seq: u16) -> bool {
    let packet = bench.write(rtp(MEDIA).seq(seq).build());
    let elements = names(&packet);
    assert!(elements.is_empty() || elements == [(MID, &b"0"[..]), (RID, b"hi")], "{elements:?}");
    !elements.is_empty()
}

#[test]
fn packets_say_whose_they_are_until_a_report_shows_that_one_has_come() {
    let mut bench = sender();
    assert!(says(&mut bench, 65_534) && says(&mut bench, 65_535));
    bench.read_rtcp(report(MEDIA, 65_533)).read_rtcp(report(RTX, 65_535)).read_rtcp(report(7, 65_535));
    assert!(says(&mut bench, 0), "none of them is about these packets");
    bench.read_rtcp(report(MEDIA, 65_534));
    assert!(!says(&mut bench, 1));
    let counters = bench.get::<Identification>().counters();
    assert_eq!((counters.stamped, counters.acknowledged), (3, 1));
}

#[test]
fn requests_for_missing_packets_and_congestion_feedback_show_it_as_well() {
    let mut bench = sender();
    assert!(says(&mut bench, 10));
    bench.read_rtcp(rtcp(|builder| builder.nack(1, MEDIA, &[8, 9])));
    assert!(says(&mut bench, 11), "those it asks for were sent before");
    bench.read_rtcp(rtcp(|builder| builder.nack(1, MEDIA, &[9, 10])));
    assert!(!says(&mut bench, 12));

    let mut bench = sender();
    assert!(says(&mut bench, 10));
    let feedback = |received: bool| {
        let metric = if received { CcfbMetric::received(Ecn::NotEct, None) } else { CcfbMetric::LOST };
        let metrics = [metric];
        rtcp(|builder| {
            builder.ccfb(1, &[CcfbStream { ssrc: MEDIA, begin_sequence: 10, metrics: &metrics }], 0)
        })
    };
    bench.read_rtcp(feedback(false));
    assert!(says(&mut bench, 11), "it is missing");
    bench.read_rtcp(feedback(true));
    assert!(!says(&mut bench, 12));
}

/// Transport-wide feedback and picture requests name a stream, but no number of its own.
#[test]
fn what_only_names_the_stream_shows_it_after_a_round_trip() {
    let twcc = || {
        interceptor_core::packet::RtcpPacket::parse(hex(
            "afcd0005 00000001 0a0b0c0d 0001000100000100 20010001",
        ))
        .unwrap()
    };
    for (rtt, wait) in [(None, 100), (Some(Rtt::first(ms(30))), 30)] {
        for request in
            [twcc(), rtcp(|builder| builder.pli(1, MEDIA)), rtcp(|builder| builder.fir(1, &[(MEDIA, 7)]))]
        {
            let mut bench = sender();
            if let Some(rtt) = rtt {
                bench.chain.publish(rtt, bench.now);
            }
            assert!(says(&mut bench, 1));
            bench.pass(ms(wait - 1)).read_rtcp(request.clone());
            assert!(says(&mut bench, 2), "it may be about packets before the first");
            bench.pass(ms(1)).read_rtcp(request);
            assert!(!says(&mut bench, 3));
        }
    }
}

#[test]
fn it_can_go_on_for_ever_or_never_begin() {
    let mut bench = Bench::new(factory(options(Identify::Always))).sending(layer());
    assert!(says(&mut bench, 1));
    bench.read_rtcp(report(MEDIA, 1));
    assert!(says(&mut bench, 2));
    let mut bench = Bench::new(factory(options(Identify::Never))).sending(layer());
    assert!(!says(&mut bench, 1));
    assert_eq!(bench.parts(), (0, 0));
}

#[test]
fn another_name_is_said_anew_and_the_same_is_not() {
    let mut bench = sender();
    says(&mut bench, 1);
    bench.read_rtcp(report(MEDIA, 1));
    bench.chain.amend_local(layer().with_feedback("goog-remb", ""), bench.now).unwrap();
    assert!(!says(&mut bench, 2));
    bench.chain.amend_local(layer().with_mid("1"), bench.now).unwrap();
    let packet = bench.write(rtp(MEDIA).seq(3).build());
    assert_eq!(names(&packet), [(MID, &b"1"[..]), (RID, b"hi")]);
    bench.chain.amend_local(stream_info::bare(MEDIA), bench.now).unwrap();
    assert_eq!((bench.parts(), bench.chain.headroom(MEDIA)), ((0, 0), Some(0)));
}

#[test]
fn only_media_is_named_above_and_only_what_repairs_it_below() {
    let mut bench = sender();
    assert_eq!(bench.chain.headroom(MEDIA), Some(12), "header, elements of 2 and 3 bytes, padding");
    let rtx = bench.write(rtp(RTX).pt(97).origin(Origin::Retransmission).build());
    assert_eq!(names(&rtx), []);

    let mut bench = Bench::new(factory(IdentificationOptions::default()).repair()).sending(layer());
    assert_eq!(bench.chain.layout().rows()[0].stage, Stage::RTX.below());
    assert_eq!(names(&bench.write(rtp(MEDIA).build())), []);
    // A retransmission of a packet that had named itself comes with the repaired stream's name already.
    for packet in [rtp(RTX).pt(97).seq(5).build(), rtp(RTX).pt(97).seq(6).ext(REPAIRED, b"hi").build()] {
        let rtx = bench.write(packet);
        let mut elements = names(&rtx);
        elements.sort_unstable();
        assert_eq!(elements, [(MID, &b"0"[..]), (REPAIRED, b"hi")]);
    }
    bench.read_rtcp(report(MEDIA, 5));
    assert_eq!(names(&bench.write(rtp(RTX).pt(97).seq(7).build())).len(), 2, "that is another SSRC");
    bench.read_rtcp(report(RTX, 6));
    assert_eq!(names(&bench.write(rtp(RTX).pt(97).seq(8).build())), []);
    assert_eq!(bench.get::<RepairIdentification>().counters().acknowledged, 1);
}

#[test]
fn a_stream_without_a_name_or_an_identifier_never_reaches_it() {
    let anonymous = stream_info::video(7).with_extension(MID, Mid::URI);
    let unnegotiated = stream_info::video(8).with_mid("0").with_rid("hi");
    let long = stream_info::video(9).with_mid("seventeen letters").with_extension(MID, Mid::URI);
    let bench = sender().sending(anonymous).sending(unnegotiated).sending(long);
    assert_eq!(bench.parts(), (1, 0));
}

#[test]
fn a_foreign_extension_block_leaves_without_a_name() {
    let mut bench = sender();
    assert_eq!(bench.write(foreign()), foreign());
    bench.read_rtcp(report(MEDIA, 1));
    assert!(says(&mut bench, 2), "nothing has been said so far");
    assert_eq!(bench.get::<Identification>().counters().not_stamped, 1);
}

/// Receives; the identifiers are those of streams that were bound.
pub(crate) fn receiver() -> Bench {
    Bench::new(factory(IdentificationOptions::default())).receiving(layer())
}

pub(crate) fn unbound(ssrc: u32, mid: &str) -> RtpPacket {
    rtp(ssrc).ext(MID, mid.as_bytes()).build()
}

#[test]
fn an_unbound_ssrc_is_told_once_with_all_that_it_says() {
    let mut bench = receiver();
    bench.read(rtp(STRANGER).build());
    assert_eq!(bench.raised::<UnboundStream>(), [], "it says nothing");
    let media = rtp(STRANGER).pt(96).ext(MID, b"0").ext(RID, b"lo").build();
    let repair = rtp(STRANGER + 1).pt(97).ext(MID, b"0").ext(REPAIRED, b"lo").build();
    for _ in 0..3 {
        bench.read(media.clone());
        bench.read(repair.clone());
    }
    let told = bench.raised::<UnboundStream>();
    let said: Vec<_> = told
        .iter()
        .map(|told| {
            let text = |rid: Option<Rid>| rid.map(|rid| rid.as_str().to_owned());
            (
                told.ssrc,
                told.mid.unwrap().to_string(),
                text(told.rid),
                text(told.repaired_rid),
                told.payload_type,
            )
        })
        .collect();
    let lo = || Some("lo".to_owned());
    assert_eq!(
        said,
        [(STRANGER, "0".to_owned(), lo(), None, 96), (STRANGER + 1, "0".to_owned(), None, lo(), 97)]
    );
    let counters = bench.get::<Identification>().counters();
    assert_eq!((counters.unbound_told, bench.get::<Identification>().remembered()), (2, 2));
    assert_eq!(bench.parts(), (0, 0), "packets of bound streams pass by");
}

#[test]
fn it_is_told_again_when_it_says_something_else_and_after_its_stream_has_ended() {
    let mut bench = receiver();
    for mid in ["0", "1", "1", "0"] {
        bench.read(unbound(STRANGER, mid));
    }
    assert_eq!(bench.raised::<UnboundStream>().len(), 3);
    bench.chain.bind_remote(stream_info::video(STRANGER), bench.now).unwrap();
    bench.read(unbound(STRANGER, "0"));
    assert_eq!(bench.raised::<UnboundStream>().len(), 0);
    bench.chain.unbind_remote(STRANGER, bench.now).unwrap();
    bench.read(unbound(STRANGER, "0"));
    assert_eq!(bench.raised::<UnboundStream>().len(), 1);
}

#[test]
fn identifiers_are_those_of_the_options_else_of_any_stream() {
    let mut bench = Bench::new(factory(
        IdentificationOptions::default().with_mid_id(4).with_rid_id(5).with_repaired_rid_id(6),
    ));
    bench.read(rtp(STRANGER).ext(4, b"a").ext(5, b"b").ext(6, b"c").build());
    let told = bench.raised::<UnboundStream>();
    assert!(told[0].mid.is_some() && told[0].rid.is_some() && told[0].repaired_rid.is_some());
    let mut bench = Bench::new(factory(IdentificationOptions::default()));
    bench.read(unbound(STRANGER, "0"));
    assert_eq!(bench.raised::<UnboundStream>(), [], "nobody has said what the extension is");
    bench = bench.sending(layer());
    bench.read(unbound(STRANGER, "0"));
    assert_eq!(bench.raised::<UnboundStream>().len(), 1);
}

#[test]
fn the_table_and_the_events_are_as_large_as_the_options_say() {
    let options = IdentificationOptions::default().with_max_unbound(2).with_max_events(5).with_mid_id(MID);
    let mut bench = Bench::new(factory(options));
    for ssrc in [1, 2, 1, 3, 1, 2, 4, 5] {
        bench.read(unbound(ssrc, "0"));
    }
    let told: Vec<u32> = bench.raised::<UnboundStream>().iter().map(|stream| stream.ssrc).collect();
    assert_eq!(told, [1, 2, 3, 1, 2], "the oldest was forgotten, and is told again");
    assert_eq!(bench.get::<Identification>().counters().unbound_suppressed, 2);
}
