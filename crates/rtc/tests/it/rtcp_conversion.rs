//! RTCP of the stack and of the chain, against bytes.

use bytes::Bytes;
use interceptor_core::packet::RtcpPacket;
use interceptor_rtc::{ConvertError, rtcp_from, rtcp_to};
use interceptor_test::hex;
use proptest::prelude::*;
use rtc_rtcp::Packet;
use rtc_rtcp::extended_report::ExtendedReport;
use rtc_rtcp::goodbye::Goodbye;
use rtc_rtcp::packet::{marshal, unmarshal};
use rtc_rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::payload_feedbacks::receiver_estimated_maximum_bitrate::ReceiverEstimatedMaximumBitrate;
use rtc_rtcp::raw_packet::RawPacket;
use rtc_rtcp::receiver_report::ReceiverReport;
use rtc_rtcp::sender_report::SenderReport;
use rtc_rtcp::source_description::{
    SdesType, SourceDescription, SourceDescriptionChunk, SourceDescriptionItem,
};
use rtc_rtcp::transport_feedbacks::cc_feedback_report::CcFeedbackReport;
use rtc_rtcp::transport_feedbacks::transport_layer_nack::TransportLayerNack;

type Boxed = Box<dyn Packet>;
type Is = fn(&Boxed) -> bool;

/// A packet of each kind on the wire, and whether the stack's own type is what the chain's becomes.
const KINDS: [(&str, Is); 17] = [
    ("80c8000601020304e8fe6f801f9add3700015f90000000640001d4c0", is::<SenderReport>),
    ("81c90007010203040a0b0c0d0c00000500010063000000256f801f9a00054000", is::<ReceiverReport>),
    ("81c90007010203040a0b0c0d00fffffd00000063000000000000000000000000", is::<ReceiverReport>),
    ("81c90008010203040a0b0c0d00fffffd00000063000000000000000000000000deadbeef", is::<ReceiverReport>),
    ("81ca00040102030401067374 726561 6d00000000", is::<RawPacket>),
    ("81ca000301020304010575736572 0000", is::<SourceDescription>),
    ("81cb000101020304", is::<RawPacket>),
    ("82cb0004010203040a0b0c0d0662796520627900", is::<RawPacket>),
    ("81cd0003010203040a0b0c0d00648001", is::<TransportLayerNack>),
    ("81ce0002010203040a0b0c0d", is::<PictureLossIndication>),
    ("84ce000401020304000000000a0b0c0d07000000", is::<FullIntraRequest>),
    ("8fce0005010203040000000052454d42010bd0900a0b0c0d", is::<ReceiverEstimatedMaximumBitrate>),
    ("80cf00040102030404000002e8fe6f801f9add37", is::<ExtendedReport>),
    ("80cf000501020304050000030a0b0c0d6f801f9a00054000", is::<ExtendedReport>),
    ("80cf000501020304010000030a0b0c0d0001000240050000", is::<ExtendedReport>),
    ("80cc0003010203046e616d65deadbeef", is::<RawPacket>),
    ("8bcd0005010203040a0b0c0d006400028001800200010000", is::<CcFeedbackReport>),
];

fn is<T: 'static>(packet: &Boxed) -> bool {
    packet.as_any().is::<T>()
}

#[test]
fn every_kind_of_packet_that_comes_in_is_the_bytes_that_came() {
    for (text, _) in KINDS {
        let bytes = hex(text);
        let theirs = unmarshal(&mut bytes.clone()).expect("the stack reads it");
        let ours = rtcp_from(&theirs).expect("it can be written");
        assert_eq!((ours.as_bytes(), ours.malformed()), (&bytes, 0), "{text}");
    }
}

