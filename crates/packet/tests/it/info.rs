//! What is known about packets, and which protocol they are.

use std::sync::Arc;

use interceptor_packet::{Attributes, Ecn, Kind, Origin, PacketInfo, RtcpPacket, RtpPacket, classify};

#[derive(Clone, Debug, PartialEq)]
struct Layer(u8);

#[derive(Clone, Debug, PartialEq)]
struct Name(String);

#[test]
fn attributes_keep_one_value_a_type() {
    let mut attributes = Attributes::new();
    assert!(attributes.is_empty());
    assert_eq!(attributes.insert(Layer(1)), None);
    assert_eq!(attributes.insert(Name("a".into())), None);
    assert_eq!(attributes.insert(Layer(2)), Some(Layer(1)));
    assert_eq!(attributes.len(), 2);
    attributes.get_mut::<Name>().unwrap().0.push('b');
    assert_eq!(attributes.get::<Name>(), Some(&Name("ab".into())));
    assert_eq!(attributes.get::<u32>(), None);
    assert_eq!(attributes.remove::<Layer>(), Some(Layer(2)));
    assert_eq!(attributes.remove::<Layer>(), None);
    assert_eq!(attributes.remove::<Name>(), Some(Name("ab".into())));
    assert!(attributes.is_empty());
}

#[test]
fn cloned_attributes_are_their_own() {
    let mut original = Attributes::new();
    original.insert(Layer(1));
    let mut copy = original.clone();
    copy.get_mut::<Layer>().unwrap().0 = 9;
    assert_eq!(original.get::<Layer>(), Some(&Layer(1)));
}

#[test]
fn attributes_drop_their_values() {
    let counted = Arc::new(());
    let mut attributes = Attributes::new();
    attributes.insert(Arc::clone(&counted));
    attributes.insert(Layer(1));
    attributes.clear();
    assert_eq!(Arc::strong_count(&counted), 1);
    assert_eq!(attributes.len(), 0);
}

#[test]
fn attributes_name_their_types_when_printed() {
    let mut attributes = Attributes::new();
    assert_eq!(format!("{attributes:?}"), "{}");
    attributes.insert(Layer(1));
    assert!(format!("{attributes:?}").contains("Layer"));
}

#[test]
fn packets_stay_small() {
    assert_eq!(size_of::<Attributes>(), size_of::<usize>());
    assert!(size_of::<PacketInfo>() <= 32);
    assert!(size_of::<RtpPacket>() <= 144);
    assert!(size_of::<RtcpPacket>() <= 80);
}

#[test]
fn a_packet_s_info_starts_as_media_from_nowhere() {
    let info = PacketInfo::default();
    assert_eq!((info.arrival, info.ecn, info.origin, info.recovered_by), (None, None, Origin::Media, None));
    assert_eq!((info.path, info.probe, info.seen_unbound), (0, None, false));
    assert!(info.attributes.is_empty());
}

#[test]
fn a_packet_s_info_goes_with_its_clones_and_its_own_way() {
    let mut packet = RtpPacket::default();
    (packet.info_mut().path, packet.info_mut().probe) = (1, Some(0));
    let copy = packet.clone();
    assert_eq!((copy.info().path, copy.info().probe), (1, Some(0)));
    assert_eq!(copy, RtpPacket::default(), "it is not on the wire");
    assert_eq!(packet.take().info().path, 1);
    assert_eq!((packet.info().path, packet.info().probe), (0, None));
}

#[test]
fn ecn_bits_are_those_of_rfc_3168() {
    let table = [(0, Ecn::NotEct), (1, Ecn::Ect1), (2, Ecn::Ect0), (3, Ecn::Ce)];
    for (bits, ecn) in table {
        assert_eq!(Ecn::from_bits(bits), ecn);
        assert_eq!(Ecn::from_bits(0xb8 | bits), ecn, "the other bits are DSCP");
        assert_eq!(ecn.bits(), bits);
    }
}

#[test]
fn every_first_and_second_byte_has_its_protocol() {
    for first in 0..=255 {
        for second in 0..=255 {
            let expected = match (first & 0xc0, second) {
                (0x80, 192..=223) => Kind::Rtcp,
                (0x80, _) => Kind::Rtp,
                _ => Kind::Other,
            };
            assert_eq!(classify(&[first, second, 0, 0]), expected, "{first} {second}");
        }
    }
    assert_eq!(classify(&[]), Kind::Other);
    assert_eq!(classify(&[0x80]), Kind::Other);
}

#[test]
fn packets_go_to_other_threads() {
    const fn shared<T: Send + Sync + 'static>() {}
    shared::<RtpPacket>();
    shared::<RtcpPacket>();
}
