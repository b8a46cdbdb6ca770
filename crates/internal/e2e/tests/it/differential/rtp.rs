//! RTP beside `rtp` 0.17 and `rtc-rtp` 0.21.

use std::panic::catch_unwind;

use bytes::Bytes;
use interceptor_packet::RtpPacket;
use interceptor_test::hex;
use proptest::prelude::*;
use rtc_shared::marshal::Unmarshal as _;
use webrtc_util::marshal::Unmarshal as _;

/// The profile of an extension block, and its elements; a block of another form is one element 0.
type Block = (u16, Vec<(u8, Vec<u8>)>);

/// A packet as its fields, which is what the parsers are compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fields {
    marker: bool,
    payload_type: u8,
    seq: u16,
    timestamp: u32,
    ssrc: u32,
    csrcs: Vec<u32>,
    extensions: Option<Block>,
    payload: Vec<u8>,
}

impl Fields {
    fn ours(packet: &RtpPacket) -> Self {
        let extensions = packet.extension_block().map(|(profile, body)| {
            let elements = packet.extensions().map(|(id, value)| (id, value.to_vec())).collect();
            (profile, if has_elements(profile) { elements } else { vec![(0, body.to_vec())] })
        });
        Self {
            marker: packet.marker(),
            payload_type: packet.payload_type(),
            seq: packet.sequence_number(),
            timestamp: packet.timestamp(),
            ssrc: packet.ssrc(),
            csrcs: packet.csrcs().collect(),
            extensions,
            payload: packet.payload().to_vec(),
        }
    }

    /// On the wire: `spare` zero bytes behind the elements, which are filled up to a word, and padding.
    fn write(&self, spare: usize, padding: u8) -> Bytes {
        let bits = u8::from(padding > 0) << 5 | u8::from(self.extensions.is_some()) << 4;
        let mut bytes = vec![0x80 | bits | self.csrcs.len() as u8];
        bytes.push(u8::from(self.marker) << 7 | self.payload_type);
        bytes.extend(self.seq.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.csrcs.iter().flat_map(|csrc| csrc.to_be_bytes()));
        if let Some((profile, elements)) = &self.extensions {
            let mut body = Vec::new();
            for (id, value) in elements {
                match profile {
                    0xbede => body.push(id << 4 | (value.len() as u8 - 1)),
                    0x1000 => body.extend([*id, value.len() as u8]),
                    _ => {}
                }
                body.extend(value);
            }
            let spare = if has_elements(*profile) { spare } else { 0 };
            body.resize((body.len() + spare).next_multiple_of(4), 0);
            bytes.extend(profile.to_be_bytes());
            bytes.extend(((body.len() / 4) as u16).to_be_bytes());
            bytes.extend(body);
        }
        bytes.extend(&self.payload);
        if padding > 0 {
            bytes.resize(bytes.len() + usize::from(padding) - 1, 0);
            bytes.push(padding);
        }
        bytes.into()
    }
}

/// The crates' packets have the same fields under the same names.
macro_rules! fields_of {
    ($packet:expr) => {{
        let packet = $packet;
        let elements =
            packet.header.extensions.iter().map(|element| (element.id, element.payload.to_vec())).collect();
        Fields {
            marker: packet.header.marker,
            payload_type: packet.header.payload_type,
            seq: packet.header.sequence_number,
            timestamp: packet.header.timestamp,
            ssrc: packet.header.ssrc,
            csrcs: packet.header.csrc.clone(),
            extensions: packet.header.extension.then_some((packet.header.extension_profile, elements)),
            payload: packet.payload.to_vec(),
        }
    }};
}

/// What `rtp` 0.17 reads; `Err` with what it says, or that it panics.
fn rtp_017(datagram: &Bytes) -> Result<Fields, String> {
    let parse = || rtp::packet::Packet::unmarshal(&mut datagram.clone());
    let parsed = catch_unwind(parse).map_err(|_| "panics".to_owned())?;
    parsed.map(|packet| fields_of!(packet)).map_err(|error| error.to_string())
}

