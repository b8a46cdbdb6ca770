//! A stream whose description changes keeps its states and its history.

use interceptor_core::packet::{Origin, RtpPacket};
use interceptor_core::{Amend, Chain, ChainError, Error, FecInfo, FecScheme, Stage, StreamInfo};

use crate::actor::{Actor, Diary};
use crate::probe::{SSRC, config, rtp};

const RTX: u32 = 0x5566_7788;

fn plain() -> StreamInfo {
    StreamInfo::new(SSRC, 96, 90_000)
}

fn chain() -> (Chain, std::time::Instant) {
    let config = config();
    let now = config.now;
    (Chain::new(config), now)
}

/// Takes part in streams with RTX only, and writes down what it is asked.
fn wants_rtx(diary: &Diary, name: &'static str) -> Actor {
    let [bound, amended] = [diary.clone(), diary.clone()];
    Actor::default()
        .on_bind(move |info, _| {
            bound.note(format!("{name} bind rtx={}", info.rtx.is_some()));
            Ok(info.rtx.is_some())
        })
        .on_amend(move |(old, new), _| {
            amended.note(format!("{name} amend rtx={}->{}", old.rtx.is_some(), new.rtx.is_some()));
            Ok(if new.rtx.is_some() { Amend::Keep } else { Amend::Leave })
        })
}

fn rtx_packet() -> RtpPacket {
    RtpPacket::builder().ssrc(RTX).payload_type(97).build().unwrap()
}

#[test]
fn who_had_declined_may_join_and_who_took_part_may_stay_or_leave() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    chain.insert("picky", Stage::RTX, wants_rtx(&diary, "picky"), now).unwrap();
    chain.insert("all", Stage::NACK, Actor::default(), now).unwrap();
    chain.bind_remote(plain(), now).unwrap();
    chain.read_rtp(rtp(SSRC, 1), now);

    chain.amend_remote(plain().with_rtx(RTX, 97), now).unwrap();
    chain.amend_remote(plain().with_rtx(RTX, 98), now).unwrap();
    chain.read_rtp(rtp(SSRC, 2), now);
    assert_eq!(chain.layout().rows()[0].remote_streams, 1);
    chain.amend_remote(plain(), now).unwrap();
    assert_eq!(chain.layout().rows()[0].remote_streams, 0);
    let asked = ["bind rtx=false", "bind rtx=true", "amend rtx=true->true", "amend rtx=true->false"];
    assert_eq!(diary.read(), asked.map(|line| format!("picky {line}")));

    // `get` and `with_streams` find the first: the one that was there all the time stands above it.
    let packets = chain.with_streams::<Actor, _>(|_, mut streams| streams.remote(SSRC).copied());
    assert_eq!(packets, Some(None), "it has left");
    chain.remove("picky", now).unwrap();
    let packets = chain.with_streams::<Actor, _>(|_, mut streams| streams.remote(SSRC).copied());
    assert_eq!(packets, Some(Some(2)), "who stays keeps its state");
}

#[test]
fn the_ssrcs_of_repair_enter_and_leave_the_routes() {
    let (mut chain, now) = chain();
    chain.insert("all", Stage::NACK, Actor::default(), now).unwrap();
    chain.bind_remote(plain(), now).unwrap();
    chain.read_rtp(rtx_packet(), now);
    assert_eq!(chain.counters().unbound_read, 1);
    chain.amend_remote(plain().with_rtx(RTX, 97), now).unwrap();
    chain.read_rtp(rtx_packet(), now);
    assert_eq!(chain.counters().unbound_read, 1);
    assert_eq!(chain.remote_stream(RTX).map(|info| info.ssrc), Some(SSRC));
    chain.amend_remote(plain(), now).unwrap();
    assert!(chain.remote_stream(RTX).is_none());
}

#[test]
fn a_refusal_leaves_everything_as_it_was_and_tells_those_who_knew() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    let told = diary.clone();
    let stays = Actor::default().on_amend(move |(old, new), _| {
        told.note(format!("stays rtx={}->{}", old.rtx.is_some(), new.rtx.is_some()));
        Ok(Amend::Keep)
    });
    let refuses = Actor::default().on_amend(|_, _| Err(Error::msg("never")));
    chain.insert("stays", Stage::CAPTURE, stays, now).unwrap();
    chain.insert("joins", Stage::RTX, wants_rtx(&diary, "joins"), now).unwrap();
    chain.insert("refuses", Stage::NACK, refuses, now).unwrap();
    chain.bind_local(plain(), now).unwrap();
    diary.read();
    let refused = chain.amend_local(plain().with_rtx(RTX, 97), now);
    assert!(matches!(refused, Err(ChainError::Refused { interceptor: "refuses", .. })), "{refused:?}");
    assert_eq!(diary.read(), ["stays rtx=false->true", "joins bind rtx=true", "stays rtx=true->false"]);
    assert_eq!(chain.local_stream(SSRC), Some(&plain()));
    assert!(chain.local_stream(RTX).is_none(), "the SSRC is free again");
    assert_eq!(chain.layout().rows()[1].local_streams, 0, "who had joined has left");
}

