//! Which RTCP goes on to the application.

use interceptor_core::Registry;
use interceptor_rtc::{ChainInterceptor, Delivery};
use rtc_interceptor::{Interceptor, Packet};
use rtc_rtcp::payload_feedbacks::full_intra_request::{FirEntry, FullIntraRequest};
use rtc_rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc_rtcp::receiver_report::ReceiverReport;
use sansio::Protocol as _;

use crate::kit::{SSRC, adapter, as_rtcp, at, rtcp, video};

/// A list of the stack's with the adapter in it, which ends RTCP unless it is wanted.
fn listed(delivery: Delivery) -> impl Interceptor {
    let (adapter, _) = adapter(&Registry::new());
    let adapter = adapter.with_rtcp_to_application(delivery);
    let mut list = rtc_interceptor::Registry::new().with(ChainInterceptor::SLOT, adapter).build();
    list.bind_local_stream(&video());
    list
}

/// The SSRCs that the first packet of each message is about: the stack gives a message to that track.
fn delivered(delivery: Delivery) -> Vec<(usize, Vec<u32>)> {
    let mut list = listed(delivery);
    let entry = |ssrc| FirEntry { ssrc, sequence_number: 1 };
    let compound: Vec<Box<dyn rtc_rtcp::Packet>> = vec![
        Box::new(ReceiverReport { ssrc: 1, ..ReceiverReport::default() }),
        Box::new(PictureLossIndication { sender_ssrc: 1, media_ssrc: SSRC }),
        Box::new(FullIntraRequest { sender_ssrc: 1, media_ssrc: 0, fir: vec![entry(7), entry(8)] }),
    ];
    list.handle_read(rtcp(compound, at(1))).expect("never an error");
    let messages = std::iter::from_fn(|| list.poll_read());
    messages
        .filter(|message| matches!(&message.message.packet, Packet::Rtcp(packets) if !packets.is_empty()))
        .map(|message| (as_rtcp(&message).len(), as_rtcp(&message)[0].destination_ssrc()))
        .collect()
}

#[test]
fn none_is_delivered_by_default() {
    assert_eq!(Delivery::default(), Delivery::None);
    assert_eq!(delivered(Delivery::None), []);
}

#[test]
fn requests_for_key_frames_are_delivered_one_by_one_to_their_tracks() {
    assert_eq!(delivered(Delivery::KeyframeRequests), [(1, vec![SSRC]), (1, vec![7]), (1, vec![8])]);
}

#[test]
fn all_is_delivered_as_it_came() {
    assert_eq!(delivered(Delivery::All), [(3, vec![])]);
}