/// What `rtc-rtp` 0.21 reads.
fn rtc_021(datagram: &Bytes) -> Result<Fields, String> {
    let parse = || rtc_rtp::packet::Packet::unmarshal(&mut datagram.clone());
    let parsed = catch_unwind(parse).map_err(|_| "panics".to_owned())?;
    parsed.map(|packet| fields_of!(packet)).map_err(|error| error.to_string())
}

/// Forms of RFC 8285 that everybody reads.
fn has_elements(profile: u16) -> bool {
    [0xbede, 0x1000].contains(&profile)
}

fn value(len: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), len)
}

fn extensions() -> impl Strategy<Value = Block> {
    let foreign = any::<u16>().prop_filter("a form of RFC 8285", |profile| {
        !has_elements(*profile) && !(0x1000..=0x100f).contains(profile)
    });
    let words = prop::collection::vec(any::<[u8; 4]>(), 0..6).prop_map(|words| words.concat());
    prop_oneof![
        prop::collection::vec((1_u8..15, value(1..17)), 0..6).prop_map(|elements| (0xbede, elements)),
        prop::collection::vec((1_u8.., value(0..40)), 0..6).prop_map(|elements| (0x1000, elements)),
        (foreign, words).prop_map(|(profile, body)| (profile, vec![(0, body)])),
    ]
}

fn fields() -> impl Strategy<Value = Fields> {
    let numbers = (any::<bool>(), 0_u8..128, any::<u16>(), any::<u32>(), any::<u32>());
    let csrcs = prop::collection::vec(any::<u32>(), 0..16);
    (numbers, csrcs, prop::option::of(extensions()), value(1..60)).prop_map(
        |((marker, payload_type, seq, timestamp, ssrc), csrcs, extensions, payload)| Fields {
            marker,
            payload_type,
            seq,
            timestamp,
            ssrc,
            csrcs,
            extensions,
            payload,
        },
    )
}

/// Does a walk over the block's one-byte elements meet an identifier that ends it?
fn has_reserved_id(packet: &RtpPacket) -> bool {
    let Some((0xbede, mut body)) = packet.extension_block() else { return false };
    while let [head, rest @ ..] = body {
        match head {
            0 => body = rest,
            0x01..=0x0f | 0xf0..=0xff => return true,
            head => body = rest.get(usize::from(head & 15) + 1..).unwrap_or_default(),
        }
    }
    false
}

/// Where the others are known to be wrong; the tests below state how.
fn others_are_wrong(packet: &RtpPacket) -> bool {
    let app_bits = packet.extension_block().is_some_and(|(profile, _)| (0x1001..=0x100f).contains(&profile));
    app_bits || has_reserved_id(packet) || packet.extensions_malformed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn valid_packets_are_read_alike(fields in fields(), spare in 0_usize..9, padding in prop_oneof![Just(0_u8), any::<u8>()]) {
        let datagram = fields.write(spare, padding);
        let ours = RtpPacket::parse(datagram.clone()).unwrap();
        prop_assert_eq!(&Fields::ours(&ours), &fields);
        prop_assert_eq!(rtp_017(&datagram), Ok(fields.clone()));
        prop_assert_eq!(rtc_021(&datagram), Ok(fields));
        // The way back is ours alone: the others have lost padding and spare bytes.
        prop_assert_eq!(ours.to_bytes(), datagram);
    }

    #[test]
    fn what_we_accept_of_damaged_packets_is_read_alike(
        fields in fields(),
        padding in 0_u8..5,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut datagram = fields.write(0, padding).to_vec();
        for (at, byte) in damage {
            let at = at.index(datagram.len().min(40));
            datagram[at] = byte;
        }
        let datagram = Bytes::from(datagram);
        let Ok(ours) = RtpPacket::parse(datagram.clone()) else { return Ok(()) };
        prop_assume!(!others_are_wrong(&ours));
        prop_assert_eq!(rtp_017(&datagram), Ok(Fields::ours(&ours)));
        prop_assert_eq!(rtc_021(&datagram), Ok(Fields::ours(&ours)));
    }
}

