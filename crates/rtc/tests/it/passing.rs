//! What the chain leaves as it was is the stack's own packet still; what it changes is converted.

use interceptor_core::Registry;
use interceptor_core::packet::{Ecn, Origin};
use interceptor_rtc::ChainInterceptor;
use interceptor_stats::StatsFactory;
use rtc_interceptor::{Attribute, Interceptor as _, Packet, TaggedPacket};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtp::header::{EXTENSION_PROFILE_ONE_BYTE, Extension};
use rtc_shared::EcnCodepoint;
use sansio::Protocol as _;

use crate::kit::{
    Deed, SSRC, Scripted, adapter, as_rtcp, as_rtp, at, media, reads, rtcp, rtp, tagged, video, with, writes,
};

fn bound(deed: Deed) -> ChainInterceptor {
    let (mut adapter, _) = with(Scripted(deed));
    adapter.bind_local_stream(&video());
    adapter.bind_remote_stream(&video());
    adapter
}

/// One message each way.
fn both_ways(adapter: &mut ChainInterceptor, message: impl Fn() -> TaggedPacket) -> [Vec<TaggedPacket>; 2] {
    adapter.handle_write(message()).expect("never an error");
    adapter.handle_read(message()).expect("never an error");
    [writes(adapter), reads(adapter)]
}

fn padded_with_extensions() -> rtc_rtp::Packet {
    let mut packet = media(1);
    let header = &mut packet.header;
    (header.padding, header.extension, header.extensions_padding) = (true, true, 5);
    header.extension_profile = EXTENSION_PROFILE_ONE_BYTE;
    header.extensions = vec![Extension { id: 4, payload: bytes::Bytes::from_static(b"0") }];
    header.csrc = vec![7, 8];
    packet
}

#[test]
fn a_packet_that_nobody_changes_is_the_stacks_own() {
    let packet = padded_with_extensions();
    let marked = || {
        let mut message = rtp(packet.clone(), at(1));
        message.message.add(Attribute::Custom(std::sync::Arc::new(42_u32)));
        message.transport.ecn = Some(EcnCodepoint::Ect1);
        message
    };
    for through in both_ways(&mut bound(Deed::Pass), marked) {
        let [only] = &through[..] else { panic!("{through:?}", through = through.len()) };
        assert_eq!(as_rtp(only), &packet, "padding bit and odd padding between extensions included");
        assert_eq!(as_rtp(only).payload.as_ptr(), packet.payload.as_ptr());
        assert_eq!(
            as_rtp(only).header.extensions[0].payload.as_ptr(),
            packet.header.extensions[0].payload.as_ptr()
        );
        assert_eq!(only.message.custom::<u32>(), Some(&42));
        assert_eq!((only.now, only.transport.ecn), (at(1), Some(EcnCodepoint::Ect1)));
    }
}

#[test]
fn a_packet_of_an_unknown_ssrc_is_the_stacks_own() {
    let (mut adapter, handle) = with(Scripted(Deed::Mark));
    let packet = media(1);
    for through in both_ways(&mut adapter, || rtp(packet.clone(), at(1))) {
        assert_eq!(as_rtp(&through[0]).payload.as_ptr(), packet.payload.as_ptr());
    }
    let counters = handle.counters().expect("open");
    assert_eq!((counters.unbound_read, counters.unbound_written), (1, 1));
}

#[test]
fn a_compound_that_nobody_changes_is_the_stacks_own() {
    let pli = || Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: SSRC });
    let mut adapter = bound(Deed::Pass);
    for way in 0..2 {
        let message = rtcp(vec![pli()], at(1));
        let own = std::ptr::from_ref(&*as_rtcp(&message)[0]).cast::<u8>();
        let through = if way == 0 {
            adapter.handle_write(message).expect("never an error");
            writes(&mut adapter)
        } else {
            adapter.handle_read(message).expect("never an error");
            reads(&mut adapter)
        };
        assert_eq!(std::ptr::from_ref(&*as_rtcp(&through[0])[0]).cast::<u8>(), own, "the very same box");
    }
}

#[test]
fn a_packet_that_is_changed_keeps_its_attributes_and_its_payload() {
    let packet = padded_with_extensions();
    let message = || {
        let mut message = rtp(packet.clone(), at(1));
        message.message.add(Attribute::Custom(std::sync::Arc::new(42_u32)));
        message
    };
    for through in both_ways(&mut bound(Deed::Mark), message) {
        let changed = as_rtp(&through[0]);
        assert!(changed.header.marker);
        assert_eq!(changed.header.csrc, packet.header.csrc);
        assert_eq!(changed.header.extensions, packet.header.extensions);
        assert_eq!(changed.payload.as_ptr(), packet.payload.as_ptr());
        assert_eq!(through[0].message.custom::<u32>(), Some(&42));
    }
}

#[test]
fn what_an_interceptor_keeps_goes_nowhere() {
    for through in both_ways(&mut bound(Deed::Keep), || rtp(media(1), at(1))) {
        assert!(through.is_empty());
    }
}

#[test]
fn attributes_of_rtcp_that_an_interceptor_keeps_go_on() {
    let mut adapter = bound(Deed::Keep);
    let mut message = rtcp(vec![Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: SSRC })], at(1));
    message.message.add(Attribute::TargetBitrateChanged { bits_per_second: 1e6 });
    adapter.handle_read(message).expect("never an error");
    let through = reads(&mut adapter);
    assert!(as_rtcp(&through[0]).is_empty());
    assert!(through[0].message.has(&Attribute::TargetBitrateChanged { bits_per_second: 0.0 }));
}

#[test]
fn an_empty_compound_carries_attributes_past_the_chain() {
    let mut adapter = bound(Deed::Keep);
    let carrier = || {
        let mut message = tagged(Packet::Rtcp(Vec::new()), at(1));
        message.message.add(Attribute::TargetBitrateChanged { bits_per_second: 1e6 });
        message
    };
    for through in both_ways(&mut adapter, carrier) {
        assert!(as_rtcp(&through[0]).is_empty() && !through[0].message.attributes.is_empty());
    }
}

#[test]
fn congestion_marks_reach_the_chain_and_come_back_from_it() {
    let factory = StatsFactory::default();
    let stats = factory.handle();
    let (mut adapter, handle) = adapter(&Registry::new().with(factory));
    adapter.bind_remote_stream(&video());
    adapter.bind_local_stream(&video());
    let mut message = rtp(media(1), at(1));
    message.transport.ecn = Some(EcnCodepoint::Ce);
    adapter.handle_read(message).expect("never an error");
    let inbound = stats.stream("call", SSRC).and_then(|stream| stream.inbound_rtp).expect("bound");
    assert_eq!(inbound.packets_received_with_ce, 1);

    handle.with_chain(|chain| {
        let mut packet = interceptor_rtc::rtp_from(&media(2)).expect("RTP");
        packet.info_mut().ecn = Some(Ecn::Ect1);
        packet.info_mut().origin = Origin::Retransmission;
        chain.write_rtp(packet, at(2));
    });
    let sent = writes(&mut adapter);
    assert_eq!(sent[0].transport.ecn, Some(EcnCodepoint::Ect1));
    assert!(sent[0].message.has(&Attribute::Retransmission));
}