#[test]
fn every_kind_of_packet_that_the_chain_makes_leaves_as_it_was_made() {
    for (text, is_typed) in KINDS {
        let bytes = hex(text);
        let theirs = rtcp_to(&RtcpPacket::parse(bytes.clone()).expect("sound"));
        let [only] = &theirs[..] else { panic!("{theirs:?}") };
        assert!(is_typed(only), "{only:?}");
        assert_eq!(marshal(&theirs).expect("it can be written"), bytes, "{text}");
    }
}

#[test]
fn a_compound_keeps_its_order() {
    let text: String = KINDS.iter().map(|(text, _)| *text).collect();
    let ours = RtcpPacket::parse(hex(&text)).expect("sound");
    let theirs = rtcp_to(&ours);
    assert_eq!(theirs.len(), KINDS.len());
    assert_eq!(rtcp_from(&theirs).expect("it can be written"), ours);
}

#[test]
fn what_the_stack_cannot_read_leaves_as_bytes() {
    // Slice loss: the stack's parser looks for another packet type. A block of an unknown type: it forgets the type.
    for text in ["82ce0003010203040a0b0c0d00080001", "80cf000301020304ff000001deadbeef"] {
        let theirs = rtcp_to(&RtcpPacket::parse(hex(text)).expect("sound"));
        assert!(is::<RawPacket>(&theirs[0]));
        assert_eq!(marshal(&theirs).expect("it can be written"), hex(text));
    }
}

#[test]
fn a_list_that_is_longer_than_its_field_is_no_packet() {
    let bye = |sources| vec![Box::new(Goodbye { sources, reason: Bytes::new() }) as Boxed];
    assert!(rtcp_from(&bye(vec![1; 31])).is_ok());
    assert_eq!(rtcp_from(&bye(vec![1; 32])), Err(ConvertError::TooMuch));
    let item =
        |len| SourceDescriptionItem { sdes_type: SdesType::SdesCname, text: Bytes::from(vec![b'a'; len]) };
    let sdes = |len| {
        let chunks = vec![SourceDescriptionChunk { source: 1, items: vec![item(len)] }];
        vec![Box::new(SourceDescription { chunks }) as Boxed]
    };
    assert!(rtcp_from(&sdes(255)).is_ok());
    assert_eq!(rtcp_from(&sdes(256)), Err(ConvertError::TooMuch));
}

#[test]
fn no_packets_are_no_packet() {
    assert!(matches!(rtcp_from(&[]), Err(ConvertError::Rtcp(_))));
}

proptest! {
    /// Whatever a peer sends and the stack reads, the chain gets to see or the stack could not have written either: nothing
    /// panics.
    #[test]
    fn whatever_the_stack_reads_is_written_again_without_a_panic(
        kinds in prop::collection::vec((0..KINDS.len(), any::<[(prop::sample::Index, u8); 3]>()), 1..4),
    ) {
        let mut bytes = Vec::new();
        for (kind, changes) in kinds {
            let mut packet = hex(KINDS[kind].0).to_vec();
            for (place, value) in changes {
                let place = place.index(packet.len());
                // The length stays, so that the stack finds the next packet.
                if !(2..4).contains(&place) {
                    packet[place] = value;
                }
            }
            bytes.extend(packet);
        }
        if let Ok(theirs) = unmarshal(&mut Bytes::from(bytes))
            && let Ok(ours) = rtcp_from(&theirs)
        {
            let _ = rtcp_to(&ours);
        }
    }

    #[test]
    fn whatever_the_chain_holds_leaves_byte_by_byte(bytes in prop::collection::vec(any::<u8>(), 0..64), kind in 0..KINDS.len()) {
        let mut all = hex(KINDS[kind].0).to_vec();
        all.extend(bytes);
        let ours = RtcpPacket::parse(all.into()).expect("it starts with a sound packet");
        let sound: Vec<u8> = ours.packets().flat_map(|packet| packet.raw().to_vec()).collect();
        prop_assert_eq!(&marshal(&rtcp_to(&ours)).expect("it can be written")[..], &sound[..]);
    }
}