#[test]
fn elements_over_the_end_of_the_datagram_are_passed_over_where_rtp_panics() {
    for text in [
        "90600001 00000000 00000000 bede0001 1f000000",
        "90600001 00000000 00000000 10000001 01ff0000",
        "90600001 00000000 00000000 10000001 00000001",
    ] {
        let ours = RtpPacket::parse(hex(text)).unwrap();
        assert!(ours.extensions_malformed() && ours.extensions().count() == 0, "{text}");
        assert_eq!(ours.to_bytes(), hex(text));
        assert_eq!(rtp_017(&hex(text)), Err("panics".to_owned()), "{text}");
        assert!(rtc_021(&hex(text)).is_err(), "{text}");
    }
}

#[test]
fn elements_over_the_end_of_their_block_are_passed_over_where_the_others_take_media() {
    let media = "aabbccdd aabbccdd aabbccdd aabbccdd";
    let datagram = hex(&format!("90600001 00000000 00000000 bede0002 20ee1fff ffffffff {media}"));
    let ours = Fields::ours(&RtpPacket::parse(datagram.clone()).unwrap());
    assert_eq!((ours.extensions, ours.payload), (Some((0xbede, vec![(2, vec![0xee])])), hex(media).to_vec()));
    for theirs in [rtp_017(&datagram).unwrap(), rtc_021(&datagram).unwrap()] {
        assert_eq!(theirs.payload.len(), 5, "of sixteen bytes");
    }
}

#[test]
fn a_reserved_identifier_ends_the_elements_and_not_the_block_as_the_others_have_it() {
    let datagram = hex("90600001 00000000 00000000 bede0002 10aa f1bbcc 20dd00 99");
    let ours = Fields::ours(&RtpPacket::parse(datagram.clone()).unwrap());
    assert_eq!((ours.extensions, ours.payload), (Some((0xbede, vec![(1, vec![0xaa])])), vec![0x99]));
    for theirs in [rtp_017(&datagram).unwrap(), rtc_021(&datagram).unwrap()] {
        assert!(theirs.payload.len() > 1, "the block's rest as media: {theirs:?}");
    }
}

#[test]
fn two_byte_blocks_with_application_bits_have_elements_where_the_others_see_none() {
    let datagram = hex("90600001 00000000 00000000 1005 0001 0301bb00 99");
    let packet = RtpPacket::parse(datagram.clone()).unwrap();
    assert_eq!(packet.extension(3), Some(&[0xbb][..]));
    for theirs in [rtp_017(&datagram).unwrap(), rtc_021(&datagram).unwrap()] {
        assert_eq!(theirs.extensions, Some((0x1005, vec![(0, hex("0301bb00").to_vec())])));
    }
}

#[test]
fn padding_alone_is_a_packet_and_padding_of_nothing_is_none() {
    // All the payload is padding: a probe.
    let probe = hex("a0600001 00000000 00000000 00000004");
    let ours = RtpPacket::parse(probe.clone()).unwrap();
    assert_eq!((ours.payload_len(), ours.padding_len(), ours.to_bytes()), (0, 4, probe));
    // A count of zero, and a bit without a count.
    for text in ["a0600001 00000000 00000000 aabbcc00", "a0600001 00000000 00000000"] {
        assert!(RtpPacket::parse(hex(text)).is_err());
    }
    assert!(rtp_017(&hex("a0600001 00000000 00000000 aabbcc00")).is_ok(), "the others keep the zero");
}

#[test]
fn only_version_2_is_rtp() {
    for first in ["00", "40", "c0"] {
        let datagram = hex(&format!("{first}600001 00000000 00000000 99"));
        assert!(RtpPacket::parse(datagram.clone()).is_err());
        assert!(rtp_017(&datagram).is_ok() && rtc_021(&datagram).is_ok(), "the others do not look");
    }
}
