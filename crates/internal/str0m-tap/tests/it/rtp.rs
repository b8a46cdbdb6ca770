//! Received RTP, written again, beside what was on the way: SRTP leaves headers in the clear.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use interceptor_core::packet::RtpPacket;
use interceptor_core::packet::ext::{AbsSendTime, HeaderExtension};
use interceptor_core::{Registry, Stage};
use interceptor_test::{Clock, Recording};
use str0m_tap::call::{Call, CallPlan, ssrcs};
use str0m_tap::peers::Side;

use crate::kit::str0m_clock;

type Headers = Arc<Mutex<HashMap<(u32, u16), RtpPacket>>>;

const ABS_SEND_TIME: u8 = 2;

#[test]
fn received_headers_come_out_as_they_were_on_the_way() {
    let (recording, headers) = call();
    let received = recording.read_rtp();
    let retransmitted = received.iter().filter(|packet| packet.ssrc() == *ssrcs(Side::Right).1).count();
    assert!(received.len() >= 150 && retransmitted > 0, "all of them, some by retransmission");
    let headers = headers.lock().unwrap();
    for packet in received {
        let sent = &headers[&(packet.ssrc(), packet.sequence_number())];
        let (ours, theirs) = (without_send_time(&packet), without_send_time(sent));
        assert_eq!(ours, theirs);
        let apart = send_time(&packet).difference(send_time(sent));
        assert!(apart.abs() <= 1, "{apart} units of 3.8 µs");
    }
}

#[test]
fn received_payloads_come_out_as_they_were_written() {
    let (recording, _) = call();
    let media = *ssrcs(Side::Right).0;
    for packet in recording.read_rtp().iter().filter(|packet| packet.ssrc() == media) {
        let number = packet.sequence_number() as u8;
        assert_eq!(packet.payload()[0], 0);
        assert!(packet.payload()[1..].iter().all(|byte| *byte == number));
        assert_eq!(packet.payload_len(), 1_000);
    }
}

#[test]
fn sent_rtp_comes_out_as_it_was_on_the_way() {
    let (recording, headers) = call();
    let headers = headers.lock().unwrap();
    for packet in recording.written_rtp() {
        assert_eq!(packet.header(), headers[&(packet.ssrc(), packet.sequence_number())].header());
    }
}

/// What the tapped chain saw, and what was on the way, both ways.
fn call() -> (Recording, Headers) {
    let recording = Recording::new();
    let registry = Registry::new().with(recording.recorder("tap", Stage::CAPTURE));
    let options = CallPlan { loss: 0.0, ..CallPlan::default() };
    let mut call = Call::connect(&options, &registry, str0m_clock(), Clock::new().now()).unwrap();
    let headers = Headers::default();
    for side in [Side::Left, Side::Right] {
        let headers = headers.clone();
        call.peers().lose_if(side, move |_, datagram: &Bytes| {
            let packet = RtpPacket::parse(datagram.clone()).unwrap();
            let lost = packet.ssrc() == *ssrcs(side).0 && packet.sequence_number() % 40 == 7;
            headers.lock().unwrap().insert((packet.ssrc(), packet.sequence_number()), packet);
            lost
        });
    }
    call.talk(Duration::from_secs(1)).unwrap();
    (recording, headers)
}

fn send_time(packet: &RtpPacket) -> AbsSendTime {
    AbsSendTime::read(packet.extension(ABS_SEND_TIME).unwrap()).unwrap()
}

fn without_send_time(packet: &RtpPacket) -> Bytes {
    let mut packet = packet.clone();
    assert!(packet.remove_extension(ABS_SEND_TIME));
    Bytes::copy_from_slice(packet.header())
}