#[test]
fn who_had_left_before_a_refusal_is_bound_again() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    chain.insert("leaves", Stage::RTX, wants_rtx(&diary, "leaves"), now).unwrap();
    let refuses = Actor::default().on_amend(|_, _| Err(Error::msg("never")));
    chain.insert("refuses", Stage::NACK, refuses, now).unwrap();
    chain.bind_local(plain().with_rtx(RTX, 97), now).unwrap();
    diary.read();
    assert!(chain.amend_local(plain(), now).is_err());
    assert_eq!(diary.read(), ["leaves amend rtx=true->false", "leaves bind rtx=true"]);
    assert_eq!(chain.layout().rows()[0].local_streams, 1);
}

#[test]
fn what_cannot_be_is_refused_before_anybody_is_told() {
    let (mut chain, now) = chain();
    let diary = Diary::default();
    chain.insert("asked", Stage::RTX, wants_rtx(&diary, "asked"), now).unwrap();
    chain.bind_local(plain(), now).unwrap();
    chain.bind_local(StreamInfo::new(7, 96, 90_000), now).unwrap();
    diary.read();
    let refused = chain.amend_local(plain().with_rtx(7, 97), now);
    assert!(matches!(refused, Err(ChainError::SsrcInUse { ssrc: 7 })), "{refused:?}");
    let refused = chain.amend_local(plain().with_rtx(SSRC, 97), now).unwrap_err().to_string();
    assert_eq!(refused, "StreamInfo::rtx.ssrc is 0x11223344, it has to be another one than the media's");
    assert!(matches!(chain.amend_local(StreamInfo::new(8, 96, 1), now), Err(ChainError::UnknownSsrc { .. })));
    assert_eq!(diary.read(), Vec::<String>::new());
}

#[test]
fn repair_packets_of_several_streams_take_the_way_of_the_first_that_is_left() {
    const FEC: u32 = 99;
    let (mut chain, now) = chain();
    let fec = FecInfo::new(FecScheme::FlexFec03, 49).with_ssrc(FEC);
    chain.insert("all", Stage::FEC, Actor::default(), now).unwrap();
    let stream = |ssrc| StreamInfo::new(ssrc, 96, 90_000);
    (1..=3).for_each(|ssrc| chain.bind_remote(stream(ssrc).with_fec(fec), now).unwrap());
    let owner = |chain: &Chain| chain.remote_stream(FEC).map(|info| info.ssrc);
    assert_eq!(owner(&chain), Some(1));
    // Amended otherwise, a stream keeps its turn; without FEC it gives it up.
    chain.amend_remote(stream(1).with_fec(fec).with_mid("0"), now).unwrap();
    assert_eq!(owner(&chain), Some(1));
    chain.amend_remote(stream(1), now).unwrap();
    assert_eq!(owner(&chain), Some(2));
    chain.unbind_remote(2, now).unwrap();
    assert_eq!(owner(&chain), Some(3));
    let repair = RtpPacket::builder().ssrc(FEC).payload_type(49).build().unwrap();
    chain.read_rtp(repair, now);
    assert_eq!(chain.counters().unbound_read, 0);
    chain.unbind_remote(3, now).unwrap();
    assert_eq!(owner(&chain), None);
    let taken = chain.bind_remote(stream(FEC).with_fec(fec), now);
    assert!(taken.is_err(), "one SSRC in two roles");
}

#[test]
fn what_an_interceptor_says_of_an_origin_wins_over_the_ssrc_s_role() {
    for (said, seen) in [(Origin::Padding, Origin::Padding), (Origin::Media, Origin::Retransmission)] {
        let (mut chain, now) = chain();
        let hold = Actor::default().on_rtp(move |mut packet, cx| {
            packet.info_mut().origin = said;
            cx.deliver_rtp(packet);
            Ok(None)
        });
        let diary = Diary::default();
        let book = diary.clone();
        let see = Actor::default().on_rtp(move |packet, _| {
            book.note(format!("{:?}", packet.info().origin));
            Ok(Some(packet))
        });
        chain.insert("hold", Stage::REPORT, hold, now).unwrap();
        chain.insert("see", Stage::APPLICATION, see, now).unwrap();
        chain.bind_remote(plain().with_rtx(RTX, 97), now).unwrap();
        chain.read_rtp(rtx_packet(), now);
        assert_eq!(diary.read(), [format!("{seen:?}")]);
    }
}
