//! What others stamp nearer the wire: reserved, it does no harm; else nothing comes back.

use interceptor_core::packet::ext::{AbsSendTime, TransportSequenceNumber};
use interceptor_core::packet::{HeaderExtension, Origin, RtpPacket};
use interceptor_core::{FecScheme, Limits, Registry, StreamInfo};
use interceptor_flexfec::{Code, FlexFecFactory, FlexFecOptions, MutableExtensions, ProtectionOptions};
use interceptor_hdrext::AbsSendTimeFactory;
use interceptor_test::rtp;
use interceptor_twcc::TwccFactory;

use crate::kit::{MEDIA, MS, Sender, coded, media, video};
use crate::model::{recover, zeroed};

const SEND_TIME: u8 = 2;
const NUMBER: u8 = 5;
const LEVEL: u8 = 9;

fn stamped() -> StreamInfo {
    video(FecScheme::FlexFec03).with_extension(SEND_TIME, AbsSendTime::URI)
}

fn stampers(registry: Registry) -> Registry {
    registry.with(AbsSendTimeFactory::default()).with(TwccFactory::default())
}

/// How many of a hundred lost packets, one of ten, come back as they left but for what was stamped.
fn back(sender: &mut Sender) -> usize {
    for seq in 0..1000 {
        // One in three has an extension of its own, which is protected like the payload.
        let packet = rtp(MEDIA).seq(seq).payload_len(200 + usize::from(seq % 11));
        sender.give(if seq % 3 == 0 { packet.ext(LEVEL, &[seq as u8]) } else { packet }.build());
        sender.pass(7 * MS);
    }
    let (media, repairs) = (sender.media(), sender.repairs());
    let recovered = (0..100).filter(|group| {
        let mut group: Vec<RtpPacket> = media[10 * group..][..10].to_vec();
        let lost = group.remove(usize::from(group[0].sequence_number() / 10 % 10));
        let back = recover(&group, &repairs, &[SEND_TIME, NUMBER]);
        back.get(&lost.sequence_number()) == Some(&zeroed(&lost, &[SEND_TIME, NUMBER]))
    });
    recovered.count()
}

#[test]
fn with_what_is_stamped_reserved_every_packet_comes_back() {
    let mut sender = Sender::with(coded(Code::Rows { l: 10 }), Limits::default(), stampers);
    sender.bind(stamped());
    assert_eq!((back(&mut sender), sender.counters().unreserved), (100, 0));
    // Repair packets are stamped as well, and numbers have no gap.
    let numbers: Vec<u16> = sender
        .out
        .iter()
        .map(|(_, packet)| packet.read::<TransportSequenceNumber>(NUMBER).unwrap().0)
        .collect();
    assert_eq!(numbers, (0..1100).collect::<Vec<_>>());
    assert!(sender.repairs().iter().all(|repair| repair.read::<AbsSendTime>(SEND_TIME).is_some()));
}

/// Why it is reserved: the same interceptor where it does not see who stamps, since it stands nearer the wire as the sums are made
/// of packets whose extensions come later.
#[test]
fn without_the_reserve_nothing_comes_back() {
    let protection = coded(Code::Rows { l: 10 });
    let factory = FlexFecFactory::new(FlexFecOptions::default().with_protection(protection.clone())).unwrap();
    let handle = factory.handle();
    // Stamps of a chain of its own behind this one are declared to nobody.
    let mut sender =
        Sender::with(ProtectionOptions::default(), Limits::default(), |_| Registry::new().with(factory));
    sender.handle = handle;
    sender.bind(stamped());
    let mut stamper =
        Sender::with(ProtectionOptions::default(), Limits::default(), |_| stampers(Registry::new()));
    stamper.bind(stamped());
    for seq in 0..1000 {
        sender.give(media(seq));
    }
    for (_, packet) in std::mem::take(&mut sender.out) {
        let origin = packet.info().origin;
        stamper.give(packet);
        stamper.out.last_mut().unwrap().1.info_mut().origin = origin;
    }
    let (media, repairs) = (stamper.media(), stamper.repairs());
    let back = (0..100).filter(|group| {
        let mut group: Vec<RtpPacket> = media[10 * group..][..10].to_vec();
        let lost = group.remove(3);
        recover(&group, &repairs, &[SEND_TIME, NUMBER]).contains_key(&lost.sequence_number())
    });
    assert_eq!((repairs.len(), back.count()), (100, 0));
}

#[test]
fn a_repeat_on_the_media_ssrc_is_the_packet_that_was_summed() {
    let mut sender = Sender::with(coded(Code::Rows { l: 10 }), Limits::default(), stampers);
    sender.bind(stamped());
    sender.give(media(0));
    sender.give(
        rtp(MEDIA).seq(0).ts(0).payload(media(0).payload_bytes()).origin(Origin::Retransmission).build(),
    );
    let [(_, first), (_, again)] = &sender.out[..] else { panic!("{:?}", sender.out) };
    assert_eq!(zeroed(first, &[SEND_TIME, NUMBER]), zeroed(again, &[SEND_TIME, NUMBER]));
    assert_eq!(sender.counters().protected, 1);
}

#[test]
fn what_the_application_has_put_in_itself_is_left_alone() {
    let mut sender = Sender::with(
        coded(Code::Rows { l: 1 }).with_max_overhead_percent(100),
        Limits::default(),
        |registry| registry,
    );
    sender.bind(stamped());
    sender.give(rtp(MEDIA).ext(SEND_TIME, &[1, 2, 3]).payload_len(10).build());
    assert_eq!(sender.media()[0].extension(SEND_TIME), Some(&[1, 2, 3][..]));
    // It counts as zeros all the same: somebody may have stamped it.
    assert_eq!(recover(&[], &sender.repairs(), &[])[&0].extension(SEND_TIME), Some(&[0, 0, 0][..]));
}

#[test]
fn extensions_count_as_they_are_where_none_is_mutable() {
    let options = FlexFecOptions::default()
        .with_protection(coded(Code::Rows { l: 1 }).with_max_overhead_percent(100))
        .with_mutable(MutableExtensions::None);
    let factory = FlexFecFactory::new(options).unwrap();
    let mut sender =
        Sender::with(ProtectionOptions::default(), Limits::default(), |_| Registry::new().with(factory));
    sender.bind(stamped());
    let packet = rtp(MEDIA).ext(SEND_TIME, &[1, 2, 3]).payload_len(10).build();
    sender.give(packet.clone());
    assert_eq!(recover(&[], &sender.repairs(), &[])[&0], packet);
}
