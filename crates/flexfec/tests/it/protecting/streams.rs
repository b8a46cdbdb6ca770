//! Streams that share an SSRC of repair packets, and streams that are described anew.

use interceptor_core::{FecInfo, FecScheme, Limits, ProtectionOverhead};
use interceptor_flexfec::{Code, FlexFec};
use interceptor_test::{rtp, stream_info};

use crate::kit::{MEDIA, MS, REPAIR, REPAIR_TYPE, Sender, coded, media, video};

const OTHER: u32 = 0x99;

fn fec(ssrc: u32) -> FecInfo {
    FecInfo::new(FecScheme::FlexFec, REPAIR_TYPE).with_ssrc(ssrc)
}

#[test]
fn streams_of_one_fec_ssrc_share_its_numbers_and_nothing_else() {
    let mut sender = Sender::with(coded(Code::Rows { l: 2 }), Limits::default(), |registry| registry);
    for ssrc in [MEDIA, OTHER] {
        sender.bind(stream_info::video(ssrc).with_fec(fec(REPAIR)));
    }
    for seq in 0..4 {
        sender.give(media(seq));
        sender.give(rtp(OTHER).seq(100 + seq).payload_len(10).build());
    }
    let repairs = sender.repairs();
    let told: Vec<_> =
        repairs.iter().map(|repair| (repair.sequence_number(), repair.csrcs().next().unwrap())).collect();
    assert_eq!(told, [(1, MEDIA), (2, OTHER), (3, MEDIA), (4, OTHER)]);
    assert!(repairs.iter().all(|repair| repair.ssrc() == REPAIR));
    // The first ends, and the second goes on.
    sender.unbind();
    sender.give(rtp(OTHER).seq(104).build());
    sender.give(rtp(OTHER).seq(105).build());
    assert_eq!(sender.repairs().last().unwrap().sequence_number(), 5);
    let protected: Vec<u32> = sender.handle.protected().iter().map(|stream| stream.ssrc).collect();
    assert_eq!(protected, [OTHER]);
}

#[test]
fn a_stream_that_gets_or_loses_fec_begins_or_ends_to_be_protected() {
    let mut sender = Sender::of(coded(Code::Rows { l: 3 }), stream_info::video(MEDIA));
    sender.give_all(0..3);
    assert_eq!(sender.repairs().len(), 0);
    let amend = |sender: &mut Sender, info| {
        let now = sender.now();
        sender.chain.amend_local(info, now).unwrap();
        sender.give_all([]);
    };
    amend(&mut sender, video(FecScheme::FlexFec03));
    sender.give_all(3..8);
    assert_eq!(sender.blocks(), [[3, 4, 5]]);
    // What was open leaves before another format begins, or nothing.
    amend(&mut sender, stream_info::video(MEDIA));
    sender.give_all(8..20);
    assert!(sender.blocks().len() <= 2);
    assert_eq!(sender.handle.protected(), []);
}

#[test]
fn what_was_told_of_a_stream_is_taken_back_when_it_loses_fec() {
    let mut sender = Sender::new(coded(Code::Rows { l: 10 }));
    for seq in 0..200 {
        sender.give(rtp(MEDIA).seq(seq).payload_len(988).build());
        sender.pass(10 * MS);
    }
    assert!(sender.overheads.last().is_some_and(|told| told.bits_per_second > 0), "{:?}", sender.overheads);
    let now = sender.now();
    sender.chain.amend_local(stream_info::video(MEDIA), now).unwrap();
    sender.give(media(200));
    assert_eq!(sender.overheads.last(), Some(&ProtectionOverhead { ssrc: MEDIA, bits_per_second: 0 }));
}

#[test]
fn another_description_of_the_same_target_closes_the_block_and_another_target_drops_it() {
    let mut sender = Sender::new(coded(Code::Rows { l: 4 }));
    sender.give_all(0..2);
    let now = sender.now();
    sender.chain.amend_local(video(FecScheme::FlexFec03).with_extension(9, "urn:example"), now).unwrap();
    sender.give_all(2..4);
    assert_eq!(sender.blocks(), [[0, 1]]);
    sender.chain.amend_local(stream_info::video(MEDIA).with_fec(fec(REPAIR + 1)), now).unwrap();
    sender.give_all(4..8);
    assert_eq!(sender.blocks(), [vec![0, 1], vec![4, 5, 6, 7]]);
    let last = sender.repairs().pop().unwrap();
    assert_eq!((last.ssrc(), last.sequence_number()), (REPAIR + 1, 1));
    let protection = sender
        .chain
        .with_streams::<FlexFec, _>(|_, mut streams| streams.local(MEDIA).map(|stream| stream.protection()));
    assert_eq!(protection.flatten().unwrap().code, Some(Code::Rows { l: 4 }));
}

#[test]
fn repair_packets_of_a_stream_that_gets_fec_again_go_on_in_number() {
    let mut sender = Sender::new(coded(Code::Rows { l: 2 }));
    sender.give_all(0..4);
    let now = sender.now();
    for info in [stream_info::video(MEDIA), video(FecScheme::FlexFec03)] {
        sender.chain.amend_local(info, now).unwrap();
    }
    sender.give_all(4..6);
    let numbers: Vec<u16> = sender.repairs().iter().map(|repair| repair.sequence_number()).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn counters_are_those_of_one_connection_or_of_all() {
    let mut sender = Sender::new(coded(Code::Rows { l: 2 }));
    sender.give_all(0..4);
    let (one, none) = (sender.handle.connection("call"), sender.handle.connection("another"));
    assert_eq!([&sender.handle, &one, &none].map(|handle| handle.totals().protection.repairs), [2, 2, 0]);
    assert_eq!((one.protected().len(), none.protected().len()), (1, 0));
    sender.close();
    assert_eq!([&sender.handle, &one].map(|handle| handle.totals().protection.repairs), [2, 0]);
}
